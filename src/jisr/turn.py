"""One turn while it runs: what is known of it, what it yields, and the record it becomes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from jisr.arbiter.policy import Decision
from jisr.clock import Clock
from jisr.events import Stage, StageEnded, StageStarted
from jisr.ledger.bill import Bill
from jisr.privacy.plan import Plan
from jisr.types import Delta, FinishReason, JointUse, Place, Request, TurnRecord, Usage

NOT_CALIBRATED = "not calibrated: this version measures no confidence"


@dataclass(frozen=True, slots=True)
class TurnDecided:
    """Where a turn will run; comes again if that place fails."""

    turn_id: str
    decision: Decision
    model: str


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The last of a turn that was completed."""

    record: TurnRecord


Output = TurnDecided | Delta | TurnEnded
"""What a turn yields: decided, the pieces of its answer, ended."""

OnEvent = Callable[[StageStarted | StageEnded], None]
"""Is told of each stage as it begins and ends."""


@dataclass(slots=True, kw_only=True)
class Turn:
    """What is known of a turn so far."""

    request: Request
    at: datetime
    clock: Clock
    on_event: OnEvent
    turn_id: str = field(default_factory=lambda: f"turn_{secrets.token_hex(12)}")
    plan: Plan | None = None
    """None: what is private in it could not be told, so it stays."""
    decision: Decision | None = None
    model: str = ""
    usage: Usage | None = None
    finish_reason: FinishReason | None = None
    joint: JointUse | None = None
    joules_measured: float | None = None
    ttft_ms: float | None = None
    has_begun: bool = False
    """A piece of the answer was shown: from here on no other place can take over."""
    has_left: bool = False
    reserved_usd: Decimal = Decimal(0)
    """Set aside of the budget until the turn's price is known."""
    has_logprobs: bool = False
    failed_places: tuple[Place, ...] = ()
    failed_models: tuple[str, ...] = ()
    answered_by: int = 0
    left_out: tuple[str, ...] = ()
    stages: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[dict[str, object]]:
        """Time a stage; what is put into the mapping is told at its end."""
        outcome: dict[str, object] = {}
        self.on_event(StageStarted(stage))
        self.stages.setdefault(stage.value, 0.0)
        start = self.clock.monotonic_s()
        try:
            yield outcome
        finally:
            duration_ms = (self.clock.monotonic_s() - start) * 1000
            self.stages[stage.value] += duration_ms
            self.on_event(StageEnded(stage, duration_ms, outcome))

    @contextmanager
    def part(self, stage: Stage) -> Iterator[None]:
        """Time a part of a stage that runs in pieces, inside another; it has no events."""
        start = self.clock.monotonic_s()
        yield
        duration_ms = (self.clock.monotonic_s() - start) * 1000
        self.stages[stage.value] = self.stages.get(stage.value, 0.0) + duration_ms

    @property
    def private_spans(self) -> dict[str, int]:
        """Number of private spans found, by entity type; empty if they could not be looked for."""
        return self.plan.counts if self.plan else {}

    def take(self, delta: Delta) -> None:
        """Note what a piece of the answer tells."""
        self.has_begun = True
        self.has_logprobs = self.has_logprobs or bool(delta.logprobs)
        self.usage = delta.usage or self.usage
        self.finish_reason = delta.finish_reason or self.finish_reason
        self.model = delta.model or self.model
        self.failed_models = delta.failed_models or self.failed_models
        self.answered_by = delta.answered_by or self.answered_by
        self.left_out = delta.missing or self.left_out
        self.joint = delta.joint or self.joint

    def record(self, bill: Bill, error: str | None) -> TurnRecord:
        """Return what the turn did and used; none of its text."""
        place = self.decision.place if self.decision else Place.DEVICE
        billed = self._billed()
        generate_ms = self.stages.get(Stage.GENERATE.value, 0.0)
        return TurnRecord(
            turn_id=self.turn_id,
            at=self.at,
            place=place,
            reason=self.decision.reason.value if self.decision else "undecided",
            model=self.model,
            usage=self.usage,
            usd=bill.usd(place, billed, self.answered_by),
            usd_cloud_only=bill.usd_cloud_only(self.usage),
            joules_measured=self.joules_measured,
            joules_estimated=bill.joules_estimated(place, billed, generate_ms),
            private_spans=self.private_spans,
            private_actions=self.plan.actions if self.plan else {},
            left_device=self.has_left,
            stages=dict(self.stages),
            finish_reason=self.finish_reason,
            confidence_reason=NOT_CALIBRATED,
            error=error,
            failed_places=self.failed_places,
            failed_models=self.failed_models,
            ttft_ms=self.ttft_ms,
            missing=self._missing(),
            joint=self.joint,
        )

    def _billed(self) -> Usage | None:
        """Return what the place used: no tokens that the device made after a fallback."""
        if self.usage is None or self.joint is None:
            return self.usage
        output_tokens = max(0, self.usage.output_tokens - self.joint.on_device)
        return replace(self.usage, output_tokens=output_tokens)

    def _missing(self) -> tuple[str, ...]:
        asked = self.request.sampling.num_top_logprobs is not None
        missing = self.left_out
        if asked and self.has_begun and not self.has_logprobs:
            missing += ("logprobs",)
        if self.finish_reason is not None and self.usage is None:
            missing += ("usage",)
        return missing
