import asyncio

import pytest

from jisr.backends.scripted import Line
from jisr.turn import TurnEnded
from jisr.types import Delta, Sampling, TokenLogprob, TurnRecord
from tests.runtimes import asked, outputs, runtime, saying

WITH_LOGPROBS = Sampling(num_top_logprobs=0)
TOLD = Delta("yes", (TokenLogprob(b"yes", -0.1),))


def record(line: Line, sampling: Sampling) -> TurnRecord:
    ended = asyncio.run(outputs(runtime(device=saying(line)), asked(sampling=sampling)))[-1]
    assert isinstance(ended, TurnEnded)
    return ended.record


@pytest.mark.parametrize(
    ("line", "sampling", "missing"),
    [
        ([TOLD], WITH_LOGPROBS, ()),
        (["yes"], WITH_LOGPROBS, ("logprobs",)),
        (["yes"], Sampling(), ()),
    ],
)
def test_what_was_asked_for_and_not_told_is_said_to_be_missing(
    line: Line, sampling: Sampling, missing: tuple[str, ...]
) -> None:
    assert record(line, sampling).missing == missing


def test_a_confidence_that_nothing_was_calibrated_for_is_none_with_the_reason() -> None:
    told = record(["yes"], Sampling())

    assert told.confidence is None
    assert told.confidence_reason
