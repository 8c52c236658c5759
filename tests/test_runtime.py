"""Turns in the runtime: their stages, where they run, what they may cost, and their record."""

import asyncio
from contextlib import aclosing, suppress
from decimal import Decimal

import pytest

from jisr.backends.scripted import ScriptedBackend
from jisr.bench.behaviours import Behaviour
from jisr.errors import BackendError, NoPlace
from jisr.events import StageEnded, StageStarted
from jisr.places import Limits
from jisr.runtime import Runtime
from jisr.turn import Output, TurnDecided, TurnEnded
from jisr.types import Delta, FinishReason, Place, Request, Wish
from tests.runtimes import BALANCED, USAGE, Kept, asked, clouded, outputs, runtime, saying, text_of
from tests.turns import DOWN, EMAIL, PRIVATE, STAYING, VALUES, places, record_of, told


def stages(jisr: Runtime, request: Request) -> list[str]:
    """The stages of a turn as they began (+) and ended (-)."""
    events: list[str] = []

    def note(event: StageStarted | StageEnded) -> None:
        events.append(f"{'+' if isinstance(event, StageStarted) else '-'}{event.stage}")

    async def turn() -> None:
        with suppress(BackendError):
            await outputs(jisr, request, on_event=note)

    asyncio.run(turn())
    return events


def pairs(*names: str) -> list[str]:
    return [sign + name for name in names for sign in "+-"]


def test_a_turn_on_the_device_goes_through_its_stages_in_order() -> None:
    assert stages(runtime(device=saying()), asked()) == pairs(
        "sight", "decide", "generate", "record"
    )


def test_a_turn_to_the_cloud_is_redacted_before_anything_is_generated() -> None:
    assert stages(runtime(cloud=saying()), asked()) == pairs(
        "sight", "decide", "outbound", "generate", "record"
    )


def test_only_deciding_and_what_comes_after_is_repeated_when_a_place_fails() -> None:
    jisr = runtime(device=saying(), cloud=saying(DOWN))

    assert stages(jisr, asked(wish=Wish.PREFER_CLOUD)) == pairs(
        "sight", "decide", "outbound", "generate", "decide", "generate", "record"
    )


def test_a_stage_that_fails_ends_and_the_turn_is_recorded() -> None:
    assert stages(runtime(device=saying(DOWN)), asked()) == pairs(
        "sight", "decide", "generate", "record"
    )


def test_the_record_has_the_stages_in_the_order_they_ran() -> None:
    record = record_of(told(runtime(device=saying(), cloud=saying()), asked(wish=Wish.ONLY_CLOUD)))

    assert list(record.stages) == [
        "receive",
        "sight",
        "decide",
        "outbound",
        "generate",
        "restore",
    ]


def test_a_turn_is_decided_then_answered_then_ended() -> None:
    decided, first, last, ended = told(runtime(device=saying(["hello"])), asked())

    assert isinstance(decided, TurnDecided)
    assert first == Delta("hello")
    assert last == Delta("", finish_reason=FinishReason.STOP, usage=USAGE)
    assert isinstance(ended, TurnEnded)
    assert ended.record.turn_id == decided.turn_id
    assert ended.record.usage == USAGE
    assert ended.record.finish_reason is FinishReason.STOP


def test_each_turn_has_a_name_of_its_own() -> None:
    jisr = runtime(device=saying())

    assert len({record_of(told(jisr, asked())).turn_id for _ in range(20)}) == 20


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish.PREFER_DEVICE, ("device", "default")),
        (Wish.ONLY_DEVICE, ("device", "only_device")),
        (Wish.PREFER_CLOUD, ("cloud", "prefer_cloud")),
        (Wish.ONLY_CLOUD, ("cloud", "only_cloud")),
        (Wish.PREFER_JOINT, ("cloud", "joint_unavailable")),
    ],
)
def test_a_wish_is_followed_where_nothing_bars_it(wish: Wish, expected: tuple[str, str]) -> None:
    outputs = told(runtime(device=saying(), cloud=saying()), asked(wish=wish))

    assert places(outputs) == [expected]
    assert record_of(outputs).reason == expected[1]


