"""`jisr up`: the whole of Jisr on one machine, with a stand-in for the cloud.

The stand-in is a larger model in a process of its own, served by `jisr cloud` on
loopback: nothing leaves the machine, and every turn goes the way it would go.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from jisr.bench.children import stop
from jisr.cli.ask import answer
from jisr.cli.client import Client
from jisr.cli.context import Run, pass_run
from jisr.cli.exposed import warn_of_exposed
from jisr.cli.progress import shown_progress
from jisr.cli.terminal import WISH_OF_PLACE, show_summary
from jisr.errors import BackendUnavailable
from jisr.private_files import make_folder, open_private

if TYPE_CHECKING:
    from jisr.config import Settings

QUESTION = "In one sentence: what is a bridge for?"
START_TIMEOUT_S = 120.0
LOOK_S = 0.5
"""How soon it is seen that the stand-in has ended."""
LOG_FILE = "stand-in-cloud.log"


@click.command()
@click.option("--port", type=int, help="Port to bind; 0 takes a free one. [server.port]")
@click.option("--once", is_flag=True, help="Stop after the first answers.")
@click.option("--question", default=QUESTION, show_default=True, help="What is asked first.")
@pass_run
def up(run: Run, port: int | None, once: bool, question: str) -> None:
    """Pull what is missing, start a stand-in cloud, answer a first question, and serve.

    \b
    Examples:
      jisr up
      jisr up --once --question "ما هو الجسر؟"
      jisr --set cloud_role.model=./big.gguf up --port 0
    """
    from jisr.server.run import bind  # `--help` needs no server

    run = run.with_arguments({"server.port": port})
    settings = run.settings
    warn_of_exposed(run)
    signal.signal(signal.SIGTERM, _leave)
    with bind(settings.server.host, settings.server.port) as listener:
        _pull_missing(settings)
        with _stand_in(run) as stand_in:
            device = run.with_arguments(_cloud(settings, stand_in.client.url)).settings
            with _device(device, listener, stand_in.client) as client:
                _wait_until_there(stand_in)  # it has loaded its weights beside the device
                _first_answers(client, question)
                if not once:
                    click.echo(f"\nJisr listens at {client.url} (Ctrl-C stops it)", err=True)
                    _stay(stand_in)


def _pull_missing(settings: Settings) -> None:
    from jisr.assemble import store  # `--help` needs no weights

    weights = store(settings)
    for name in (settings.device.model, settings.cloud_role.model):
        if not name.endswith(".gguf"):
            with shown_progress(name) as progress:
                weights.pull(name, progress=progress, is_offline=settings.offline)


@dataclass(frozen=True, slots=True)
class StandIn:
    """The stand-in cloud, a process of its own."""

    client: Client
    child: subprocess.Popen[bytes]
    log: Path


@contextmanager
def _stand_in(run: Run) -> Iterator[StandIn]:
    """Run `jisr cloud` on this run's settings, its file and environment too."""
    from jisr.server.run import free_port  # `--help` needs no server

    settings = run.settings
    key = secrets.token_urlsafe(24)
    port = free_port()
    make_folder(settings.home)
    log = settings.home / LOG_FILE
    where = run.with_arguments({"cloud_role.host": "127.0.0.1", "cloud_role.port": port})
    command = [sys.executable, "-m", "jisr", *where.words, "cloud", "--until-eof"]
    environ = {**os.environ, settings.cloud_role.api_key_env: key}
    with open(open_private(log, os.O_WRONLY | os.O_TRUNC), "wb") as output:
        child = subprocess.Popen(
            command, env=environ, stdin=subprocess.PIPE, stdout=output, stderr=output
        )
        try:
            client = Client(f"http://127.0.0.1:{port}", key)
            yield StandIn(client, child, log)
        finally:
            stop(child)


def _cloud(settings: Settings, url: str) -> dict[str, object]:
    """Return the settings that make the stand-in the one cloud of this run."""
    return {
        "cloud.base_url": f"{url}/v1",
        "cloud.model": _name(settings),
        "cloud.context_tokens": settings.device.context_tokens,
        "cloud.price_model": "",
        "cloud.fallbacks": "",
    }


def _wait_until_there(stand_in: StandIn) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while stand_in.client.health(role="cloud") is None:
        if stand_in.child.poll() is not None or time.monotonic() > until:
            text = stand_in.log.read_text(encoding="utf-8", errors="replace")
            why = (text.strip().splitlines() or ["it said nothing"])[-1].removeprefix("Error: ")
            raise BackendUnavailable(
                f"The stand-in cloud did not start: {why} (see {stand_in.log})"
            )
        time.sleep(0.1)


def _stay(stand_in: StandIn) -> None:
    """Return when a signal says so; tell if the stand-in ends before."""
    with suppress(KeyboardInterrupt, SystemExit):
        while stand_in.child.poll() is None:
            time.sleep(LOOK_S)
        click.secho(
            f"The stand-in cloud has ended (see {stand_in.log}): the device answers alone. "
            "Start `jisr up` again to have both.",
            fg="yellow",
            err=True,
        )
        signal.pause()


@contextmanager
def _device(settings: Settings, listener: socket.socket, cloud: Client) -> Iterator[Client]:
    """Serve the device on `listener`, with the stand-in as its cloud."""
    from jisr.assemble import assemble  # `--help` needs no engine
    from jisr.server.app import create_app
    from jisr.server.run import in_thread
    from jisr.server.service import device_gate, device_service

    environ = {**os.environ, settings.cloud.api_key_env: cloud.key or ""}
    gate = device_gate(settings, environ)
    assembled = assemble(settings, environ)
    app = create_app(device_service(assembled, settings, gate))
    with in_thread(app, listener, on_stop=assembled.close) as url:
        yield Client(url, gate.key)


def _first_answers(client: Client, question: str) -> None:
    for place, wish in WISH_OF_PLACE.items():
        click.secho(f"\n[{place}] {question}", bold=True)
        body = {
            "model": "jisr",
            "messages": [{"role": "user", "content": question}],
            "max_tokens": 128,
            "jisr": {"wish": wish},
        }
        start = time.perf_counter()
        _, ended = answer(client, body)
        click.echo()
        show_summary(ended, time.perf_counter() - start)


def _name(settings: Settings) -> str:
    from jisr.assemble import name_of  # `--help` needs no engine

    return name_of(settings.cloud_role.model)


def _leave(signum: int, _: object) -> NoReturn:
    raise SystemExit(128 + signum)
