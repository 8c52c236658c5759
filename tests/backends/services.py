"""Backends over the scripted upstream, with short patience."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from jisr.backends.upstream import Upstream
from jisr.bench.behaviours import Behaviour
from jisr.bench.upstream import ScriptedUpstream
from jisr.clock import Clock, FakeClock
from jisr.config import UpstreamSettings
from jisr.departure import Auditor, Unaudited
from jisr.door import Door

KEY = "sk-secret-0123456789"


@dataclass
class Sleeps:
    """Waits for nothing and remembers how long it should have."""

    asked_s: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.asked_s.append(seconds)


def settings(base_url: str | None, model: str | None = "ok", **more: Any) -> UpstreamSettings:
    usual = {
        "api_key_env": "JISR_CLOUD_API_KEY",
        "connect_timeout_s": 5,
        "read_timeout_s": 5,
        "turn_timeout_s": 5,
        "retries": 2,
    }
    return UpstreamSettings(base_url=base_url, model=model, **{**usual, **more})


@dataclass
class Serving:
    """A scripted upstream and our client of it."""

    server: ScriptedUpstream
    upstream: Upstream
    sleeps: Sleeps


@asynccontextmanager
async def serving(
    model: str = Behaviour.OK,
    *,
    key: str | None = KEY,
    clock: Clock | None = None,
    told: Auditor | None = None,
    script: dict[str, Any] | None = None,
    **more: Any,
) -> AsyncIterator[Serving]:
    """Serve, and close both sides on leaving; a service that hangs is not waited for long."""
    sleeps = Sleeps()
    if model in (Behaviour.HANG, Behaviour.HANG_MIDWAY):
        more.setdefault("read_timeout_s", 0.2)
    async with ScriptedUpstream(keeps=True, **(script or {})) as server:
        upstream = Upstream(
            settings(server.base_url, model, **more),
            key,
            clock or FakeClock(),
            Door(told or Unaudited(), [server.base_url]),
            sleep=sleeps,
            luck=lambda: 1.0,
        )
        try:
            yield Serving(server, upstream, sleeps)
        finally:
            await upstream.close()
