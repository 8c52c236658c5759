"""Turns whose place gives nothing, is too small, or is left: who answers then, and who does not."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from jisr.backends.scripted import Line, ScriptedBackend
from jisr.bench.behaviours import Behaviour
from jisr.errors import BackendBroken, BackendUnavailable, ContextOverflow
from jisr.privacy.sight import Sight
from jisr.types import Delta, Outbound, Request, Wish
from tests.runtimes import Kept, asked, clouded, outputs, runtime, saying, text_of
from tests.turns import DOWN, EMAIL, Broken, places, told


def test_a_prompt_too_long_for_the_device_goes_to_the_cloud() -> None:
    outputs = told(
        runtime(device=saying(), cloud=saying(), device_context_tokens=64), asked("word " * 200)
    )

    assert places(outputs) == [("cloud", "too_long")]


def test_a_prompt_too_long_for_both_is_an_error_that_nobody_falls_back_from() -> None:
    cloud = saying()
    jisr = runtime(device=saying([ContextOverflow("too long by 7")]), cloud=cloud)

    with pytest.raises(ContextOverflow, match="too long by 7"):
        told(jisr, asked())
    assert cloud.seen == []


def test_a_prompt_far_beyond_every_place_is_refused_before_it_is_looked_at() -> None:
    jisr = runtime(device=saying(), cloud=saying(), sight=Sight([Broken()]))

    with pytest.raises(ContextOverflow, match="about 512001 tokens, about 384001 more"):
        told(jisr, asked("7" * 2_048_004))
    assert text_of(told(jisr, asked("7" * 2_048_000))) == "hello"


@pytest.mark.parametrize(
    ("device", "cloud", "wish", "expected"),
    [
        (
            ["fine"],
            DOWN,
            Wish.PREFER_CLOUD,
            [("cloud", "prefer_cloud"), ("device", "cloud_failed")],
        ),
        (DOWN, ["fine"], Wish.PREFER_DEVICE, [("device", "default"), ("cloud", "device_failed")]),
    ],
)
def test_a_place_that_gives_nothing_is_replaced_and_the_record_says_so(
    device: Line, cloud: Line, wish: Wish, expected: list[tuple[str, str]]
) -> None:
    kept = Kept()
    jisr = runtime(device=saying(device), cloud=saying(cloud), recorder=kept)

    outputs = told(jisr, asked(wish=wish))

    assert places(outputs) == expected
    assert text_of(outputs) == "fine"
    assert [place.value for place in kept.last.failed_places] == [expected[0][0]]
    assert kept.last.failures == ("backend_unavailable",)
    assert (kept.last.place.value, kept.last.reason) == expected[1]


@pytest.mark.parametrize("wish", [Wish.ONLY_CLOUD, Wish.ONLY_DEVICE])
def test_only_means_only_even_when_that_place_fails(wish: Wish) -> None:
    device, cloud, kept = saying(DOWN), saying(DOWN), Kept()

    with pytest.raises(BackendUnavailable):
        told(runtime(device=device, cloud=cloud, recorder=kept), asked(wish=wish))

    assert len(device.seen) + len(cloud.seen) == 1
    assert kept.last.error == "backend_unavailable"


def test_the_error_of_the_place_that_was_tried_last_is_the_error() -> None:
    jisr = runtime(device=saying(DOWN), cloud=saying([BackendBroken("cut")]))

    with pytest.raises(BackendBroken):
        told(jisr, asked())


def test_what_was_shown_is_never_repeated_by_another_place() -> None:
    device, kept = saying(["again"]), Kept()
    jisr = runtime(device=device, cloud=saying(["half", BackendBroken("cut")]), recorder=kept)
    shown: list[str] = []

    async def turn() -> None:
        async for output in jisr.turn(asked(wish=Wish.PREFER_CLOUD)):
            if isinstance(output, Delta):
                shown.append(output.text)

    with pytest.raises(BackendBroken):
        asyncio.run(turn())
    assert shown == ["half"]
    assert device.seen == []
    assert (kept.last.error, kept.last.finish_reason) == ("backend_broken", None)


def test_what_was_held_back_for_restoring_was_not_shown_so_another_place_may_answer() -> None:
    cloud = saying(["<EMAIL_ADD", BackendBroken("cut")])
    jisr = runtime(device=saying(["fine"]), cloud=cloud)

    assert text_of(told(jisr, asked(EMAIL, wish=Wish.PREFER_CLOUD))) == "fine"


def test_closing_a_turn_stops_the_work_and_records_it_as_cancelled() -> None:
    kept, device = Kept(), saying(["one", "two", "three"])
    jisr = runtime(device=device, recorder=kept)

    async def turn() -> None:
        async with aclosing(jisr.turn(asked())) as outputs:
            async for output in outputs:
                if isinstance(output, Delta):
                    return

    asyncio.run(turn())
    assert device.num_streaming == 0
    assert (kept.last.error, kept.last.finish_reason) == ("cancelled", None)


def test_a_cancelled_task_closes_the_clouds_connection() -> None:
    kept = Kept()

    async def turn() -> None:
        async with clouded(Behaviour.HANG_MIDWAY, patience={"read_timeout_s": 30}) as (
            server,
            cloud,
        ):
            jisr = runtime(cloud=cloud, recorder=kept)
            task = asyncio.ensure_future(outputs(jisr, asked()))
            while not server.captured:
                await asyncio.sleep(0.001)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            async with asyncio.timeout(5):
                await server.until_no_connection()

    asyncio.run(turn())
    assert kept.last.error == "cancelled"


class Faulty(ScriptedBackend):
    """A backend with a mistake in it."""

    def stream(self, turn: Request | Outbound) -> AsyncGenerator[Delta, None]:
        raise ZeroDivisionError


def test_a_mistake_of_ours_is_recorded_as_one_and_not_as_a_client_that_left() -> None:
    kept = Kept()

    with pytest.raises(ZeroDivisionError):
        told(runtime(device=Faulty([]), recorder=kept), asked())

    assert kept.last.error == "internal"
