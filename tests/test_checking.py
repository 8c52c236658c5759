"""The check of a turn: what is kept, asked back, sent to the cloud and not said at all."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jisr.arbiter.machine import Machine
from jisr.arbiter.policy import Policy
from jisr.arbiter.scorer import Estimate
from jisr.arbiter.signals import Signals
from jisr.backends.scripted import Line
from jisr.checker import checker_for
from jisr.checking import NO_QUESTION, OF_CLOUD, OF_FORM, OF_TOOLS, UNSAID
from jisr.clock import FakeClock
from jisr.config import Settings
from jisr.errors import BackendBroken, BackendUnavailable, NoPlace
from jisr.events import StageEnded, StageStarted
from jisr.guard.sentences import HELP
from jisr.guard.verdicts import Action, Claim, Verdict
from jisr.places import Limits
from jisr.question import TaskKind
from jisr.scripted_checker import KEEP, ScriptedChecker
from jisr.tools import Tool, Toolbox
from jisr.turn import Output, TurnChecked, TurnDecided, TurnEnded, TurnWithdrawn
from jisr.types import (
    Delta,
    FinishReason,
    Place,
    Request,
    Sampling,
    TokenLogprob,
    TurnRecord,
    Wish,
)
from tests.runtimes import USAGE, Kept, asked, outputs, runtime, saying, text_of

QUESTION = "Who wrote the song that my neighbour hums?"
ABSTAIN = Verdict(action=Action.ABSTAIN, reason="unsure", confidence=0.2, said="I cannot know.")
ASK = Verdict(action=Action.ASK, reason="unclear", confidence=0.4, said="Which neighbour?")
ESCALATE = Verdict(
    action=Action.ESCALATE, reason="unsure", confidence=0.2, said="Nobody could answer."
)
FRESH = Verdict(action=Action.ESCALATE, reason="fresh", confidence=None, said="It changes daily.")
SHOWN = Limits(shows_unchecked=True)
DOWN: Line = [BackendUnavailable("switched off")]
LIKELY = tuple((bytes([97 + n]), -1.0 - n) for n in range(5))
TOLD = Delta("yes", (TokenLogprob(b"yes", -0.1, LIKELY),))


def told(
    *verdicts: Verdict | Exception,
    request: Request | None = None,
    device: Sequence[Line] = (["wrong ", "answer"],),
    **more: Any,
) -> list[Output]:
    checker = more.pop("checker", None) or ScriptedChecker(verdicts)
    jisr = runtime(device=saying(*device, model="small"), checker=checker, **more)
    return asyncio.run(outputs(jisr, request or asked(QUESTION)))


def record_of(outputs: list[Output]) -> TurnRecord:
    ended = outputs[-1]
    assert isinstance(ended, TurnEnded)
    return ended.record


def kinds(outputs: list[Output]) -> list[str]:
    return [type(output).__name__ for output in outputs]


def places(outputs: list[Output]) -> list[str]:
    return [it.decision.place.value for it in outputs if isinstance(it, TurnDecided)]


def test_an_answer_that_is_kept_is_held_until_its_verdict_and_stays_as_it_is() -> None:
    got = told(replace(KEEP, claims=(Claim("yes", None),)))

    assert kinds(got) == ["TurnDecided", "TurnChecked", "Delta", "Delta", "Delta", "TurnEnded"]
    assert text_of(got) == "wrong answer"
    assert got[-1].verdict.claims  # type: ignore[union-attr]
    record = record_of(got)
    assert (record.verdict, record.verdict_reason) == ("keep", "sure")
    assert (record.confidence, record.confidence_reason) == (0.9, None)
    assert record.withdrawn_model is None
    assert record.usage == USAGE


@pytest.mark.parametrize("verdict", [ABSTAIN, ASK])
def test_what_the_guard_says_takes_the_place_of_an_answer(verdict: Verdict) -> None:
    got = told(verdict, cloud=saying())

    assert kinds(got) == ["TurnDecided", "TurnWithdrawn", "Delta", "TurnEnded"]
    assert text_of(got) == verdict.said
    record = record_of(got)
    assert (record.place, record.verdict) == (Place.DEVICE, verdict.action.value)
    assert (record.confidence, record.withdrawn_model) == (verdict.confidence, "small")
    assert (record.finish_reason, record.usage) == (FinishReason.STOP, USAGE)


def test_an_answer_is_shown_as_it_comes_where_that_is_set_and_withdrawn_aloud() -> None:
    got = told(ABSTAIN, limits=SHOWN)

    assert kinds(got) == ["TurnDecided", "Delta", "Delta", "TurnWithdrawn", "Delta", "TurnEnded"]
    decided, withdrawn = got[0], got[3]
    assert isinstance(decided, TurnDecided) and decided.is_unchecked
    assert isinstance(withdrawn, TurnWithdrawn) and withdrawn.is_shown
    assert text_of(got[4:]) == ABSTAIN.said


def test_what_was_held_is_withdrawn_without_having_been_shown() -> None:
    withdrawn = told(ABSTAIN)[1]

    assert isinstance(withdrawn, TurnWithdrawn) and not withdrawn.is_shown


def test_the_end_of_a_shown_answer_comes_after_its_verdict() -> None:
    got = told(KEEP, limits=SHOWN)

    assert kinds(got) == ["TurnDecided", "Delta", "Delta", "TurnChecked", "Delta", "TurnEnded"]


@pytest.mark.parametrize("limits", [Limits(), SHOWN])
def test_an_answer_that_is_escalated_is_withdrawn_and_the_cloud_answers(limits: Limits) -> None:
    device_line: Line = ["wrong ", "answer"]
    got = told(
        ESCALATE, device=[device_line], cloud=saying(["right"], model="large"), limits=limits
    )

    assert places(got) == ["device", "cloud"]
    assert text_of(got[kinds(got).index("TurnWithdrawn") :]) == "right"
    record = record_of(got)
    assert (record.place, record.reason, record.model) == (Place.CLOUD, "withdrawn", "large")
    assert (record.verdict, record.verdict_reason) == ("escalate", "unsure")
    assert record.withdrawn_model == "small"
    assert (record.confidence, record.confidence_reason) == (None, OF_CLOUD)
    assert record.failed_places == ()


def test_a_run_that_is_thrown_away_is_charged() -> None:
    class Slow(ScriptedChecker):
        async def after(self, *args: Any, **more: Any) -> Verdict:
            clock.advance(2)
            return await super().after(*args, **more)

    clock = FakeClock()
    got = told(checker=Slow([ESCALATE]), cloud=saying(["right"]), clock=clock)
    plain = told(
        request=asked(QUESTION, wish=Wish.ONLY_CLOUD), cloud=saying(["right"]), clock=FakeClock()
    )

    record, cloud_only = record_of(got), record_of(plain)
    assert record.stages["check"] == pytest.approx(2000)
    assert record.joules_estimated is not None and cloud_only.joules_estimated is not None
    assert record.joules_estimated - cloud_only.joules_estimated == pytest.approx(2 * 15)
    assert record.usage == cloud_only.usage


def test_a_cloud_that_gives_nothing_after_an_escalation_never_brings_the_answer_back() -> None:
    got = told(ESCALATE, cloud=saying(DOWN))

    assert "wrong" not in text_of(got)
    assert text_of(got) == ESCALATE.said
    record = record_of(got)
    assert (record.place, record.reason) == (Place.DEVICE, "cloud_failed")
    assert (record.verdict, record.verdict_reason) == ("abstain", "unsure")
    assert record.failed_places == (Place.CLOUD,)
    assert record.withdrawn_model == "small"


@pytest.mark.parametrize("question", ["Who is it?", "من هو؟"])
def test_a_verdict_that_says_nothing_still_leaves_words(question: str) -> None:
    language = "ar" if "؟" in question else "en"
    for reason, words in (("unsure", HELP["unsure"]), ("a new one", UNSAID)):
        verdict = replace(ESCALATE, reason=reason, said="")
        got = told(verdict, request=asked(question), cloud=saying(DOWN))

        assert text_of(got) == words[language]


def test_a_cloud_that_breaks_off_after_an_escalation_is_an_error_as_ever() -> None:
    kept = Kept()

    with pytest.raises(BackendBroken):
        told(ESCALATE, cloud=saying(["ri", BackendBroken("cut")]), recorder=kept)

    assert (kept.last.error, kept.last.withdrawn_model) == (BackendBroken.code, "small")


def test_who_wants_the_device_only_is_never_escalated() -> None:
    checker = ScriptedChecker([ESCALATE])
    got = told(
        checker=checker, request=asked(QUESTION, wish=Wish.ONLY_DEVICE), cloud=saying(["right"])
    )

    assert [can_escalate for _, _, can_escalate in checker.seen] == [False]
    assert (places(got), text_of(got)) == (["device"], ESCALATE.said)
    assert record_of(got).verdict == "abstain"


@pytest.mark.parametrize(
    "more",
    [
        {"limits": Limits(is_offline=True), "cloud": saying()},
        {"limits": Limits(usd_per_day=Decimal(0)), "cloud": saying()},
        {"request": asked(QUESTION, is_private=True), "cloud": saying()},
        {},
    ],
)
def test_no_answer_is_escalated_where_the_cloud_may_not_be_used(more: dict[str, Any]) -> None:
    checker = ScriptedChecker([ESCALATE])
    got = told(checker=checker, **more)

    assert not checker.seen[0][2]
    assert (places(got), record_of(got).verdict) == (["device"], "abstain")


def test_a_rule_that_needs_no_answer_sends_the_turn_to_the_cloud_at_once() -> None:
    device = saying(model="small")
    checker = ScriptedChecker(rules={"today": FRESH})
    jisr = runtime(device=device, cloud=saying(["now"]), checker=checker)
    got = asyncio.run(outputs(jisr, asked("Is it open today?")))

    assert (places(got), text_of(got), device.seen) == (["cloud"], "now", [])
    record = record_of(got)
    assert (record.verdict, record.verdict_reason) == ("escalate", "fresh")
    assert record.withdrawn_model is None


@pytest.mark.parametrize("cloud", [None, saying(DOWN)])
def test_a_rule_that_needs_no_answer_abstains_at_once_where_there_is_no_cloud(cloud: Any) -> None:
    device = saying(model="small")
    checker = ScriptedChecker(rules={"today": FRESH})
    jisr = runtime(device=device, cloud=cloud, checker=checker)
    got = asyncio.run(outputs(jisr, asked("Is it open today?")))

    assert (places(got)[-1], text_of(got), device.seen) == ("device", FRESH.said, [])
    record = record_of(got)
    assert (record.verdict, record.verdict_reason) == ("abstain", "fresh")
    assert record.usage is not None and record.usage.output_tokens == 0
    assert (record.usd, record.joules_estimated) == (Decimal(0), 0.0)


def test_a_question_back_is_asked_without_a_run_even_if_there_is_a_cloud() -> None:
    got = told(checker=ScriptedChecker(rules={"neighbour": ASK}), cloud=saying())

    assert (places(got), text_of(got)) == (["device"], ASK.said)


def test_who_wants_the_cloud_is_not_asked_by_the_rules_of_the_device() -> None:
    got = told(
        checker=ScriptedChecker(rules={"neighbour": ASK}),
        request=asked(QUESTION, wish=Wish.PREFER_CLOUD),
        cloud=saying(["right"]),
    )

    record = record_of(got)
    assert (text_of(got), record.verdict) == ("right", None)
    assert record.confidence_reason == OF_CLOUD


def offering() -> Toolbox:
    return Toolbox(tools=(Tool(name="look", description="", parameters="{}"),))


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (asked(QUESTION, toolbox=offering()), OF_TOOLS),
        (asked(QUESTION, sampling=Sampling(json_schema="{}")), OF_FORM),
        (asked(QUESTION, sampling=Sampling(grammar='root ::= "a"')), OF_FORM),
        (asked(" "), NO_QUESTION),
    ],
)
def test_what_cannot_be_checked_is_not_and_says_why(request_: Request, why: str) -> None:
    checker = ScriptedChecker([ABSTAIN])
    got = told(checker=checker, request=request_, device_takes_tools=True)

    record = record_of(got)
    assert (text_of(got), checker.seen) == ("wrong answer", [])
    assert (record.verdict, record.confidence, record.confidence_reason) == (None, None, why)


def test_an_answer_without_text_is_checked_like_any_other() -> None:
    checker = ScriptedChecker([ABSTAIN])
    record = record_of(told(checker=checker, device=[[" "]]))

    assert record.verdict == "abstain"
    assert checker.seen[0][1].text == " "


@pytest.mark.parametrize("limits", [Limits(), SHOWN])
def test_a_check_that_fails_lets_the_answer_stand_without_a_confidence(
    limits: Limits, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        got = told(ValueError("no number"), limits=limits)

    record = record_of(got)
    assert (text_of(got), record.error) == ("wrong answer", None)
    assert (record.verdict, record.confidence) == (None, None)
    assert record.confidence_reason == "not checked: the check failed (ValueError)"
    assert "the check failed" in caplog.text


def test_an_estimate_or_a_rule_that_fails_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    checker = ScriptedChecker(
        [KEEP], rules={"neighbour": ValueError("odd")}, expected=ValueError("odd")
    )
    record = record_of(told(checker=checker))

    assert record.verdict == "keep"
    assert "could not be estimated" in caplog.text
    assert "could not be looked at by the rules" in caplog.text


@pytest.mark.parametrize("number", [-0.1, 1.5, float("nan")])
def test_a_confidence_that_is_no_probability_is_none(number: float) -> None:
    record = record_of(told(replace(KEEP, confidence=number)))

    assert record.confidence is None
    assert record.confidence_reason


def test_the_device_is_asked_for_logprobs_that_the_client_does_not_see() -> None:
    checker, device = ScriptedChecker(), saying([TOLD])
    got = asyncio.run(outputs(runtime(device=device, checker=checker), asked(QUESTION)))

    assert device.seen[0].sampling.num_top_logprobs == 20
    assert checker.seen[0][1].logprobs == TOLD.logprobs
    assert not any(it.logprobs for it in got if isinstance(it, Delta))
    assert record_of(got).missing == ()


def test_a_device_is_asked_for_no_logprobs_that_nothing_of_the_check_reads() -> None:
    device = saying()
    jisr = runtime(device=device, checker=ScriptedChecker(reads_logprobs=False))
    for sampling in (Sampling(), Sampling(num_top_logprobs=2)):
        record = record_of(asyncio.run(outputs(jisr, asked(QUESTION, sampling=sampling))))
        assert record.verdict == "keep"

    assert [it.sampling.num_top_logprobs for it in device.seen] == [None, 2]


def test_of_a_server_on_this_machine_which_no_calibration_is_of_none_are_read(
    tmp_path: Path,
) -> None:
    checker = checker_for(Settings(home=tmp_path), engine=None, weights=None)

    assert checker is not None
    assert not checker.reads_logprobs


def test_the_client_sees_as_many_logprobs_as_it_asked_for() -> None:
    request = asked(QUESTION, sampling=Sampling(num_top_logprobs=2))
    got = told(request=request, device=[[TOLD]])

    (seen,) = [it.logprobs for it in got if isinstance(it, Delta) and it.logprobs]
    assert seen == (TokenLogprob(b"yes", -0.1, LIKELY[:2]),)


def test_what_a_server_could_not_tell_is_missing_only_if_it_was_asked_for() -> None:
    end = Delta("", finish_reason=FinishReason.STOP, usage=USAGE, missing=("logprobs",))

    assert record_of(told(device=[["yes", end]])).missing == ()


def test_the_signals_have_the_kind_of_the_question_and_what_is_expected() -> None:
    checker = ScriptedChecker(expected=Estimate(0.6, 0.9))
    jisr = runtime(device=saying(), checker=checker)
    signals, _ = asyncio.run(jisr.decide(asked("Which town has the oldest well?")))

    assert signals.kind == TaskKind.SHORT
    assert (signals.estimate_device, signals.estimate_cloud) == (0.6, 0.9)


def test_a_device_that_breaks_off_before_its_check_is_replaced_by_the_cloud() -> None:
    got = told(device=[["half", BackendBroken("cut")]], cloud=saying(["whole"]))

    assert text_of(got) == "whole"
    assert record_of(got).failed_places == (Place.DEVICE,)


def test_a_device_that_breaks_off_after_it_was_shown_is_an_error() -> None:
    with pytest.raises(BackendBroken):
        told(device=[["half", BackendBroken("cut")]], cloud=saying(["whole"]), limits=SHOWN)


def test_the_stages_are_told_in_their_order() -> None:
    events: list[str] = []

    def note(event: StageStarted | StageEnded) -> None:
        if isinstance(event, StageEnded):
            events.append(event.stage.value)

    jisr = runtime(device=saying(), cloud=saying(), checker=ScriptedChecker([ESCALATE]))
    asyncio.run(outputs(jisr, asked(QUESTION), on_event=note))

    assert events == [
        *("sight", "decide", "generate", "check"),
        *("decide", "outbound", "generate", "record"),
    ]


def test_stopping_during_the_check_stops_the_check() -> None:
    checker, device, kept = ScriptedChecker(waits=True), saying(), Kept()
    jisr = runtime(device=device, checker=checker, recorder=kept)

    async def stop() -> None:
        task = asyncio.create_task(outputs(jisr, asked(QUESTION)))
        while not checker.num_checking:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(stop())

    assert (checker.num_checking, device.num_streaming) == (0, 0)
    assert kept.last.error == "cancelled"


def test_no_turn_is_told_twice_that_it_stands() -> None:
    assert sum(isinstance(it, TurnChecked) for it in told(KEEP)) == 1


def test_without_a_checker_nothing_is_checked() -> None:
    got = asyncio.run(outputs(runtime(device=saying()), asked(QUESTION)))

    assert kinds(got) == ["TurnDecided", "Delta", "Delta", "TurnEnded"]
    assert record_of(got).verdict is None
    assert "check" not in record_of(got).stages


def test_a_turn_that_nobody_may_answer_is_refused_as_ever() -> None:
    with pytest.raises(NoPlace):
        asyncio.run(
            outputs(
                runtime(cloud=saying(), checker=ScriptedChecker()),
                asked(QUESTION, wish=Wish.ONLY_DEVICE),
            )
        )


def test_how_the_machine_is_is_read_once_for_a_while() -> None:
    clock, num_read = FakeClock(), 0

    def read() -> Machine:
        nonlocal num_read
        num_read += 1
        return Machine(on_battery=True, battery_share=0.5)

    jisr = runtime(device=saying(), clock=clock)
    jisr._gathering.read_machine = read

    async def signals() -> Signals:
        return (await jisr.decide(asked(QUESTION)))[0]

    seen = [asyncio.run(signals()) for _ in range(2)]
    clock.advance(60)
    seen.append(asyncio.run(signals()))

    assert {(it.on_battery, it.battery_share) for it in seen} == {(True, 0.5)}
    assert num_read == 2


def test_a_policy_of_the_users_own_decides_too() -> None:
    jisr = runtime(
        device=saying(),
        cloud=saying(["right"]),
        checker=ScriptedChecker(expected=Estimate(0.01, 0.99)),
        limits=Limits(policy=Policy(quality=1.0)),
    )
    dear = runtime(
        device=saying(),
        cloud=saying(["right"]),
        checker=ScriptedChecker(expected=Estimate(0.01, 0.99)),
        limits=Limits(policy=Policy(quality=0.0)),
    )

    assert places(asyncio.run(outputs(jisr, asked(QUESTION)))) == ["cloud"]
    assert places(asyncio.run(outputs(dear, asked(QUESTION)))) == ["device"]


def test_an_answer_that_need_not_be_held_is_shown_as_it_comes() -> None:
    got = told(checker=ScriptedChecker(is_holding=False), device=[["yes, ", "it is"]])

    decided, first = got[0], got[1]
    assert isinstance(decided, TurnDecided) and decided.is_unchecked
    assert isinstance(first, Delta) and first.text == "yes, "
    assert any(isinstance(it, TurnChecked) for it in got)
