"""What the device's endpoint serves: its names, its defaults, its gate, its health."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial

from jisr import __version__, offline
from jisr.assemble import Assembled, find_server_key
from jisr.config import Settings
from jisr.server.app import Service
from jisr.server.auth import Gate
from jisr.server.wire import Defaults
from jisr.types import Wish

MODELS: dict[str, Wish | None] = {
    "jisr": None,
    "jisr/device": Wish.ONLY_DEVICE,
    "jisr/cloud": Wish.ONLY_CLOUD,
}


def device_service(
    assembled: Assembled, settings: Settings, environ: Mapping[str, str] = os.environ
) -> Service:
    """Return the service of `jisr serve`.

    Raises:
        ConfigError: The address is not loopback and there is no key.
    """
    return Service(
        runtime=assembled.runtime,
        defaults=defaults(settings, MODELS),
        gate=device_gate(settings, environ),
        health=partial(health, assembled, "device"),
        max_body_bytes=settings.server.max_body_bytes,
    )


def device_gate(settings: Settings, environ: Mapping[str, str] = os.environ) -> Gate:
    """Return who may call; needs no weights, so it can be asked before they are loaded.

    Raises:
        ConfigError: The address is not loopback and there is no key.
    """
    server = settings.server
    return Gate.build(
        server.host,
        find_server_key(server.api_key_env, environ),
        key_variable=server.api_key_env,
        hosts=server.allowed_hosts,
        origins=server.allowed_origins,
    )


def defaults(settings: Settings, models: Mapping[str, Wish | None]) -> Defaults:
    """Return what a request means where it says nothing."""
    return Defaults(
        models=models,
        wish=settings.wish,
        temperature=settings.device.temperature,
        max_output_tokens=settings.device.max_output_tokens,
    )


def health(assembled: Assembled, role: str) -> dict[str, object]:
    """Return how the parts behind an endpoint are; nothing is asked beyond this process."""
    runtime, engine = assembled.runtime, assembled.engine
    device, cloud = runtime.device, runtime.cloud
    return {
        "status": "ok",
        "service": "jisr",
        "version": __version__,
        "role": role,
        "offline": offline.is_offline(),
        "device": device
        and {
            "model": device.backend.model,
            "running": engine.num_running if engine else None,
            "waiting": engine.num_waiting if engine else None,
        },
        "cloud": cloud and {"model": cloud.backend.model, "is_healthy": cloud.is_healthy()},
    }