@pytest.mark.parametrize(
    ("limits", "request_", "words"),
    [
        (Limits(), asked(STAYING), "private"),
        (Limits(), asked(is_private=True), "private"),
        (Limits(is_offline=True), asked(), "offline"),
        (Limits(usd_per_day=Decimal(1)), asked(), "budget"),
        (Limits(usd_per_month=Decimal(1)), asked(), "budget"),
    ],
)
def test_a_limit_keeps_a_turn_here_and_only_cloud_is_then_refused(
    limits: Limits, request_: Request, words: str
) -> None:
    cloud = saying()
    kept = Kept(spent=Decimal(2))
    policy = BALANCED.staying(["IBAN_CODE"])
    jisr = runtime(device=saying(), cloud=cloud, limits=limits, recorder=kept, policy=policy)
    only = Request(messages=request_.messages, is_private=request_.is_private, wish=Wish.ONLY_CLOUD)
    prefers = Request(
        messages=request_.messages, is_private=request_.is_private, wish=Wish.PREFER_CLOUD
    )

    assert places(told(jisr, prefers)) == [("device", words)]
    with pytest.raises(NoPlace):
        told(jisr, only)
    assert kept.last.error == "no_place"
    assert cloud.seen == []


def test_a_turn_after_one_in_the_cloud_is_decided_by_the_same_rules() -> None:
    jisr = runtime(device=saying(), cloud=saying())

    first = told(jisr, asked(wish=Wish.PREFER_CLOUD))
    second = told(jisr, asked())

    assert places(first) + places(second) == [("cloud", "prefer_cloud"), ("device", "default")]


def test_turns_at_once_cannot_overspend_together() -> None:
    cloud, kept = saying(["a"], ["b"]), Kept()
    limits = Limits(usd_per_day=Decimal("0.001"))
    jisr = runtime(device=saying(["here"]), cloud=cloud, limits=limits, recorder=kept)
    request = asked(wish=Wish.PREFER_CLOUD)

    async def both() -> list[tuple[str, str]]:
        async with aclosing(jisr.turn(request)) as first:
            decided = [await anext(first)]  # under way, and not billed yet
            decided += (await outputs(jisr, request))[:1]
        return places(decided)

    assert asyncio.run(both()) == [("cloud", "prefer_cloud"), ("device", "budget")]


def test_what_was_set_aside_is_free_again_after_a_turn_that_told_its_size() -> None:
    limits = Limits(usd_per_day=Decimal("0.001"))
    jisr = runtime(cloud=saying(["a"], ["b"]), limits=limits)
    request = asked(wish=Wish.PREFER_CLOUD)

    assert [text_of(told(jisr, request)) for _ in range(2)] == ["a", "b"]


def test_a_cloud_turn_that_did_not_tell_its_size_stays_set_aside() -> None:
    limits = Limits(usd_per_day=Decimal("0.001"))
    silent = ScriptedBackend([["a"], ["b"]], usage=None)
    jisr = runtime(device=saying(["here"]), cloud=silent, limits=limits)
    request = asked(wish=Wish.PREFER_CLOUD)

    assert [text_of(told(jisr, request)) for _ in range(2)] == ["a", "here"]


def test_deciding_alone_runs_nothing_and_records_nothing() -> None:
    device, cloud, kept = saying(), saying(), Kept()
    jisr = runtime(device=device, cloud=cloud, recorder=kept)

    signals, decision = asyncio.run(jisr.decide(asked(PRIVATE, wish=Wish.PREFER_CLOUD)))

    assert (decision.place, decision.reason.value) == (Place.CLOUD, "prefer_cloud")
    assert EMAIL not in repr(signals)
    assert (device.seen, cloud.seen, kept.records) == ([], [], [])


def test_the_record_tells_costs_and_what_left_but_no_text() -> None:
    kept = Kept()
    jisr = runtime(device=saying(["my secret"]), cloud=saying(["my secret"]), recorder=kept)

    told(jisr, asked(PRIVATE))
    told(jisr, asked(PRIVATE, wish=Wish.ONLY_CLOUD))
    here, there = kept.records

    assert (here.left_device, there.left_device) == (False, True)
    assert here.usd == 0
    assert there.usd == there.usd_cloud_only == here.usd_cloud_only
    assert there.usd
    assert here.private_spans == there.private_spans
    assert not [value for value in (*VALUES, "secret") if value in repr(kept.records)]


def test_the_record_has_no_confidence_and_says_why() -> None:
    record = record_of(told(runtime(device=saying()), asked()))

    assert record.confidence is None
    assert record.confidence_reason


def test_the_model_that_answered_is_named_as_its_service_names_it() -> None:
    async def turn() -> list[Output]:
        async with clouded(Behaviour.OK) as (_, cloud):
            return await outputs(runtime(cloud=cloud), asked())

    assert record_of(asyncio.run(turn())).model == "ok"


def test_closing_closes_both_places() -> None:
    async def close() -> None:
        async with clouded(Behaviour.OK) as (_, cloud):
            jisr = runtime(device=saying(), cloud=cloud)
            await jisr.close()
            await jisr.close()
            with pytest.raises(BackendError, match="closed"):
                await outputs(jisr, asked(wish=Wish.ONLY_CLOUD))

    asyncio.run(close())
