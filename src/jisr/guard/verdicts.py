"""What the guard says of an answer: it stands, or what happens instead."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What becomes of an answer."""

    KEEP = "keep"
    """It is the answer."""
    ASK = "ask"
    """A question back takes its place."""
    ESCALATE = "escalate"
    """It is withdrawn, and the cloud answers."""
    ABSTAIN = "abstain"
    """It is withdrawn; what is missing is said, and what would help."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement of an answer, and where the evidence says it."""

    text: str
    passage: str | None
    """The sentence of the evidence that bears it out; None: there is none."""

    @property
    def is_grounded(self) -> bool:
        """Whether the evidence says it."""
        return self.passage is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of an answer, and why."""

    action: Action
    reason: str
    """Stable word for why; `jisr.guard.sentences` has it in words for people."""
    confidence: float | None
    """Calibrated probability, 0 to 1, that the answer is right; None: not known."""
    confidence_reason: str | None = None
    """Why `confidence` is None."""
    said: str = ""
    """What the person reads in place of the answer, in the language of the question; empty where
    the answer stands."""
    support: float | None = None
    """Calibrated probability, 0 to 1, that a text which was given tells the answer: of such
    questions the threshold is held against it; None: none was given, or not known."""
    cloud_confidence: float | None = None
    """Calibrated probability, 0 to 1, that the cloud would be right; None: not known."""
    claims: tuple[Claim, ...] = ()
    """Of an answer from evidence."""

    @property
    def withdraws(self) -> bool:
        """Whether the answer does not stand."""
        return self.action is not Action.KEEP
