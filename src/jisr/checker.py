"""The check of the device's answers: signals to a calibrated probability, and that to a verdict.

It composes what knows nothing of each other: readers of questions and of answers, the
device model's view of itself, the scorer, and the guard.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from jisr.arbiter.calibration import Calibration
from jisr.arbiter.readers import read_all as read_question
from jisr.arbiter.scorer import Estimate, Scorer
from jisr.calibrations import calibration_for
from jisr.config import Settings
from jisr.engine.engine import Engine
from jisr.errors import JisrError
from jisr.fingerprint import fingerprint_of
from jisr.guard.answer import Answer
from jisr.guard.grounding import claims_of
from jisr.guard.guard import GuardPolicy, before, judge
from jisr.guard.readers import read_all as read_answer
from jisr.guard.self_check import FEATURE, asked, yes_over_no
from jisr.guard.verdicts import Verdict
from jisr.question import Question, TaskKind
from jisr.thresholds import CheckShares, check_shares, thresholds
from jisr.types import Request

NOT_ASKED = "not known: the model is not asked about its own answers (guard.self_check)"
NO_VIEW = "not known: the model could not be asked about its answer"


@dataclass(slots=True, kw_only=True)
class DeviceChecker:
    """Checks answers of the model on this device."""

    scorer: Scorer
    policy: GuardPolicy
    engine: Engine | None = None
    """Where the model is asked about its own answer; None: it is not asked."""
    asks_itself: frozenset[TaskKind] = field(default_factory=frozenset)
    """Kinds of questions of which its own view tells something: of no other it is asked."""
    reads_logprobs: bool = True
    """Without a calibration nothing does."""
    shares: Mapping[TaskKind, CheckShares] = field(default_factory=dict)
    """What the check withdraws of each kind that was calibrated."""

    def estimate(self, request: Request, question: Question) -> Estimate:
        """Return what is expected before anything runs."""
        del request
        features = read_question(question)
        estimate = replace(self.scorer.before(question.kind, features), features=features)
        shares = self.shares.get(question.kind)
        if shares is None or (self.engine is None and question.kind in self.asks_itself):
            return estimate
        return replace(estimate, check_catches=shares.catches, check_doubts=shares.doubts)

    def before(self, question: Question, *, can_escalate: bool) -> Verdict | None:
        """Return what a rule says that needs no answer."""
        return before(question, can_escalate=can_escalate)

    def holds(self, question: Question) -> bool:
        """Return whether it is of a kind that was calibrated, or is to be answered from evidence.

        Of other kinds hardly anything is withdrawn: talk would be held for nothing.
        """
        return question.kind in self.policy.thresholds or bool(question.evidence)

    async def after(
        self, request: Request, question: Question, answer: Answer, *, can_escalate: bool
    ) -> Verdict:
        """Return what becomes of an answer of the device; the work is done in a thread."""
        judged = partial(self._judged, request, question, answer, can_escalate=can_escalate)
        return await asyncio.to_thread(judged)

    def _judged(
        self, request: Request, question: Question, answer: Answer, *, can_escalate: bool
    ) -> Verdict:
        estimate = self._estimate_after(request, question, answer)
        verdict = judge(
            question,
            answer.text,
            estimate.device,
            estimate.reason if estimate.device is None else None,
            self.policy,
            can_escalate=can_escalate,
            support=estimate.support,
            claims=claims_of(answer.text, question.evidence) if question.evidence else (),
            finish_reason=answer.finish_reason,
        )
        return replace(verdict, cloud_confidence=estimate.cloud)

    def _estimate_after(self, request: Request, question: Question, answer: Answer) -> Estimate:
        """Return what is expected of an answer; nothing where its own view is missing of it."""
        features = {**read_question(question), **read_answer(question, answer)}
        if question.kind in self.asks_itself:
            if self.engine is None:
                return Estimate(None, None, NOT_ASKED)
            try:
                features[FEATURE] = self_view(self.engine, request, question, answer)
            except JisrError as error:
                return Estimate(None, None, f"{NO_VIEW} ({error.code})")
        return self.scorer.after(question.kind, features)


def self_view(engine: Engine, request: Request, question: Question, answer: Answer) -> float:
    """Return how much likelier the model says yes than no of its answer, behind the warm prefix."""
    tokens = engine.render(asked(request.messages, answer.text, question.language))
    logits = engine.score(tokens, 1)[0]
    return yes_over_no(logits, engine.vocabulary.first_token)


def checker_for(
    settings: Settings, *, engine: Engine | None, weights: Path | None
) -> DeviceChecker | None:
    """Return what checks the answers of a device; None if the user wants no check.

    Args:
        settings: The guard's, the cloud's and where one's own calibration is.
        engine: The device's; None: a server on this machine is the device, which the rules are
            for, and no calibration.
        weights: The file of its model.
    """
    if not settings.guard.enabled:
        return None
    device = fingerprint_of(weights) if weights is not None else ""
    calibration = calibration_for(settings.home, device) if device else None
    risk = settings.guard.risk
    return DeviceChecker(
        scorer=Scorer(calibration, device=device, cloud=settings.cloud.model or ""),
        policy=GuardPolicy(risk=risk, thresholds=thresholds(calibration, risk)),
        engine=engine if settings.guard.self_check else None,
        asks_itself=kinds_that_tell(calibration),
        reads_logprobs=calibration is not None,
        shares=check_shares(calibration, risk),
    )


def kinds_that_tell(calibration: Calibration | None) -> frozenset[TaskKind]:
    """Return the kinds in which the model's own view of its answer is part of the calibration."""
    kinds = calibration.kinds if calibration else {}
    return frozenset(kind for kind, found in kinds.items() if found.asks_itself)
