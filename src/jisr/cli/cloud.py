"""`jisr cloud`: this machine as the cloud of other devices."""

from __future__ import annotations

import click

from jisr.cli.context import Run, pass_run
from jisr.cli.exposed import warn_of_exposed


@click.command()
@click.option("--model", help="Name in the catalog, or path of a GGUF file. [cloud_role.model]")
@click.option("--host", help="Address to bind; any but loopback needs a key. [cloud_role.host]")
@click.option("--port", type=int, help="Port to bind; 0 takes a free one. [cloud_role.port]")
@click.option("--until-eof", is_flag=True, help="Stop when standard input ends.")
@pass_run
def cloud(run: Run, model: str | None, host: str | None, port: int | None, until_eof: bool) -> None:
    """Serve one model so that it can be somebody's cloud, until Ctrl-C.

    \b
    Examples:
      jisr cloud --model qwen2.5-coder-1.5b
      JISR_CLOUD_ROLE_API_KEY=… jisr cloud --host 0.0.0.0 --model ./big.gguf
      # and on the device:
      JISR_CLOUD_API_KEY=… jisr --set cloud.base_url=http://box:8485/v1 \\
           --set cloud.model=big serve
    """
    from jisr.assemble import assemble_cloud  # `--help` needs no engine
    from jisr.cloud.service import cloud_gate, cloud_service
    from jisr.server.app import create_app
    from jisr.server.run import bind, serve_until_stopped, stop_at_eof, url_of

    given = {"cloud_role.model": model, "cloud_role.host": host, "cloud_role.port": port}
    settings = run.with_arguments(given).settings
    warn_of_exposed(run)
    if until_eof:
        stop_at_eof()
    gate = cloud_gate(settings)
    listener = bind(settings.cloud_role.host, settings.cloud_role.port)
    with listener:
        assembled = assemble_cloud(settings)
        service = cloud_service(assembled, settings, gate)
        name = next(iter(service.defaults.models))
        said = f"Jisr's cloud role serves {name} at {url_of(listener)}/v1 (Ctrl-C stops it)"
        engine = assembled.engine
        if engine is not None and settings.cloud_role.verify:
            exact = engine.exactness.strict_block
            said += f"; it verifies drafts, strictly up to {exact} tokens a pass"
        serve_until_stopped(
            create_app(service),
            listener,
            on_ready=lambda: click.echo(said, err=True),
            on_stop=assembled.close,
            max_frame_bytes=service.max_frame_bytes,
        )
