"""Turns over an upstream: how a fault ends one, what is tried again, and health after it."""

import asyncio

import pytest

from jisr.bench.behaviours import Behaviour
from jisr.clock import FakeClock, SystemClock
from jisr.errors import (
    BackendBroken,
    BackendError,
    BackendRefused,
    BackendTimeout,
    BackendUnavailable,
    ContextOverflow,
    InvalidRequest,
    JisrError,
)
from jisr.types import Delta, Outbound, Sampling
from tests.backends.services import serving
from tests.backends.upstream_turns import told
from tests.contracts.backend import MESSAGES, OUTBOUND, first_of, joined


@pytest.mark.parametrize(
    ("behaviour", "error", "words", "num_requests", "text"),
    [
        (Behaviour.HANG, BackendTimeout, "said nothing for 0.2 s", 1, ""),
        (Behaviour.HANG_MIDWAY, BackendTimeout, "said nothing for 0.2 s", 1, "piece 0 "),
        (Behaviour.CLOSE_FIRST, BackendBroken, "closed the connection", 3, ""),
        (Behaviour.CLOSE_MIDWAY, BackendBroken, "closed the connection", 1, "piece 0 "),
        (Behaviour.FAIL, BackendUnavailable, "answered 500: It broke.", 3, ""),
        (Behaviour.BUSY, BackendUnavailable, "answered 429", 3, ""),
        (Behaviour.WRONG_KEY, BackendRefused, "JISR_CLOUD_API_KEY", 1, ""),
        (Behaviour.FORBIDDEN, BackendRefused, "JISR_CLOUD_API_KEY", 1, ""),
        (Behaviour.BAD_REQUEST, BackendRefused, "No such thing.", 1, ""),
        (Behaviour.NO_SUCH_MODEL, BackendRefused, "There is no such model.", 1, ""),
        (Behaviour.TOO_LONG, ContextOverflow, "longer than the context", 1, ""),
        (Behaviour.TOO_LARGE, InvalidRequest, "larger than", 1, ""),
        (Behaviour.REDIRECT, BackendRefused, "Redirects are never followed", 1, ""),
        (Behaviour.ERROR_EVENT, BackendBroken, "The model fell over.", 1, "piece 0 "),
        (Behaviour.GARBAGE, BackendBroken, "UTF-8", 1, ""),
        (Behaviour.INVALID_JSON, BackendBroken, "no chat completion", 1, "piece 0 "),
        (Behaviour.ODD_JSON, BackendBroken, "no chat completion", 1, "piece 0 "),
        (Behaviour.ENDLESS, BackendBroken, "far longer", 1, None),
        (Behaviour.ENDLESS_COMMENTS, BackendBroken, "far longer", 1, ""),
        (Behaviour.HUGE_LINE, BackendBroken, "longer than", 1, ""),
        (Behaviour.WRONG_TYPE, BackendBroken, "text/html", 1, ""),
    ],
)
def test_each_fault_of_a_service_is_its_own_error(
    behaviour: Behaviour, error: type[JisrError], words: str, num_requests: int, text: str | None
) -> None:
    async def turn() -> tuple[list[Delta], JisrError | None, int, int]:
        async with serving(behaviour) as served:
            deltas, failure = await told(served.upstream)
            return deltas, failure, served.server.num_requests[behaviour], len(str(failure))

    deltas, failure, asked, length = asyncio.run(turn())

    assert type(failure) is error
    assert words in str(failure)
    assert length < 500
    assert asked == num_requests
    assert text is None or joined(deltas) == text
    assert all(delta.finish_reason is None for delta in deltas)


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour.HANG,
        Behaviour.HANG_MIDWAY,
        Behaviour.ENDLESS,
        Behaviour.ENDLESS_COMMENTS,
        Behaviour.HUGE_LINE,
    ],
)
def test_a_service_that_goes_on_after_its_fault_is_hung_up_on(behaviour: Behaviour) -> None:
    async def turn() -> None:
        async with serving(behaviour) as served:
            await told(served.upstream)
            async with asyncio.timeout(1):
                await served.server.until_no_connection()

    asyncio.run(turn())


@pytest.mark.parametrize("behaviour", [Behaviour.FAIL_ONCE, Behaviour.BUSY_ONCE])
def test_a_passing_fault_is_tried_again(behaviour: Behaviour) -> None:
    async def turn() -> tuple[list[Delta], JisrError | None, list[float], bool]:
        async with serving(behaviour, script={"retry_after": "2"}) as served:
            deltas, failure = await told(served.upstream)
            return deltas, failure, served.sleeps.asked_s, served.upstream.is_healthy()

    deltas, failure, asked_s, is_healthy = asyncio.run(turn())

    assert failure is None
    assert joined(deltas).endswith("piece 9 ")
    assert asked_s == ([2.0] if behaviour is Behaviour.BUSY_ONCE else [0.25])
    assert is_healthy


