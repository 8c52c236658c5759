"""Answers that are not checked, or not to the end: why not, and what becomes of them."""

import asyncio
import logging
from dataclasses import replace

import pytest

from jisr.checking import NO_QUESTION, OF_FORM, OF_TOOLS
from jisr.errors import BackendBroken, NoPlace
from jisr.places import Limits
from jisr.scripted_checker import KEEP, ScriptedChecker
from jisr.tools import Tool, Toolbox
from jisr.types import Place, Request, Sampling, Wish
from tests.checks import ABSTAIN, QUESTION, SHOWN, kinds, record_of, told
from tests.runtimes import Kept, asked, outputs, runtime, saying, text_of


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


def test_a_device_that_breaks_off_before_its_check_is_replaced_by_the_cloud() -> None:
    got = told(device=[["half", BackendBroken("cut")]], cloud=saying(["whole"]))

    assert text_of(got) == "whole"
    assert record_of(got).failed_places == (Place.DEVICE,)


def test_a_device_that_breaks_off_after_it_was_shown_is_an_error() -> None:
    with pytest.raises(BackendBroken):
        told(device=[["half", BackendBroken("cut")]], cloud=saying(["whole"]), limits=SHOWN)


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
