import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from jisr.backends.base import Backend
from jisr.backends.fallback import FallbackBackend
from jisr.backends.scripted import ScriptedBackend
from jisr.errors import (
    BackendBroken,
    BackendError,
    BackendTimeout,
    BackendUnavailable,
    ConfigError,
    InvalidRequest,
)
from jisr.types import Delta, Request
from tests.contracts.backend import REQUEST, BackendContract, complete, joined


def down(error: BackendError | InvalidRequest | None = None) -> ScriptedBackend:
    return ScriptedBackend([[error or BackendUnavailable("down")]] * 8, model="down")


class TestFallbackBackend(BackendContract[Request]):
    turn = REQUEST

    @asynccontextmanager
    async def serving(self, *pieces: str) -> AsyncIterator[Backend[Request]]:
        self.second = ScriptedBackend([pieces] * 4)
        yield FallbackBackend([down(), self.second])

    @asynccontextmanager
    async def failing(self) -> AsyncIterator[Backend[Request]]:
        yield FallbackBackend([down(), down()])

    async def until_stopped(self) -> None:
        assert self.second.num_streaming == 0


def test_each_turn_says_who_answered_and_who_failed_before() -> None:
    flaky = ScriptedBackend([[BackendTimeout("late")], ["first"]], model="flaky")
    backend = FallbackBackend([flaky, ScriptedBackend([["second"]], model="spare")])

    async def turns() -> list[tuple[str, str | None, list[str]]]:
        streams = [backend.stream(REQUEST), backend.stream(REQUEST)]
        texts = [joined([delta async for delta in stream]) for stream in streams]
        return [
            (text, stream.answered_by, [failed.error.code for failed in stream.failures])
            for text, stream in zip(texts, streams, strict=True)
        ]

    assert asyncio.run(turns()) == [
        ("second", "spare", ["backend_timeout"]),
        ("first", "flaky", []),
    ]


def test_a_failure_in_mid_answer_is_raised_and_nothing_repeated() -> None:
    breaking = ScriptedBackend([["half", BackendBroken("cut")]])
    spare = ScriptedBackend([["whole"]])
    said: list[Delta] = []

    async def turn() -> None:
        async for delta in FallbackBackend([breaking, spare]).stream(REQUEST):
            said.append(delta)

    with pytest.raises(BackendBroken):
        asyncio.run(turn())
    assert joined(said) == "half"
    assert spare.seen == []


def test_a_turn_that_no_backend_can_do_is_not_handed_on() -> None:
    spare = ScriptedBackend([["never"]])

    with pytest.raises(InvalidRequest):
        asyncio.run(complete(FallbackBackend([down(InvalidRequest("no")), spare]), REQUEST))
    assert spare.seen == []


def test_when_all_fail_the_last_error_is_raised() -> None:
    backend = FallbackBackend([down(), down(BackendTimeout("late"))])

    with pytest.raises(BackendTimeout):
        asyncio.run(complete(backend, REQUEST))


def test_a_fallback_may_stand_in_a_fallback() -> None:
    inner = FallbackBackend([down(), down()])
    backend = FallbackBackend[Request]([inner, ScriptedBackend([["there"]])])

    assert joined(asyncio.run(complete(backend, REQUEST))) == "there"


def test_a_fallback_of_nothing_is_refused() -> None:
    with pytest.raises(ConfigError):
        FallbackBackend[Request]([])
