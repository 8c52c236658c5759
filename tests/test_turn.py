import asyncio
from dataclasses import replace

import pytest

from jisr.backends.fallback import FallbackBackend
from jisr.backends.scripted import Line, ScriptedBackend
from jisr.errors import BackendUnavailable
from jisr.ledger.bill import CloudRate
from jisr.runtime import Runtime
from jisr.turn import TurnEnded
from jisr.types import (
    Delta,
    FinishReason,
    Place,
    Request,
    Sampling,
    TokenLogprob,
    TurnRecord,
    Usage,
    Wish,
)
from tests.runtimes import JOINT_USE, USAGE, asked, outputs, runtime, saying

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


def test_tokens_that_the_device_made_after_a_fallback_are_not_billed() -> None:
    def told(num_tokens: int, on_device: int) -> TurnRecord:
        usage = Usage(input_tokens=5, output_tokens=num_tokens)
        use = replace(JOINT_USE, on_device=on_device)
        last = replace(END, usage=usage, joint=use)
        clouds = (CloudRate(model="gpt-4o", is_free=False),)
        backend = ScriptedBackend([[last]])
        jisr = runtime(device=saying(), cloud=saying(), joint=backend, clouds=clouds)
        return recorded(jisr, asked(wish=Wish.PREFER_JOINT))

    fell_back, short, whole = told(40, 30), told(10, 0), told(40, 0)

    assert fell_back.place is Place.JOINT
    assert fell_back.usage == whole.usage
    assert fell_back.usd == short.usd != whole.usd
    assert fell_back.usd_cloud_only == whole.usd_cloud_only
    assert None not in (fell_back.joules_estimated, whole.joules_estimated)
    assert fell_back.joules_estimated < whole.joules_estimated  # type: ignore[operator]


def test_a_confidence_that_nothing_was_calibrated_for_is_none_with_the_reason() -> None:
    told = record(["yes"], Sampling())

    assert told.confidence is None
    assert told.confidence_reason
