"""The cloud role: this machine's engine, served so that it can be somebody's cloud.

The same endpoint as the device's, with one model and one place. It keeps no
text, looks for no private spans (what it is sent was redacted before) and has
nowhere else to send a turn. Beside that it verifies what devices draft.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial

from jisr.assemble import Assembled, find_server_key, name_of
from jisr.clock import SystemClock
from jisr.cloud.verify import VerifyService
from jisr.config import Settings
from jisr.joint.verifier import SessionLimits, Verifier
from jisr.joint.wire import MAX_FRAME_BYTES
from jisr.server.app import Service
from jisr.server.auth import Gate
from jisr.server.service import defaults, health
from jisr.types import Wish


def cloud_service(assembled: Assembled, settings: Settings, gate: Gate) -> Service:
    """Return the service of `jisr cloud`; `cloud_gate` makes its gate."""
    device = assembled.runtime.device
    assert device is not None, "the cloud role has an engine"
    verify = verify_service(assembled, settings) if settings.cloud_role.verify else None
    return Service(
        runtime=assembled.runtime,
        defaults=defaults(
            settings, {device.backend.model: Wish.ONLY_DEVICE}, host=settings.cloud_role.host
        ),
        gate=gate,
        health=partial(_health, assembled, gate, verify),
        max_body_bytes=settings.server.max_body_bytes,
        max_connections=settings.server.max_connections,
        routes=verify.routes if verify else (),
        max_frame_bytes=MAX_FRAME_BYTES if verify else 0,
    )


def verify_service(assembled: Assembled, settings: Settings) -> VerifyService:
    """Return what verifies drafts on the role's engine."""
    role, engine = settings.cloud_role, assembled.engine
    assert engine is not None, "the cloud role has an engine"
    limits = SessionLimits(
        max_sessions=role.max_sessions,
        max_sessions_per_client=role.max_sessions_per_client,
        session_idle_s=role.session_idle_s,
    )
    verifier = Verifier(engine, limits, SystemClock(), model=name_of(role.model))
    return VerifyService(verifier, role.max_verify_connections)


def cloud_gate(settings: Settings, environ: Mapping[str, str] = os.environ) -> Gate:
    """Return who may call; needs no weights, so it can be asked before they are loaded.

    Raises:
        ConfigError: The address is not loopback and there is no key.
    """
    role = settings.cloud_role
    return Gate.build(
        role.host,
        find_server_key(role.api_key_env, environ),
        key_variable=role.api_key_env,
        hosts=settings.server.allowed_hosts,
    )


def _health(assembled: Assembled, gate: Gate, verify: VerifyService | None) -> dict[str, object]:
    return {**health(assembled, "cloud", gate), "verify": verify and verify.health()}
