"""The check of the device's answers: signals to a calibrated probability, and that to a verdict.

It composes what knows nothing of each other: readers of questions and of answers, the
device model's view of itself, the scorer, and the guard.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from threading import Event

from jisr.arbiter.calibration import Calibration
from jisr.arbiter.embedding import is_installed
from jisr.arbiter.readers import read_all as read_question
from jisr.arbiter.readers.similarity import Similarity, similarities
from jisr.arbiter.scorer import Estimate, Scorer
from jisr.calibrations import calibration_for
from jisr.config import Settings
from jisr.engine.engine import Engine
from jisr.errors import JisrError
from jisr.feature_names import AGREEMENT, COSTLY, SELF_CHECK
from jisr.fingerprint import fingerprint_of
from jisr.guard.answer import Answer
from jisr.guard.grounding import claims_of
from jisr.guard.guard import GuardPolicy, before, judge, never_given
from jisr.guard.readers import read_all as read_answer
from jisr.guard.verdicts import Verdict
from jisr.question import Question, TaskKind
from jisr.second_look import agreement_of, self_view
from jisr.thresholds import CheckShares, check_shares, thresholds
from jisr.types import Request

LOG = logging.getLogger(__name__)

NOT_ASKED = "not known: the model is not asked about its own answers (guard.self_check)"
NO_VIEW = "not known: the model could not be asked about its answer"
NOT_GIVEN = "not measured: at this risk no answer of this kind is given (guard.risk)"


@dataclass(slots=True, kw_only=True)
class DeviceChecker:
    """Checks answers of the model on this device."""

    scorer: Scorer
    policy: GuardPolicy
    engine: Engine | None = None
    """Where the model is asked about its own answer; None: it is not asked."""
    looks: Mapping[TaskKind, frozenset[str]] = field(default_factory=dict)
    """For what the model runs once more in each kind of question: `COSTLY`, where it tells
    something."""
    reads_logprobs: bool = True
    """Without a calibration nothing does."""
    near: Mapping[TaskKind, tuple[Similarity, ...]] = field(default_factory=dict)
    """What reads how near a question is to known ones, in kinds in which that tells something."""
    shares: Mapping[TaskKind, CheckShares] = field(default_factory=dict)
    """What the check withdraws of each kind that was calibrated."""

    def estimate(self, request: Request, question: Question) -> Estimate:
        """Return what is expected before anything runs."""
        del request
        features = read_question(question)
        features |= self._read_near(question)
        estimate = replace(self.scorer.before(question.kind, features), features=features)
        shares = self.shares.get(question.kind)
        if shares is None:
            return estimate
        is_given = self.policy.threshold(question.kind) is not None
        if is_given and self.engine is None and self.looks.get(question.kind):
            shares = CheckShares(0.0, 0.0)  # it has no confidence to withdraw it by
        return replace(estimate, check_catches=shares.catches, check_doubts=shares.doubts)

    def _read_near(self, question: Question) -> dict[str, float]:
        """Return how near it is to known questions; nothing where that cannot be had."""
        try:
            return {it.name: it.read(question) for it in self.near.get(question.kind, ())}
        except Exception as error:  # the model is somebody else's, and an estimate does without
            LOG.warning("nearness to known questions is not read (%s)", type(error).__name__)
            return {}

    def before(self, question: Question, *, can_escalate: bool) -> Verdict | None:
        """Return what a rule says that needs no answer.

        Where the cloud may not be asked, nothing runs of a kind of which no answer is given.
        """
        found = before(question, can_escalate=can_escalate)
        if found is None and not can_escalate and question.kind is not TaskKind.GROUNDED:
            return never_given(question, self.policy)
        return found

    def holds(self, question: Question) -> bool:
        """Return whether it is of a kind that was calibrated, or is to be answered from evidence.

        Of other kinds hardly anything is withdrawn: talk would be held for nothing.
        """
        return question.kind in self.policy.thresholds or bool(question.evidence)

    async def after(
        self, request: Request, question: Question, answer: Answer, *, can_escalate: bool
    ) -> Verdict:
        """Return what becomes of an answer of the device; the work is done in a thread."""
        stopped = Event()
        judged = partial(
            self._judged, request, question, answer, stopped, can_escalate=can_escalate
        )
        try:
            return await asyncio.to_thread(judged)
        finally:
            stopped.set()

    def _judged(
        self,
        request: Request,
        question: Question,
        answer: Answer,
        stopped: Event,
        *,
        can_escalate: bool,
    ) -> Verdict:
        estimate = self._estimate_after(request, question, answer, stopped)
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
            is_failed=(estimate.reason or "").startswith(NO_VIEW),
        )
        return replace(verdict, cloud_confidence=estimate.cloud, support=estimate.support)

    def _estimate_after(
        self, request: Request, question: Question, answer: Answer, stopped: Event
    ) -> Estimate:
        """Return what is expected of an answer; nothing where what the model tells is missing."""
        features = {**read_question(question), **read_answer(question, answer)}
        looks = self.looks.get(question.kind, frozenset())
        if looks and self.policy.threshold(question.kind) is None:
            return Estimate(None, None, NOT_GIVEN)  # whatever it tells, the answer is withdrawn
        if looks and self.engine is None:
            return Estimate(None, None, NOT_ASKED)
        try:
            if SELF_CHECK in looks and self.engine is not None:
                features[SELF_CHECK] = self_view(
                    self.engine, request.messages, question, answer.text
                )
            if AGREEMENT in looks and self.engine is not None:
                features[AGREEMENT] = agreement_of(
                    *(self.engine, request.messages, question, answer, request.sampling),
                    is_stopped=stopped.is_set,
                )
        except JisrError as error:
            return Estimate(None, None, f"{NO_VIEW} ({error.code})")
        return self.scorer.after(question.kind, features)


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
        looks=looks_of(calibration),
        reads_logprobs=calibration is not None,
        near=near_of(calibration) if is_installed() else {},
        shares=check_shares(calibration, risk),
    )


def looks_of(calibration: Calibration | None) -> dict[TaskKind, frozenset[str]]:
    """Return what the model must run once more for in each kind, by a calibration."""
    kinds = calibration.kinds if calibration else {}
    return {
        kind: frozenset(name for name in COSTLY if found.asks(name))
        for kind, found in kinds.items()
    }


def near_of(calibration: Calibration | None) -> dict[TaskKind, tuple[Similarity, ...]]:
    """Return what reads nearness to the questions that a calibration knows, by kind."""
    kinds = calibration.kinds if calibration else {}
    return {
        kind: similarities(found.near.directions)
        for kind, found in kinds.items()
        if found.near is not None
    }
