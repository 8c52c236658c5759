"""A checker that says what it was told to: for tests, demos and offline use."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from jisr.arbiter.scorer import NOT_ESTIMATED, Estimate
from jisr.guard.answer import Answer
from jisr.guard.verdicts import Action, Verdict
from jisr.question import Question
from jisr.types import Request

LineT = TypeVar("LineT")

KEEP = Verdict(action=Action.KEEP, reason="sure", confidence=0.9)


@dataclass(slots=True)
class ScriptedChecker:
    """Gives every question the same estimate, and every answer the next verdict.

    A verdict that escalates becomes one that abstains where the cloud may not be asked.
    An error in the script is raised. When no verdict is left, the answer is kept.
    """

    verdicts: Sequence[Verdict | Exception] = ()
    """Of the answers, in order."""
    rules: Mapping[str, Verdict | Exception] = field(default_factory=dict)
    """By a part of a question: what is said of it before anything runs."""
    expected: Estimate | Exception = NOT_ESTIMATED
    is_holding: bool = True
    """Answers are to be held until they are checked."""
    reads_logprobs: bool = True
    """Log-probabilities are asked for, and seen."""
    waits: bool = False
    """It comes to no end with an answer, until it is cancelled."""
    seen: list[tuple[Question, Answer, bool]] = field(default_factory=list)
    """What was checked, oldest first, and whether the cloud might have been asked."""
    num_checking: int = 0
    """Checks that are under way now."""

    def estimate(self, request: Request, question: Question) -> Estimate:
        """Return the estimate."""
        return _said(self.expected)

    def before(self, question: Question, *, can_escalate: bool) -> Verdict | None:
        """Return the verdict of the first part that the question has; None if it has none."""
        for part, verdict in self.rules.items():
            if part in question.text:
                return _allowed(_said(verdict), can_escalate=can_escalate)
        return None

    def holds(self, question: Question) -> bool:
        """Return what was set."""
        return self.is_holding

    async def after(
        self, request: Request, question: Question, answer: Answer, *, can_escalate: bool
    ) -> Verdict:
        """Return the next verdict."""
        self.seen.append((question, answer, can_escalate))
        self.num_checking += 1
        try:
            if self.waits:
                await asyncio.Event().wait()
            number = len(self.seen) - 1
            verdict = self.verdicts[number] if number < len(self.verdicts) else KEEP
            return _allowed(_said(verdict), can_escalate=can_escalate)
        finally:
            self.num_checking -= 1


def _said(line: LineT | Exception) -> LineT:
    if isinstance(line, Exception):
        raise line
    return line


def _allowed(verdict: Verdict, *, can_escalate: bool) -> Verdict:
    if verdict.action is Action.ESCALATE and not can_escalate:
        return replace(verdict, action=Action.ABSTAIN)
    return verdict
