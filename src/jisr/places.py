"""What a runtime is given: its places, who checks and who keeps records, and the user's limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from jisr.arbiter.policy import DEFAULT, Policy
from jisr.arbiter.scorer import Estimate
from jisr.backends.base import Backend
from jisr.guard.answer import Answer
from jisr.guard.verdicts import Verdict
from jisr.question import Question
from jisr.types import JointOffer, JointOptions, Outbound, Request, TurnRecord


class Recorder(Protocol):
    """Keeps the records of turns, and knows what was spent."""

    def record(self, record: TurnRecord) -> None:
        """Keep a record; never blocks for long, never raises."""
        ...

    def spent_usd(self, since: datetime) -> Decimal:
        """Return what turns since then have cost."""
        ...


class Checker(Protocol):
    """Says how likely answers are right, and what becomes of the device's. It needs no network."""

    @property
    def reads_logprobs(self) -> bool:
        """Whether log-probabilities of an answer tell it anything."""
        ...

    def estimate(self, request: Request, question: Question) -> Estimate:
        """Return how likely each place would be right; nothing has run yet."""
        ...

    def before(self, question: Question, *, can_escalate: bool) -> Verdict | None:
        """Return what a rule says that needs no answer of the device; None: it may answer.

        Args:
            question: What the turn asks.
            can_escalate: Whether the cloud may be asked instead.
        """
        ...

    def holds(self, question: Question) -> bool:
        """Return whether answers to it may well be withdrawn, so that none is shown unchecked."""
        ...

    async def after(
        self, request: Request, question: Question, answer: Answer, *, can_escalate: bool
    ) -> Verdict:
        """Return what becomes of an answer of the device. Cancelling it stops its work.

        Args:
            request: The turn, as the device was given it.
            question: What it asks.
            answer: What the device said.
            can_escalate: Whether the cloud may be asked instead.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePlace:
    """The device, as far as a turn needs to know it."""

    backend: Backend[Request]
    context_tokens: int | None = None
    """None: the server behind it does not tell."""
    count_tokens: Callable[[Request], int] | None = None
    """None: it can only be estimated."""
    takes_tools: bool = False
    """It knows tools and calls of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudPlace:
    """The cloud, as far as a turn needs to know it."""

    backend: Backend[Outbound]
    context_tokens: int
    is_loopback: bool
    """It is a process on this machine: text sent there does not leave the device."""
    is_healthy: Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class JointPlace:
    """Device and cloud working on one answer, as far as a turn needs to know them."""

    backend: Backend[Outbound]
    offer: Callable[[JointOptions], JointOffer | None]
    """Returns at once what the cloud is expected to do; None: not known yet, or it does not
    verify. It may have the link looked at meanwhile, with nothing of any turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the user allows, for every turn."""

    is_offline: bool = False
    asks: bool = False
    """A turn that the policy keeps here ends with a question, where it would leave otherwise."""
    most_redaction_loss: float = 1.0
    """Expected loss of quality, 0 to 1, above which the device is preferred."""
    usd_per_day: Decimal | None = None
    usd_per_month: Decimal | None = None
    quality: float = 0.5
    """What a right answer is worth against all it costs: 0 nothing, 1 all."""
    policy: Policy = DEFAULT
    """How the arbiter decides."""
    shows_unchecked: bool = False
    """Answers of the device are shown as they come, before they are checked."""