@pytest.mark.parametrize("asked", ["60", "Thu, 01 Jan 2026 01:00:00 GMT"])
def test_a_service_that_asks_for_a_long_wait_is_given_up(asked: str) -> None:
    async def turn() -> tuple[JisrError | None, list[float]]:
        async with serving(Behaviour.BUSY_ONCE, script={"retry_after": asked}) as served:
            return (await told(served.upstream))[1], served.sleeps.asked_s

    failure, asked_s = asyncio.run(turn())

    assert isinstance(failure, BackendUnavailable)
    assert asked_s == []


def test_no_try_begins_after_the_turns_deadline() -> None:
    async def turn() -> list[float]:
        script = {"retry_after": "10"}
        async with serving(Behaviour.BUSY, turn_timeout_s=5, script=script) as served:
            await told(served.upstream)
            return served.sleeps.asked_s

    assert asyncio.run(turn()) == []


def test_a_turn_that_drips_ends_at_its_deadline() -> None:
    async def turn() -> JisrError | None:
        script = {"pieces": ["drip "] * 1000, "pause_s": 0.01}
        async with serving(
            Behaviour.SLOW, clock=SystemClock(), turn_timeout_s=0.2, script=script
        ) as served:
            return (await told(served.upstream))[1]

    assert isinstance(asyncio.run(turn()), BackendTimeout)


def test_cancelling_a_turn_closes_its_connection() -> None:
    async def turn() -> None:
        async with serving(Behaviour.HANG_MIDWAY, read_timeout_s=60) as served:
            task = asyncio.ensure_future(told(served.upstream))
            while not served.server.num_requests:
                await asyncio.sleep(0.001)
            task.cancel()
            async with asyncio.timeout(1):
                await served.server.until_no_connection()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert served.upstream.is_healthy()

    asyncio.run(turn())


def test_a_turn_that_ended_leaves_its_connection_for_the_next() -> None:
    async def turns() -> int:
        async with serving() as served:
            for _ in range(5):
                await told(served.upstream)
            return served.server.num_connections_ever

    assert asyncio.run(turns()) == 1


def test_leaving_at_the_last_delta_keeps_the_connection_too() -> None:
    async def turns() -> int:
        async with serving() as served:
            for _ in range(3):
                stream = served.upstream.stream(OUTBOUND)
                while (await first_of(stream)).finish_reason is None:
                    pass
                await stream.aclose()
            return served.server.num_connections_ever

    assert asyncio.run(turns()) == 1


def test_health_is_lost_by_a_failure_and_comes_back_with_time() -> None:
    clock = FakeClock()

    async def turn() -> list[bool]:
        async with serving(Behaviour.FAIL, clock=clock) as served:
            seen = [served.upstream.is_healthy()]
            await told(served.upstream)
            for _ in range(3):
                seen.append(served.upstream.is_healthy())
                clock.advance(7.5)
            return seen

    assert asyncio.run(turn()) == [True, False, False, True]


def test_health_comes_back_with_an_answer() -> None:
    async def turn() -> list[bool]:
        async with serving(Behaviour.CLOSE_FIRST, retries=0) as served:
            await told(served.upstream)
            seen = [served.upstream.is_healthy()]
            assert await served.upstream.check() == ("scripted",)
            return [*seen, served.upstream.is_healthy()]

    assert asyncio.run(turn()) == [False, True]


@pytest.mark.parametrize("behaviour", [Behaviour.BAD_REQUEST, Behaviour.TOO_LONG])
def test_a_turn_that_is_refused_says_nothing_of_the_services_health(behaviour: Behaviour) -> None:
    async def turn() -> bool:
        async with serving(behaviour) as served:
            await told(served.upstream)
            return served.upstream.is_healthy()

    assert asyncio.run(turn())


def test_text_of_every_script_comes_back_whole() -> None:
    text = "حجز طاولة لشخصين 🙂 at eight, " * 20

    async def turn() -> list[Delta]:
        async with serving(Behaviour.ECHO, script={"piece_chars": 1}) as served:
            message = type(MESSAGES[0])(MESSAGES[0].role, text)
            turn = Outbound(messages=(message,), sampling=Sampling())
            return (await told(served.upstream, turn))[0]

    assert joined(asyncio.run(turn())) == text


def test_many_turns_at_once_are_answered() -> None:
    async def turns() -> int:
        async with serving() as served:
            answers = await asyncio.gather(*(told(served.upstream) for _ in range(200)))
            return sum(failure is None for _, failure in answers)

    assert asyncio.run(turns()) == 200


def test_a_closed_upstream_fails_and_opens_nothing() -> None:
    async def turn() -> tuple[JisrError | None, int]:
        async with serving() as served:
            await served.upstream.close()
            return (await told(served.upstream))[1], served.server.num_connections_ever

    failure, num_connections = asyncio.run(turn())

    assert isinstance(failure, BackendError)
    assert num_connections == 0
