"""The check of a turn: what is kept, asked back, sent to the cloud and not said at all."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from jisr.arbiter.policy import Policy
from jisr.arbiter.scorer import Estimate
from jisr.backends.scripted import Line
from jisr.checking import OF_CLOUD
from jisr.clock import FakeClock
from jisr.errors import BackendBroken, BackendUnavailable
from jisr.events import StageEnded, StageStarted
from jisr.guard.sentences import CLOUD, instead_of_answer
from jisr.guard.verdicts import Action, Claim, Verdict
from jisr.places import Limits
from jisr.scripted_checker import KEEP, ScriptedChecker
from jisr.turn import NONE_GIVEN, TurnChecked, TurnDecided, TurnWithdrawn
from jisr.types import Delta, FinishReason, Place, Wish
from tests.checks import ABSTAIN, ESCALATE, QUESTION, SHOWN, kinds, places, record_of, told
from tests.runtimes import USAGE, Kept, asked, outputs, runtime, saying, text_of

ASK = Verdict(action=Action.ASK, reason="unclear", confidence=0.4, said="Which neighbour?")
FRESH = Verdict(action=Action.ESCALATE, reason="fresh", confidence=None, said="It changes daily.")
DOWN: Line = [BackendUnavailable("switched off")]


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
    assert text_of(got) == instead_of_answer(verdict.reason, "en", (), verdict.said)
    record = record_of(got)
    assert (record.place, record.verdict) == (Place.DEVICE, verdict.action.value)
    assert record.withdrawn_model == "small"
    assert (record.confidence, record.confidence_reason) == (None, NONE_GIVEN)
    assert (record.finish_reason, record.usage) == (FinishReason.STOP, USAGE)


def test_an_answer_is_shown_as_it_comes_where_that_is_set_and_withdrawn_aloud() -> None:
    got = told(ABSTAIN, limits=SHOWN)

    assert kinds(got) == ["TurnDecided", "Delta", "Delta", "TurnWithdrawn", "Delta", "TurnEnded"]
    decided, withdrawn = got[0], got[3]
    assert isinstance(decided, TurnDecided) and decided.is_unchecked
    assert isinstance(withdrawn, TurnWithdrawn) and withdrawn.is_shown
    assert text_of(got[4:]) == instead_of_answer("unsure", "en", {"no_cloud"}, ABSTAIN.said)


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
    assert text_of(got) == instead_of_answer("unsure", "en", {"cloud_failed"}, ESCALATE.said)
    record = record_of(got)
    assert (record.place, record.reason) == (Place.DEVICE, "cloud_failed")
    assert (record.verdict, record.verdict_reason) == ("abstain", "unsure")
    assert record.failed_places == (Place.CLOUD,)
    assert record.withdrawn_model == "small"


@pytest.mark.parametrize("question", ["Who is it?", "من هو؟"])
def test_a_verdict_that_says_nothing_still_leaves_words(question: str) -> None:
    language = "ar" if "؟" in question else "en"
    for reason in ("unsure", "a new one"):
        verdict = replace(ESCALATE, reason=reason, said="")
        got = told(verdict, request=asked(question), cloud=saying(DOWN))

        assert text_of(got) == instead_of_answer("unsure", language, {"cloud_failed"})


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
    assert places(got) == ["device"]
    assert text_of(got) == instead_of_answer("unsure", "en", {"only_device"}, ESCALATE.said)
    assert record_of(got).verdict == "abstain"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"limits": Limits(is_offline=True), "cloud": saying()}, "offline"),
        ({"limits": Limits(usd_per_day=Decimal(0)), "cloud": saying()}, "budget"),
        ({"request": asked(QUESTION, is_private=True), "cloud": saying()}, "private"),
        ({"request": asked(QUESTION, wish=Wish.ONLY_DEVICE), "cloud": saying()}, "only_device"),
        ({}, "no_cloud"),
        # what holds without the wish, or the network, is told before them
        ({"request": asked(QUESTION, wish=Wish.ONLY_DEVICE)}, "no_cloud"),
        (
            {
                "request": asked(QUESTION, is_private=True, wish=Wish.ONLY_DEVICE),
                "limits": Limits(is_offline=True),
                "cloud": saying(),
            },
            "private",
        ),
    ],
)
@pytest.mark.parametrize("is_ruled", [False, True])
def test_no_answer_is_escalated_where_the_cloud_may_not_be_used(
    more: dict[str, Any], why: str, is_ruled: bool
) -> None:
    rules = {"neighbour": replace(FRESH, reason="fresh_facts")} if is_ruled else {}
    checker = ScriptedChecker([ESCALATE], rules=rules)
    got = told(checker=checker, **more)

    assert [can_escalate for _, _, can_escalate in checker.seen] == [False] * (not is_ruled)
    assert (places(got), record_of(got).verdict) == (["device"], "abstain")
    assert text_of(got).endswith(f"; {CLOUD[why]['en']}")


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


def test_no_turn_is_told_twice_that_it_stands() -> None:
    assert sum(isinstance(it, TurnChecked) for it in told(KEEP)) == 1


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
