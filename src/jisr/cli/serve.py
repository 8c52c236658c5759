"""`jisr serve`: the device's endpoint, until it is told to stop."""

from __future__ import annotations

import click

from jisr.cli.context import Run, pass_run
from jisr.cli.exposed import warn_of_exposed


@click.command()
@click.option("--host", help="Address to bind; any but loopback needs a key. [server.host]")
@click.option("--port", type=int, help="Port to bind; 0 takes a free one. [server.port]")
@click.option("--until-eof", is_flag=True, help="Stop when standard input ends.")
@pass_run
def serve(run: Run, host: str | None, port: int | None, until_eof: bool) -> None:
    """Serve the OpenAI-compatible endpoint until Ctrl-C.

    Models: jisr decides, jisr/device stays here, jisr/cloud goes there.

    \b
    Examples:
      jisr serve
      jisr serve --port 9000
      JISR_SERVER_API_KEY=… jisr serve --host 0.0.0.0
      curl http://127.0.0.1:8484/v1/chat/completions -H 'Content-Type: application/json' \\
           -d '{"model": "jisr", "messages": [{"role": "user", "content": "Hello!"}]}'
    """
    from jisr.assemble import assemble  # `--help` needs no engine
    from jisr.privacy.warming import warm
    from jisr.server.app import create_app
    from jisr.server.run import bind, serve_until_stopped, stop_at_eof, url_of
    from jisr.server.service import device_gate, device_service

    settings = run.with_arguments({"server.host": host, "server.port": port}).settings
    warn_of_exposed(run)
    if until_eof:
        stop_at_eof()
    gate = device_gate(settings)
    listener = bind(settings.server.host, settings.server.port)
    with listener:
        assembled = assemble(settings)
        app = create_app(device_service(assembled, settings, gate))
        if settings.cloud.base_url:
            warm()  # before the first turn that may leave
        said = f"Jisr listens at {url_of(listener)} (Ctrl-C stops it)"
        serve_until_stopped(
            app, listener, on_ready=lambda: click.echo(said, err=True), on_stop=assembled.close
        )
