"""The model of the device runs once more for its view and for more answers, and stops when told."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from threading import Event
from time import monotonic, sleep

import pytest

from jisr.arbiter.scorer import Estimate, Scorer
from jisr.checker import NOT_ASKED, NOT_GIVEN, DeviceChecker
from jisr.engine.engine import Engine, EngineSettings
from jisr.errors import EngineBusy, EngineError
from jisr.guard.answer import Answer
from jisr.guard.guard import GuardPolicy
from jisr.guard.verdicts import Action
from jisr.question import Question, TaskKind, question_of
from jisr.second_look import agreement_of, self_view
from jisr.types import Message, Request, Role, Sampling
from tests.weights import small_model

SUM = (Message(Role.USER, "A hen lays 2 eggs a day. How many eggs does she lay in 3 days?"),)
QUESTION = question_of(SUM)
SAID = Answer(text="She lays 2 * 3 = 6 eggs.")
FEW = Sampling(max_output_tokens=24)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    settings = EngineSettings(context_tokens=1024, num_sequences=2, threads=1)
    with Engine(small_model(), settings) as found:
        yield found


def test_its_view_is_the_same_each_time(engine: Engine) -> None:
    view = self_view(engine, SUM, QUESTION, SAID.text)

    assert view == pytest.approx(self_view(engine, SUM, QUESTION, SAID.text), abs=0.3)


def test_more_answers_are_drawn_and_counted_the_same_each_time(engine: Engine) -> None:
    found = agreement_of(engine, SUM, QUESTION, SAID, FEW)

    assert found in (0, 1, 2)
    assert found == agreement_of(engine, SUM, QUESTION, SAID, FEW)


def test_a_turn_that_is_cancelled_draws_no_further(engine: Engine) -> None:
    asked: list[int] = []

    def is_stopped() -> bool:
        asked.append(1)
        return True

    with pytest.raises(EngineError, match="cancelled"):
        agreement_of(engine, SUM, QUESTION, SAID, FEW, is_stopped=is_stopped)

    assert len(asked) == 1


def test_cancelling_a_check_tells_its_work_to_stop(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Event()

    def drawing(*_: object, is_stopped: Callable[[], bool]) -> float:
        end = monotonic() + 5
        while monotonic() < end and not is_stopped():
            sleep(0.005)
        if is_stopped():
            told.set()
        return 0.0

    monkeypatch.setattr("jisr.checker.agreement_of", drawing)

    async def cancelled() -> None:
        check = _checker(engine).after(Request(messages=SUM), QUESTION, SAID, can_escalate=False)
        work = asyncio.create_task(check)
        await asyncio.sleep(0.05)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(cancelled())  # joins the thread of the check

    assert told.is_set()


def test_where_the_second_look_fails_no_answer_is_given(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> float:
        raise EngineBusy("Too many turns wait.")

    monkeypatch.setattr("jisr.checker.agreement_of", busy)
    checker = _checker(engine, {TaskKind.NUMBER: 0.6})

    verdict = asyncio.run(checker.after(Request(messages=SUM), QUESTION, SAID, can_escalate=False))

    assert (verdict.action, verdict.reason, verdict.confidence) == (Action.ABSTAIN, "unsure", None)
    assert verdict.confidence_reason is not None
    assert "engine_busy" in verdict.confidence_reason


def test_who_wants_no_second_look_has_no_confidence_where_it_is_part_of_it() -> None:
    request = Request(messages=SUM)
    verdict = asyncio.run(_checker(None).after(request, QUESTION, SAID, can_escalate=False))

    assert (verdict.confidence, verdict.confidence_reason) == (None, NOT_ASKED)


def test_no_answer_is_drawn_where_none_of_its_kind_is_given() -> None:
    checker = _checker(None, {TaskKind.NUMBER: None})  # without an engine: a draw would fail

    verdict = asyncio.run(checker.after(Request(messages=SUM), QUESTION, SAID, can_escalate=False))

    assert (verdict.action, verdict.reason) == (Action.ABSTAIN, "no_threshold")
    assert (verdict.confidence, verdict.confidence_reason) == (None, NOT_GIVEN)


@pytest.mark.parametrize(("can_escalate", "least"), [(True, None), (False, 0.5)])
def test_what_may_be_given_or_asked_elsewhere_runs(
    *, can_escalate: bool, least: float | None
) -> None:
    checker = _checker(None, {TaskKind.NUMBER: least})

    assert checker.before(QUESTION, can_escalate=can_escalate) is None


def test_nothing_runs_of_what_is_never_given_where_nobody_else_can_be_asked() -> None:
    checker = _checker(None, {TaskKind.NUMBER: None, TaskKind.GROUNDED: None})
    text = Question("Who built it?", TaskKind.GROUNDED, evidence=("A widow built the mill.",))

    verdict = checker.before(QUESTION, can_escalate=False)

    assert verdict is not None
    assert (verdict.action, verdict.reason) == (Action.ABSTAIN, "no_threshold")
    # that a text does not tell is an answer
    assert checker.before(text, can_escalate=False) is None


def _checker(
    engine: Engine | None, thresholds: Mapping[TaskKind, float | None] | None = None
) -> DeviceChecker:
    return DeviceChecker(
        scorer=Scorer(None, device="", cloud=""),
        policy=GuardPolicy(risk=0.3, thresholds=thresholds or {}),
        engine=engine,
        looks={TaskKind.NUMBER: frozenset({"agreement"})},
    )


class Supporting(Scorer):
    """Is as good as sure that the text tells the answer, and not that the answer is right."""

    def after(self, kind: TaskKind, features: Mapping[str, float]) -> Estimate:
        return Estimate(0.16, None, support=0.9)


def test_what_the_threshold_of_a_text_is_held_against_comes_with_the_verdict() -> None:
    text = Question("Who built it?", TaskKind.GROUNDED, evidence=("A widow built the mill.",))
    checker = DeviceChecker(
        scorer=Supporting(None, device="", cloud=""),
        policy=GuardPolicy(risk=0.3, thresholds={TaskKind.GROUNDED: 0.6}),
    )

    verdict = asyncio.run(
        checker.after(Request(messages=SUM), text, Answer(text="A widow."), can_escalate=False)
    )

    assert (verdict.action, verdict.confidence, verdict.support) == (Action.KEEP, 0.16, 0.9)
