"""One turn while it runs: what is known of it, what it yields, and the record it becomes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from jisr.arbiter.policy import Decision
from jisr.arbiter.signals import Signals, as_plain
from jisr.checking import NOT_CALIBRATED, TurnCheck
from jisr.clock import Clock
from jisr.events import Stage, StageEnded, StageStarted
from jisr.guard.verdicts import Action, Verdict
from jisr.ledger.bill import Bill
from jisr.privacy.plan import Plan
from jisr.types import Delta, FinishReason, JointUse, Place, Request, TurnRecord, Usage

NO_PROBABILITY = "the check gave no probability"
NONE_GIVEN = "no answer is given"
NOTHING_USED = Usage(input_tokens=0, output_tokens=0)


@dataclass(frozen=True, slots=True)
class TurnDecided:
    """Where a turn will run; comes again if that place fails, or its answer is withdrawn."""

    turn_id: str
    decision: Decision
    model: str
    is_unchecked: bool = False
    """What comes next is shown before it is checked."""
    is_held: bool = False
    """What comes next is held back until it is checked."""


@dataclass(frozen=True, slots=True)
class TurnChecked:
    """The device's answer stands."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class TurnWithdrawn:
    """The device's answer does not stand: all its pieces so far are void, others follow."""

    verdict: Verdict
    is_shown: bool
    """Whether any piece of it was shown."""
    language: str = "en"
    """Of the question: `en` or `ar`."""


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The last of a turn that was completed."""

    record: TurnRecord
    verdict: Verdict | None = None
    """What the guard made of the device's answer; None: it was not checked."""
    language: str = "en"
    """Of the question: `en` or `ar`."""


Output = TurnDecided | Delta | TurnChecked | TurnWithdrawn | TurnEnded
"""What a turn yields: decided, the pieces of its answer, what came of the check, ended."""

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
    start_s: float | None = None
    """When the making of what is answered began."""
    ttft_ms: float | None = None
    has_begun: bool = False
    """A piece of the answer was shown: from here on no other place can take over."""
    signals: Signals | None = None
    verdict: Verdict | None = None
    check: TurnCheck | None = None
    is_void: bool = False
    """What was answered so far does not stand, and nothing was answered since."""
    withdrawn_model: str | None = None
    withdrawn_usage: Usage | None = NOTHING_USED
    withdrawn_ms: float = 0.0
    """What the making and the check of an answer took that does not stand."""
    is_said: bool = False
    """What the guard says is the answer; no model made it."""
    has_left: bool = False
    reserved_usd: Decimal = Decimal(0)
    """Set aside of the budget until the turn's price is known."""
    has_logprobs: bool = False
    failed_places: tuple[Place, ...] = ()
    failures: tuple[str, ...] = ()
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
        if (delta.text or delta.tool_calls) and self.ttft_ms is None and self.start_s is not None:
            self.ttft_ms = (self.clock.monotonic_s() - self.start_s) * 1000
        self.has_begun, self.is_void = True, False
        self.has_logprobs = self.has_logprobs or bool(delta.logprobs)
        self.usage = delta.usage or self.usage
        self.finish_reason = delta.finish_reason or self.finish_reason
        self.model = delta.model or self.model
        self.failed_models = delta.failed_models or self.failed_models
        self.answered_by = delta.answered_by or self.answered_by
        self.left_out = delta.missing or self.left_out
        self.joint = delta.joint or self.joint

    @property
    def is_checkable(self) -> bool:
        """Whether an answer of the device would be checked."""
        return self.check is not None and self.check.is_possible

    @property
    def language(self) -> str:
        """Language of what is said about the turn: `en` or `ar`."""
        return self.check.language if self.check else "en"

    def withdraw(self, verdict: Verdict, last: Delta) -> TurnWithdrawn:
        """Void what the device answered, up to its last piece; what it used stays used."""
        told = TurnWithdrawn(verdict, self.has_begun, self.language)
        self.is_void = True
        self.withdrawn_model, self.withdrawn_usage = last.model or self.model, last.usage
        self.withdrawn_ms = self._made_ms
        self.has_begun = self.has_logprobs = False
        return told

    def say(self, verdict: Verdict) -> Delta:
        """Return the answer that the guard gives; no model made any of it."""
        self.verdict, self.is_said = verdict, True
        delta = Delta(verdict.said, finish_reason=FinishReason.STOP, usage=self.withdrawn_usage)
        self.take(delta)
        return delta

    def spend(self, joules: float | None) -> None:
        """Add to the energy that was measured."""
        if joules is not None:
            self.joules_measured = joules + (self.joules_measured or 0.0)

    def record(self, bill: Bill, error: str | None) -> TurnRecord:
        """Return what the turn did and used; none of its text."""
        place = self.decision.place if self.decision else Place.DEVICE
        billed = self._billed()
        made_ms = 0.0 if self.is_said else self._made_ms - self.withdrawn_ms
        confidence, confidence_reason = self._confidence()
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
            joules_estimated=bill.joules_estimated(place, billed, made_ms, self.withdrawn_ms),
            private_spans=self.private_spans,
            private_actions=self.plan.actions if self.plan else {},
            left_device=self.has_left,
            stages=dict(self.stages),
            finish_reason=self.finish_reason,
            confidence=confidence,
            confidence_reason=confidence_reason,
            error=error,
            failed_places=self.failed_places,
            failures=self.failures,
            failed_models=self.failed_models,
            ttft_ms=self.ttft_ms,
            missing=self._missing(),
            joint=self.joint,
            verdict=self.verdict.action.value if self.verdict else None,
            verdict_reason=self.verdict.reason if self.verdict else None,
            withdrawn_model=self.withdrawn_model,
            signals=as_plain(self.signals) if self.signals else {},
        )

    @property
    def _made_ms(self) -> float:
        """What the making of answers and their check took so far."""
        return sum(self.stages.get(it.value, 0.0) for it in (Stage.GENERATE, Stage.CHECK))

    def _confidence(self) -> tuple[float | None, str | None]:
        """Return the calibrated probability of a verdict, or None and why there is none."""
        if self.verdict is None or self.verdict.action is Action.ESCALATE:
            place = self.decision.place if self.decision else Place.DEVICE
            return None, self.check.why_unchecked(place) if self.check else NOT_CALIBRATED
        confidence = self.verdict.confidence
        if confidence is None or not 0 <= confidence <= 1:
            return None, self.verdict.confidence_reason or NO_PROBABILITY
        if self.verdict.withdraws:  # it is of the answer that is withheld
            return None, NONE_GIVEN
        return confidence, None

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
