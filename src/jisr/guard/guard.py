"""The guard: what becomes of a question before it runs, and of an answer before it stands.

Pure decisions on plain values: no model, no network, no clock. What is covered: answers of the
device. What is not covered: answers of the cloud, which are shown as they come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from jisr.guard.arithmetic import recheck
from jisr.guard.missing import is_missing, is_weak
from jisr.guard.own_things import REASON as OWN_DATA
from jisr.guard.readers.novelty import new_share, repeated_share
from jisr.guard.rules import applies
from jisr.guard.sentences import help_for
from jisr.guard.unsaid import asks_back
from jisr.guard.verdicts import Action, Claim, Verdict
from jisr.guard.wording import words_of
from jisr.question import Question, TaskKind
from jisr.types import FinishReason

IN_CIRCLES = 0.5
"""Share of what was said before in an answer that goes round in circles."""
NOT_CALIBRATED = "not calibrated"
NOT_RUN = "not checked: nothing ran"
"""Why there is no confidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardPolicy:
    """Which answers of the device are given at a risk that the user set."""

    risk: float
    """Share of wrong answers among those given that is accepted, 0 to 1."""
    thresholds: Mapping[TaskKind, float | None] = field(default_factory=dict)
    """Least confidence at which an answer of a kind is given. None: no threshold keeps the risk,
    so none of that kind is given. A kind that is absent was not calibrated: it is given."""

    def threshold(self, kind: TaskKind) -> float | None:
        """Return the least confidence for a kind; None: none of that kind is given."""
        return self.thresholds.get(kind, 0.0)


def before(question: Question, *, can_escalate: bool) -> Verdict | None:
    """Return what becomes of a question that needs no answer to be judged; None: let it run.

    Args:
        question: What the turn asks.
        can_escalate: The cloud may be asked.
    """
    unsaid = asks_back(question)
    if unsaid:
        return _withdrawn(question, unsaid, Action.ASK)
    reason = applies(question)
    if reason is None:
        return None
    # the cloud does not have the person's own things either
    may_help = can_escalate and reason != OWN_DATA
    return _withdrawn(question, reason, _instead(can_escalate=may_help))


def never_given(question: Question, policy: GuardPolicy) -> Verdict | None:
    """Return what is said where no answer of its kind is given, whatever it is; None: some are."""
    if policy.threshold(question.kind) is not None or policy.risk >= 1:
        return None
    return _withdrawn(question, "no_threshold", Action.ABSTAIN)


def judge(
    question: Question,
    answer_text: str,
    confidence: float | None,
    confidence_reason: str | None,
    policy: GuardPolicy,
    *,
    can_escalate: bool,
    support: float | None = None,
    claims: Sequence[Claim] = (),
    finish_reason: FinishReason | None = None,
    is_failed: bool = False,
) -> Verdict:
    """Return what becomes of an answer of the device.

    Args:
        question: What the turn asks.
        answer_text: What the device said.
        confidence: Calibrated probability that it is right, 0 to 1; None: not known.
        confidence_reason: Why it is not known.
        policy: The user's risk, and the thresholds that keep it.
        can_escalate: The cloud may be asked.
        support: Calibrated probability that a text which is given tells the answer, 0 to 1: what
            the threshold of such questions is held against; None: the confidence is.
        claims: Of an answer from evidence, as `grounding.claims_of` has them.
        finish_reason: Why the answer ended; None: not told.
        is_failed: The confidence could not be had though it was to be: the answer is withdrawn
            where a threshold is in force.
    """
    why_none = None if confidence is not None else confidence_reason or NOT_CALIBRATED
    withdrawn = partial(
        _withdrawn,
        question,
        action=_instead(can_escalate=can_escalate),
        confidence=confidence,
        why_none=why_none,
        claims=claims,
    )
    fault = _fault(question, answer_text, claims, finish_reason)
    if fault:
        return withdrawn(fault)
    if question.kind is TaskKind.GROUNDED and is_missing(answer_text):
        return _kept("not_in_text", confidence, why_none, claims)
    threshold = policy.threshold(question.kind)
    if threshold is None and policy.risk < 1:
        return withdrawn("no_threshold")
    is_slipped = recheck(answer_text).num_wrong > 0
    sure = confidence if support is None else support
    if sure is None:
        is_withdrawn = bool(is_failed and threshold)
        is_withdrawn |= is_slipped and question.kind is TaskKind.NUMBER
    else:
        is_withdrawn = threshold is not None and sure < threshold
    if is_withdrawn:
        return withdrawn("unsure_wrong_step" if is_slipped else "unsure")
    stands = "not_judged" if confidence is None else "sure"
    return _kept("wrong_step" if is_slipped else stands, confidence, why_none, claims)


def _fault(
    question: Question,
    answer: str,
    claims: Sequence[Claim],
    finish_reason: FinishReason | None,
) -> str | None:
    """Return what is wrong with an answer whatever its confidence; None if nothing is."""
    if not answer.strip():
        return "empty"
    is_fact = question.kind not in (TaskKind.OTHER, TaskKind.GROUNDED)
    if finish_reason is FinishReason.LENGTH and _is_unfinished(question, answer):
        return "cut_off"
    if is_fact and _is_echo(question.bare, answer):
        return "weak"
    if question.kind is TaskKind.GROUNDED:
        if is_missing(answer):
            return None
        is_invented = bool(claims) and not any(claim.is_grounded for claim in claims)
        return "not_borne_out" if is_invented else "weak" if is_weak(answer) else None
    return "weak" if is_weak(answer) or (is_fact and is_missing(answer)) else None


def _is_unfinished(question: Question, answer: str) -> bool:
    """Whether an answer that was cut off had not come to what was asked.

    What is cut off may hold what was asked for; but the result of a reckoning was not reached, and
    words that only repeat the question, or each other, hold nothing.
    """
    if question.kind is TaskKind.SHORT and new_share(question.bare, answer) == 0:
        return True
    return question.kind is TaskKind.NUMBER or repeated_share(answer) >= IN_CIRCLES


def _is_echo(asked: str, answer: str) -> bool:
    """Whether an answer only says the question again."""
    said = [word.stem for word in words_of(answer)]
    return said == [word.stem for word in words_of(asked)]


def _instead(*, can_escalate: bool) -> Action:
    return Action.ESCALATE if can_escalate else Action.ABSTAIN


def _kept(
    reason: str, confidence: float | None, why_none: str | None, claims: Sequence[Claim]
) -> Verdict:
    return Verdict(
        action=Action.KEEP,
        reason=reason,
        confidence=confidence,
        confidence_reason=why_none,
        claims=tuple(claims),
    )


def _withdrawn(
    question: Question,
    reason: str,
    action: Action,
    *,
    confidence: float | None = None,
    why_none: str | None = NOT_RUN,
    claims: Sequence[Claim] = (),
) -> Verdict:
    said = "" if action is Action.ESCALATE else help_for(reason, question.language)
    return Verdict(
        action=action,
        reason=reason,
        confidence=confidence,
        confidence_reason=why_none if confidence is None else None,
        said=said,
        claims=tuple(claims),
    )
