"""Where the command line gets its answers: a Jisr that runs, else one of its own.

A server that runs at the configured address answers at once, with its weights
warm. It is not asked when settings were given for this run, as options or in the
environment, because they would not be its settings; nor when this run is offline
and the server is not. The wish, and how joint is to be done, go with every
question. Else the same endpoint is served for as long as it is needed, on a free
loopback port and under a key that nobody else knows: the command line, `curl` and
every client see one and the same Jisr.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jisr.cli.client import Client
from jisr.cli.exposed import warn_of_exposed

if TYPE_CHECKING:
    from jisr.cli.context import Run
    from jisr.config import Settings

ANY_ADDRESS = ("0.0.0.0", "::")
SAID_ELSEWHERE = (
    *("server.", "cloud_role.", "wish", "joint.goal", "joint.exact"),
    *("offline", "home", "models_dir", "log_level"),
)
"""Settings that may be in the environment: they say where the server is, are asked of it or go
with the question, or bear on no answer."""


@contextmanager
def answers(run: Run) -> Iterator[Client]:
    """Yield a client of the Jisr that will answer; what was started for it is stopped after.

    Raises:
        ConfigError: A setting cannot be what it is.
        ModelError: The weights are not here, or damaged.
    """
    settings = run.settings
    found = None
    if not has_own_settings(run):
        found = find_server(settings, must_be_offline=settings.offline)
    if found is not None:
        yield found
        return
    warn_of_exposed(run)
    with _own(settings) as client:
        yield client


def has_own_settings(run: Run) -> bool:
    """Whether settings were given for this run, so that it cannot be another's to answer."""
    return bool(run.arguments or run.is_offline or run.config_path) or any(
        origin.startswith("environment ") and not name.startswith(SAID_ELSEWHERE)
        for name, origin in run.loaded.origins.items()
    )


def find_server(settings: Settings, *, must_be_offline: bool = False) -> Client | None:
    """Return a client of the Jisr that runs at the configured address, or None."""
    server = settings.server
    host = "127.0.0.1" if server.host in ANY_ADDRESS else server.host
    name = f"[{host}]" if ":" in host else host
    url = f"http://{name}:{server.port}"
    health = Client(url).health()
    if health is None or (must_be_offline and not health.get("offline")):
        return None
    return Client(url, find_key(server.api_key_env) if health.get("needs_key") else None)


def find_key(variable: str) -> str | None:
    """Return the key of a server here, from the environment or the keyring.

    Raises:
        ConfigError: What was found cannot be a key.
    """
    if key := os.environ.get(variable, "").strip():
        return key
    from jisr.assemble import find_server_key  # slow to import, and seldom needed

    return find_server_key(variable, os.environ)


@contextmanager
def _own(settings: Settings) -> Iterator[Client]:
    import secrets

    from jisr.assemble import assemble  # a running server makes all of this needless
    from jisr.server.app import create_app
    from jisr.server.run import bind, in_thread
    from jisr.server.service import device_gate, device_service

    key = secrets.token_urlsafe(24)
    own = settings.model_copy(
        update={"server": settings.server.model_copy(update={"host": "127.0.0.1", "port": 0})}
    )
    assembled = assemble(own)
    service = device_service(assembled, own, device_gate(own, {own.server.api_key_env: key}))
    with in_thread(create_app(service), bind("127.0.0.1", 0), on_stop=assembled.close) as url:
        yield Client(url, key)
