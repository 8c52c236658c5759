"""Runtimes built by hand, out of what the package ships for tests."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from jisr.backends.base import Backend
from jisr.backends.cloud import CloudBackend
from jisr.backends.scripted import Line, ScriptedBackend
from jisr.backends.upstream import Upstream
from jisr.bench.behaviours import Behaviour
from jisr.bench.upstream import ScriptedUpstream
from jisr.clock import Clock, FakeClock
from jisr.config import PrivacySettings, UpstreamSettings
from jisr.door import unaudited
from jisr.ledger.bill import Bill, CloudRate, Rates
from jisr.ledger.energy import EnergyMeter
from jisr.ledger.prices import PriceTable
from jisr.places import Checker, CloudPlace, DevicePlace, JointPlace, Limits, Recorder
from jisr.privacy.planner import Planner
from jisr.privacy.policy import Policy, load_policy
from jisr.privacy.recognizers import load_recognizers
from jisr.privacy.sight import Sight
from jisr.privacy.vault_store import TurnVaults, Vaults
from jisr.runtime import Runtime
from jisr.turn import Output
from jisr.types import (
    Delta,
    Exact,
    FinishReason,
    Goal,
    JointOffer,
    JointUse,
    Message,
    Outbound,
    Request,
    Role,
    TurnRecord,
    Usage,
)

USAGE = Usage(input_tokens=5, output_tokens=2)
OFFER = JointOffer(
    model="large", joint_ms=20.0, alone_ms=50.0, passes_per_token=0.4, strict_block=8
)
JOINT_USE = JointUse(
    goal=Goal.FAST,
    exact=Exact.FAST,
    drafted=60,
    accepted=41,
    passes=12,
    rounds=11,
    alone=2,
    bytes_up=300,
    bytes_down=400,
    rtt_ms=20.5,
    block_lengths=(5, 6),
    strict_block=8,
)
TODAY = date(2025, 6, 1)
BALANCED = load_policy("balanced")
SIGHT = Sight(load_recognizers(PrivacySettings()))
PATIENCE: dict[str, Any] = {"read_timeout_s": 10, "turn_timeout_s": 20, "retries": 0}


@dataclass
class Kept:
    """A recorder that keeps records in memory."""

    spent: Decimal = Decimal(0)
    records: list[TurnRecord] = field(default_factory=list)

    def record(self, record: TurnRecord) -> None:
        self.records.append(record)

    def spent_usd(self, since: datetime) -> Decimal:
        return self.spent

    @property
    def last(self) -> TurnRecord:
        return self.records[-1]


def saying(*lines: Line, model: str = "scripted") -> ScriptedBackend:
    return ScriptedBackend(lines or [["hello"]] * 100, model=model, usage=USAGE)


def drafting(*pieces: str, use: JointUse = JOINT_USE) -> ScriptedBackend:
    """Return what stands for device and cloud that work on one answer."""
    end = Delta("", finish_reason=FinishReason.STOP, usage=USAGE, joint=use)
    return ScriptedBackend([[*pieces, end]] * 100, model="large")


def runtime(
    *,
    device: Backend[Request] | None = None,
    cloud: Backend[Outbound] | None = None,
    joint: Backend[Outbound] | None = None,
    offer: JointOffer | None = None,
    recorder: Recorder | None = None,
    limits: Limits | None = None,
    sight: Sight = SIGHT,
    policy: Policy = BALANCED,
    vaults: Vaults | None = None,
    clock: Clock | None = None,
    checker: Checker | None = None,
    device_context_tokens: int = 4096,
    device_takes_tools: bool = False,
    cloud_context_tokens: int = 128_000,
    is_cloud_healthy: bool = True,
    is_cloud_loopback: bool = False,
    clouds: tuple[CloudRate, ...] = (CloudRate(model="gpt-4o-mini", is_free=False),),
) -> Runtime:
    clock = clock or FakeClock()
    rates = Rates(
        clouds=clouds,
        reference_model="gpt-4o-mini",
        device_watts=15,
        cloud_joules_per_token=2,
    )
    is_healthy = cloud.is_healthy if isinstance(cloud, CloudBackend) else lambda: is_cloud_healthy
    return Runtime(
        device=DevicePlace(
            backend=device,
            context_tokens=device_context_tokens,
            takes_tools=device_takes_tools,
        )
        if device
        else None,
        cloud=CloudPlace(
            backend=cloud,
            context_tokens=cloud_context_tokens,
            is_loopback=is_cloud_loopback,
            is_healthy=is_healthy,
        )
        if cloud
        else None,
        joint=JointPlace(backend=joint, offer=lambda _: offer) if joint else None,
        sight=sight,
        planner=Planner(policy, lambda: TODAY),
        vaults=vaults or TurnVaults(),
        limits=limits or Limits(),
        bill=Bill(rates, PriceTable.load(None), EnergyMeter(), clock),
        recorder=recorder or Kept(),
        clock=clock,
        checker=checker,
    )


def cloud_at(
    base_url: str, model: str = "ok", clock: Clock | None = None, **more: Any
) -> CloudBackend:
    """Return a client of a scripted upstream, which tries once only."""
    if model in (Behaviour.HANG, Behaviour.HANG_MIDWAY):
        more.setdefault("read_timeout_s", 0.2)
    settings = UpstreamSettings(base_url=base_url, model=model, **(PATIENCE | more))
    return CloudBackend(Upstream(settings, "sk-cloud", clock or FakeClock(), unaudited(base_url)))


@asynccontextmanager
async def clouded(
    model: str, *, patience: dict[str, Any] | None = None, **script: Any
) -> AsyncIterator[tuple[ScriptedUpstream, CloudBackend]]:
    """Serve a scripted cloud in this event loop, and close both sides."""
    async with ScriptedUpstream(keeps=True, **script) as server:
        cloud = cloud_at(server.base_url, model, **(patience or {}))
        try:
            yield server, cloud
        finally:
            await cloud.close()


def asked(text: str = "hi", **more: Any) -> Request:
    return Request(messages=(Message(Role.USER, text),), **more)


async def outputs(jisr: Runtime, request: Request, **more: Any) -> list[Output]:
    async with aclosing(jisr.turn(request, **more)) as turn:
        return [output async for output in turn]


def text_of(told: list[Output]) -> str:
    return "".join(output.text for output in told if isinstance(output, Delta))
