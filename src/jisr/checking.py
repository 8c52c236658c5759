"""The check of one turn: estimates before it runs, rules that need no answer, then a verdict.

A check that fails is no verdict: the answer stands, and there is no confidence but the
reason why there is none. What can be checked is text that answers a question; turns about
tools, and answers with a form of their own, are not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from traceback import extract_tb

from jisr.arbiter.policy import DEFAULT, Decision, Policy, decide
from jisr.arbiter.rules import GUARDED, JOINT_WITH, RULES, Reason
from jisr.arbiter.scorer import Estimate
from jisr.arbiter.signals import Signals
from jisr.errors import NoPlace
from jisr.guard.answer import Answer
from jisr.guard.sentences import instead_of_answer
from jisr.guard.verdicts import Action, Verdict
from jisr.places import Checker
from jisr.question import Question, TaskKind, question_of
from jisr.types import Delta, FinishReason, Place, Request, TokenLogprob

LOG = logging.getLogger(__name__)

NUM_TOP_LOGPROBS = 20
"""How many of the likeliest tokens the device is asked for, beside each of its own."""
NOT_CALIBRATED = "not calibrated: nothing here measures confidence"
OF_TOOLS = "not checked: the turn is about tools"
OF_FORM = "not checked: the answer has a form of its own"
NO_QUESTION = "not checked: nothing is asked"
NO_ANSWER = "not checked: there is no text"
OF_CLOUD = "not checked: the cloud answered"
CHECK_FAILED = "not checked: the check failed"


@dataclass(frozen=True, slots=True)
class Choice:
    """Where a turn goes, and from what that was decided."""

    signals: Signals
    decision: Decision
    verdict: Verdict | None = None
    """What a rule says before anything runs: to escalate, or what is said instead."""

    @property
    def said(self) -> Verdict | None:
        """What is the answer already; None: a place has to make one."""
        is_said = self.verdict is not None and self.verdict.action is not Action.ESCALATE
        return self.verdict if is_said else None


def _as_is(signals: Signals) -> Signals:
    return signals


class TurnCheck:
    """The check of one turn."""

    def __init__(self, checker: Checker | None, request: Request, policy: Policy = DEFAULT) -> None:
        """Take apart what the turn asks, and ask what is said of it before it runs.

        It reads the whole text and waits for nothing.
        """
        self._checker = checker
        self._policy = policy
        self._question = Question("", TaskKind.OTHER)
        self._estimate = Estimate(None, None, CHECK_FAILED)
        self._rule: Verdict | None = None
        self._rule_here: Verdict | None = None
        self._offered: Callable[[Signals], Signals] = _as_is
        self.unchecked = _why_not(checker, request)
        """Why its answer is not checked; empty: it will be, if the device makes it."""
        if checker is not None and not self.unchecked:
            self._question = question_of(request.messages)
            self._ask(checker, request)

    def _ask(self, checker: Checker, request: Request) -> None:
        question = self._question
        if not question.text.strip():
            self.unchecked = NO_QUESTION
            return
        with _logged("estimated"):
            self._estimate = checker.estimate(request, question)
        with _logged("looked at by the rules"):
            self._rule = checker.before(question, can_escalate=True)
            self._rule_here = checker.before(question, can_escalate=False)

    @property
    def is_possible(self) -> bool:
        """Whether an answer of the device would be checked."""
        return not self.unchecked

    @property
    def language(self) -> str:
        """Language of the question: `en` or `ar`."""
        return self._question.language

    def why_unchecked(self, place: Place) -> str:
        """Return why there is no verdict on the answer of a place."""
        is_here = place is Place.DEVICE or self._checker is None
        return self.unchecked if is_here else OF_CLOUD

    def expect(self, signals: Signals, offered: Callable[[Signals], Signals] = _as_is) -> Signals:
        """Return the signals with what the question is, and what is expected of its answers.

        Args:
            signals: What else is known.
            offered: Returns the signals of a turn that leaves with what joint would take; it is
                asked only once something has decided that it leaves.
        """
        self._offered = offered
        if self._checker is None:
            return signals
        if not self.is_possible:
            return replace(signals, estimate_reason=self.unchecked)
        return replace(
            signals,
            kind=self._question.kind.value,
            estimate_device=self._estimate.device,
            estimate_cloud=self._estimate.cloud,
            estimate_reason=self._estimate.reason,
            check_catches=self._estimate.check_catches,
            check_doubts=self._estimate.check_doubts,
            features=self._estimate.features,
        )

    def choose(self, signals: Signals) -> Choice:
        """Decide where the turn goes: by limits and what is expected, then by rules.

        Raises:
            NoPlace: The user's limits leave no place for it.
        """
        rule = self._rule
        choice = self._ruled(signals, rule)
        if choice.decision.place is not Place.DEVICE:
            return replace(choice, verdict=rule) if choice.decision.reason in GUARDED else choice
        if rule is not None and rule.action is Action.ESCALATE:
            rule = self._rule_here
        if rule is None and self._rule_here is not None:
            is_stuck = self._elsewhere(replace(signals, withdrawn=True)) is None
            rule = self._rule_here if is_stuck else None
        if rule is None or rule.action is Action.KEEP:
            return choice
        return replace(choice, verdict=self._spoken(rule, signals))

    def _ruled(self, signals: Signals, rule: Verdict | None) -> Choice:
        """Decide with what a rule of the guard says: it comes before what is expected.

        Where the cloud cannot know it either, nothing is expected of the cloud.

        Raises:
            NoPlace: The user's limits leave no place for it.
        """
        if rule is None or rule.action is Action.KEEP:
            return self._decided(signals)
        if rule.action is Action.ESCALATE:
            return self._decided(replace(signals, guard_reason=rule.reason))
        unknown = replace(signals, estimate_device=None, estimate_cloud=None)
        return replace(self._decided(unknown), signals=signals)

    def choose_again(self, signals: Signals, withdrawn: Verdict) -> Choice:
        """Decide with the device ruled out; where no place is left the guard says so.

        Raises:
            NoPlace: The user's limits leave no place for it.
        """
        elsewhere = self._elsewhere(_after(signals, withdrawn.cloud_confidence))
        if elsewhere is not None:
            return elsewhere
        return Choice(signals, decide(signals, self._policy), self._spoken(withdrawn, signals))

    @property
    def holds(self) -> bool:
        """Whether its answer should be held until it is checked."""
        return self._checker is None or self._checker.holds(self._question)

    async def after(self, request: Request, answer: Answer, signals: Signals) -> Verdict | None:
        """Return what becomes of an answer of the device; None: it was not checked.

        Where it is withdrawn the cloud is asked only if that is worth more than to say nothing,
        as expected now that the device has answered, or if nothing is known of that.

        Args:
            request: The turn, as the device was given it.
            answer: What it said.
            signals: What its place was decided from.
        """
        assert self._checker is not None, "it is possible"
        if answer.finish_reason is FinishReason.TOOL_CALLS:
            self.unchecked = NO_ANSWER
            return None
        can_escalate = self._may_leave(signals)
        try:
            verdict = await self._checker.after(
                request, self._question, answer, can_escalate=can_escalate
            )
        except Exception as error:
            self.unchecked = f"{CHECK_FAILED} ({type(error).__name__})"
            # its message may hold words of the person
            LOG.warning("an answer is not checked: the check failed (%s)", _where(error))
            return None
        if verdict.action is Action.KEEP:
            return verdict
        escalates = verdict.action is Action.ESCALATE and can_escalate
        if escalates and self._leaves(_after(signals, verdict.cloud_confidence)):
            return verdict
        return self._spoken(verdict, signals)

    def _may_leave(self, signals: Signals) -> bool:
        """Whether a turn whose answer is withdrawn could leave, were it worth it."""
        unknown = replace(signals, estimate_device=None, estimate_cloud=None)
        return self._leaves(_after(unknown, None))

    def _leaves(self, signals: Signals) -> bool:
        """Whether a turn would leave; what joint would take is not asked for that."""
        with suppress(NoPlace):
            return decide(signals, self._policy).place is not Place.DEVICE
        return False

    def _elsewhere(self, signals: Signals) -> Choice | None:
        """Return where a turn goes if not to the device; None: nowhere."""
        with suppress(NoPlace):
            choice = self._decided(signals)
            return None if choice.decision.place is Place.DEVICE else choice
        return None

    def _decided(self, signals: Signals) -> Choice:
        """Decide, and once more with what joint would take if the turn leaves.

        Raises:
            NoPlace: The user's limits leave no place for it.
        """
        decision = decide(signals, self._policy)
        if decision.reason in JOINT_WITH:
            signals = self._offered(signals)
            decision = decide(signals, self._policy)
        return Choice(signals, decision)

    def _spoken(self, verdict: Verdict, signals: Signals) -> Verdict:
        """Return a verdict as what is said in place of an answer; it never says nothing."""
        action = Action.ASK if verdict.action is Action.ASK else Action.ABSTAIN
        bars = self._bars(signals)
        said = instead_of_answer(verdict.reason, self.language, bars, verdict.said)
        return replace(verdict, action=action, said=said)

    def _bars(self, signals: Signals) -> frozenset[Reason]:
        """Return all that keeps a turn on the device, whatever is expected of its answer."""
        return frozenset(
            rule.reason
            for rule in RULES
            if rule.place is Place.DEVICE
            and not rule.options
            and rule.reason not in self._policy.off
            and rule.applies(signals)
        )


def _after(signals: Signals, cloud_confidence: float | None) -> Signals:
    """Return the signals of a turn whose answer is withdrawn."""
    return replace(signals, withdrawn=True, estimate_cloud_after=cloud_confidence)


@contextmanager
def _logged(what: str) -> Iterator[None]:
    """Go on without what cannot be had, and write down why."""
    try:
        yield
    except Exception as error:
        LOG.warning("a question could not be %s (%s)", what, _where(error))


def _where(error: Exception) -> str:
    """Return the kind of an error and the line it came from; nothing that it says."""
    last = extract_tb(error.__traceback__)[-1:]
    return " ".join([type(error).__name__, *(f"{it.filename}:{it.lineno}" for it in last)])


def with_logprobs(request: Request) -> Request:
    """Return a turn as the device must be asked it, for its answer to be checked."""
    wanted = max(NUM_TOP_LOGPROBS, request.sampling.num_top_logprobs or 0)
    return replace(request, sampling=replace(request.sampling, num_top_logprobs=wanted))


def as_asked(delta: Delta, num_top_logprobs: int | None) -> Delta:
    """Return a piece of an answer without what only the check wanted of it."""
    if num_top_logprobs is None:
        missing = tuple(it for it in delta.missing if it != "logprobs")
        return replace(delta, logprobs=(), missing=missing)
    logprobs = tuple(replace(it, top=it.top[:num_top_logprobs]) for it in delta.logprobs)
    return replace(delta, logprobs=logprobs)


def answer_of(deltas: list[Delta]) -> Answer:
    """Return the answer that pieces join to."""
    logprobs: tuple[TokenLogprob, ...] = tuple(it for delta in deltas for it in delta.logprobs)
    text = "".join(delta.text for delta in deltas)
    finish_reason = deltas[-1].finish_reason if deltas else None
    return Answer(text=text, logprobs=logprobs, finish_reason=finish_reason)


def _why_not(checker: Checker | None, request: Request) -> str:
    """Return why a turn's answer cannot be checked; empty: it can."""
    if checker is None:
        return NOT_CALIBRATED
    if request.needs_tools:
        return OF_TOOLS
    has_form = request.sampling.json_schema is not None or request.sampling.grammar is not None
    return OF_FORM if has_form else ""
