import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from jisr.backends.base import Backend
from jisr.backends.scripted import Line, ScriptedBackend
from jisr.errors import BackendBroken, BackendUnavailable
from jisr.types import Delta, FinishReason, Request, Usage
from tests.contracts.backend import REQUEST, BackendContract, complete, joined


class TestScriptedBackend(BackendContract[Request]):
    turn = REQUEST

    @asynccontextmanager
    async def serving(self, *pieces: str) -> AsyncIterator[Backend[Request]]:
        self.backend = ScriptedBackend([pieces] * 4)
        yield self.backend

    @asynccontextmanager
    async def failing(self) -> AsyncIterator[Backend[Request]]:
        yield ScriptedBackend([[BackendUnavailable("switched off")]])

    async def until_stopped(self) -> None:
        assert self.backend.num_streaming == 0


def test_each_turn_gets_its_own_line() -> None:
    backend = ScriptedBackend([["first"], ["second"]])

    assert joined(asyncio.run(complete(backend, REQUEST))) == "first"
    assert joined(asyncio.run(complete(backend, REQUEST))) == "second"
    assert backend.seen == [REQUEST, REQUEST]


def test_an_error_stands_where_the_line_has_it() -> None:
    said: list[str] = []

    async def turn() -> None:
        line: Line = ["one", BackendBroken("cut"), "never"]
        async for delta in ScriptedBackend([line]).stream(REQUEST):
            said.append(delta.text)

    with pytest.raises(BackendBroken):
        asyncio.run(turn())
    assert said == ["one"]


def test_a_script_that_is_over_fails() -> None:
    with pytest.raises(BackendUnavailable, match="0 lines"):
        asyncio.run(complete(ScriptedBackend([]), REQUEST))


def test_the_last_delta_says_what_it_was_told_to() -> None:
    usage = Usage(input_tokens=3, output_tokens=1)
    backend = ScriptedBackend([["x"]], usage=usage, finish_reason=FinishReason.LENGTH)

    last = asyncio.run(complete(backend, REQUEST))[-1]

    assert last == Delta("", finish_reason=FinishReason.LENGTH, usage=usage)
