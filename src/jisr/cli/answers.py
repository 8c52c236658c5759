"""Where the command line gets its answers: a Jisr that runs, else one of its own.

A server that runs at the configured address answers at once, with its weights
warm. It is not asked when settings were given for this run, because they would
not be its settings, nor when this run is offline and the server is not. Else
the same endpoint is served for as long as it is needed, on a free loopback port
and under a key that nobody else knows: the command line, `curl` and every client
see one and the same Jisr.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jisr.cli.client import Client

if TYPE_CHECKING:
    from jisr.cli.context import Run
    from jisr.config import Settings

ANY_ADDRESS = ("0.0.0.0", "::")


@contextmanager
def answers(run: Run) -> Iterator[Client]:
    """Yield a client of the Jisr that will answer; what was started for it is stopped after.

    Raises:
        ConfigError: A setting cannot be what it is.
        ModelError: The weights are not here, or damaged.
    """
    has_own_settings = bool(run.arguments or run.is_offline or run.config_path)
    settings = run.settings
    found = None if has_own_settings else find_server(settings, must_be_offline=settings.offline)
    if found is not None:
        yield found
        return
    with _own(settings) as client:
        yield client


def find_server(settings: Settings, *, must_be_offline: bool = False) -> Client | None:
    """Return a client of the Jisr that runs at the configured address, or None."""
    server = settings.server
    host = "127.0.0.1" if server.host in ANY_ADDRESS else server.host
    name = f"[{host}]" if ":" in host else host
    client = Client(f"http://{name}:{server.port}", os.environ.get(server.api_key_env))
    health = client.health()
    if health is None or (must_be_offline and not health.get("offline")):
        return None
    return client


@contextmanager
def _own(settings: Settings) -> Iterator[Client]:
    import secrets

    from jisr.assemble import assemble  # a running server makes all of this needless
    from jisr.server.app import create_app
    from jisr.server.run import bind, in_thread
    from jisr.server.service import device_service

    key = secrets.token_urlsafe(24)
    own = settings.model_copy(
        update={"server": settings.server.model_copy(update={"host": "127.0.0.1", "port": 0})}
    )
    assembled = assemble(own)
    service = device_service(assembled, own, {own.server.api_key_env: key})
    with in_thread(create_app(service), bind("127.0.0.1", 0), on_stop=assembled.close) as url:
        yield Client(url, key)
