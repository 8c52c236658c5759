"""What the device's endpoint serves: its names, its defaults, its gate, its health."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial

from jisr import __version__, offline
from jisr.assemble import Assembled, find_server_key
from jisr.config import Settings
from jisr.offline import is_loopback
from jisr.server.app import Service
from jisr.server.auth import Gate
from jisr.server.conversations import conversation_routes
from jisr.server.wire import Defaults
from jisr.types import JointOptions, Wish

MODELS: dict[str, Wish | None] = {
    "jisr": None,
    "jisr/device": Wish.ONLY_DEVICE,
    "jisr/cloud": Wish.ONLY_CLOUD,
    "jisr/joint": Wish.PREFER_JOINT,
}
ENGINE_STOPPED = "the engine has stopped: start Jisr again"


def device_service(assembled: Assembled, settings: Settings, gate: Gate) -> Service:
    """Return the service of `jisr serve`; `device_gate` makes its gate."""
    return Service(
        runtime=assembled.runtime,
        defaults=defaults(settings, MODELS, host=settings.server.host),
        gate=gate,
        health=partial(health, assembled, "device", gate),
        max_body_bytes=settings.server.max_body_bytes,
        max_connections=settings.server.max_connections,
        routes=conversation_routes(assembled.runtime),
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


def defaults(settings: Settings, models: Mapping[str, Wish | None], *, host: str) -> Defaults:
    """Return what a request means where it says nothing, at a server that binds `host`."""
    return Defaults(
        models=models,
        wish=settings.wish,
        temperature=settings.device.temperature,
        max_output_tokens=settings.device.max_output_tokens,
        allows_grammar=is_loopback(host) or settings.server.allow_grammar,
        joint=JointOptions(settings.joint.goal, settings.joint.exact),
    )


def health(assembled: Assembled, role: str, gate: Gate) -> dict[str, object]:
    """Return how the parts behind an endpoint are; nothing is asked beyond this process."""
    runtime, engine = assembled.runtime, assembled.engine
    device, cloud = runtime.device, runtime.cloud
    return {
        "status": ENGINE_STOPPED if engine and not engine.is_alive else "ok",
        "service": "jisr",
        "version": __version__,
        "role": role,
        "offline": offline.is_offline(),
        "needs_key": gate.key is not None,
        "device": device
        and {
            "model": device.backend.model,
            "running": engine.num_running if engine else None,
            "waiting": engine.num_waiting if engine else None,
        },
        "cloud": cloud and {"model": cloud.backend.model, "is_healthy": cloud.is_healthy()},
        "joint": runtime.joint_offer and asdict(runtime.joint_offer),
    }
