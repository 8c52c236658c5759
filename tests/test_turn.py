import asyncio
from dataclasses import replace

import pytest

from jisr.backends.fallback import FallbackBackend
from jisr.backends.scripted import Line, ScriptedBackend
from jisr.errors import BackendUnavailable
from jisr.ledger.bill import CloudRate
from jisr.runtime import Runtime
from jisr.turn import TurnEnded
from jisr.types import Delta, FinishReason, Request, Sampling, TokenLogprob, TurnRecord
from tests.runtimes import USAGE, asked, outputs, runtime, saying

WITH_LOGPROBS = Sampling(num_top_logprobs=0)
TOLD = Delta("yes", (TokenLogprob(b"yes", -0.1),))


END = Delta("yes", finish_reason=FinishReason.STOP)


def record(line: Line, sampling: Sampling) -> TurnRecord:
    return recorded(runtime(device=saying(line)), asked(sampling=sampling))


def recorded(jisr: Runtime, request: Request) -> TurnRecord:
    ended = asyncio.run(outputs(jisr, request))[-1]
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


@pytest.mark.parametrize(
    ("last", "missing"),
    [
        (replace(END, usage=USAGE), ()),
        (END, ("usage",)),
        (replace(END, usage=USAGE, missing=("top_k",)), ("top_k",)),
    ],
)
def test_what_its_backend_left_out_and_tokens_nobody_counted_are_missing_too(
    last: Delta, missing: tuple[str, ...]
) -> None:
    backend = ScriptedBackend([[last]])

    assert recorded(runtime(device=backend), asked()).missing == missing


def test_the_model_that_answered_and_those_that_failed_before_are_recorded_and_billed() -> None:
    down = ScriptedBackend([[BackendUnavailable("off")]], model="gpt-4o-mini")
    several = FallbackBackend([down, saying(["yes"], model="spare")])
    clouds = (
        CloudRate(model="gpt-4o-mini", is_free=False),
        CloudRate(model="gpt-4o", is_free=False),
    )

    told = recorded(runtime(cloud=several, clouds=clouds), asked())

    assert (told.model, told.failed_models) == ("spare", ("gpt-4o-mini",))
    assert told.failed_places == ()
    assert told.usd is not None and told.usd_cloud_only is not None
    assert told.usd > told.usd_cloud_only  # the spare is dearer


def test_a_confidence_that_nothing_was_calibrated_for_is_none_with_the_reason() -> None:
    told = record(["yes"], Sampling())

    assert told.confidence is None
    assert told.confidence_reason
