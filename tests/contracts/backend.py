"""What every backend promises, whatever it is made of.

A backend's test file subclasses `BackendContract` and says how to make one;
it then runs all of this, and adds only what is its own.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Generic, TypeVar

import pytest

from jisr.backends.base import Backend
from jisr.errors import BackendError
from jisr.types import Delta, Message, Outbound, Request, Role, Sampling

MESSAGES = (Message(Role.USER, "hello"),)
REQUEST = Request(messages=MESSAGES)
OUTBOUND = Outbound(messages=MESSAGES, sampling=Sampling())
LIMIT_S = 5.0

AskedT = TypeVar("AskedT")


async def complete(backend: Backend[AskedT], turn: AskedT) -> list[Delta]:
    async with asyncio.timeout(LIMIT_S):
        return [delta async for delta in backend.stream(turn)]


def joined(deltas: list[Delta]) -> str:
    return "".join(delta.text for delta in deltas)


async def first_of(stream: AsyncIterator[Delta]) -> Delta:
    async with asyncio.timeout(LIMIT_S):
        return await anext(stream)


class BackendContract(ABC, Generic[AskedT]):
    turn: AskedT

    @abstractmethod
    def serving(self, *pieces: str) -> AbstractAsyncContextManager[Backend[AskedT]]:
        """Return a backend whose completions are these pieces; it is closed on leaving."""

    @abstractmethod
    def failing(self) -> AbstractAsyncContextManager[Backend[AskedT]]:
        """Return a backend that cannot complete a turn."""

    @abstractmethod
    async def until_stopped(self) -> None:
        """Return once no work is done behind the backend that is being served."""

    def completed(self, *pieces: str) -> list[Delta]:
        async def turn() -> list[Delta]:
            async with self.serving(*pieces) as backend:
                return await complete(backend, self.turn)

        return asyncio.run(turn())

    @pytest.mark.parametrize("pieces", [("Hel", "lo", "."), ("مر", "حبا", " 🙂"), ("\n",)])
    def test_pieces_join_to_the_whole(self, pieces: tuple[str, ...]) -> None:
        assert joined(self.completed(*pieces)) == "".join(pieces)

    def test_the_last_delta_and_only_that_has_a_finish_reason(self) -> None:
        *before, last = self.completed("a", "b")

        assert last.finish_reason is not None
        assert all(delta.finish_reason is None for delta in before)

    def test_usage_comes_with_the_last_delta_or_not_at_all(self) -> None:
        *before, _ = self.completed("a", "b")

        assert all(delta.usage is None for delta in before)

    def test_an_empty_completion_is_a_completion(self) -> None:
        deltas = self.completed()

        assert joined(deltas) == ""
        assert deltas[-1].finish_reason is not None

    def test_failure_is_a_backend_error(self) -> None:
        async def turn() -> None:
            async with self.failing() as backend:
                await complete(backend, self.turn)

        with pytest.raises(BackendError):
            asyncio.run(turn())

    def test_turns_at_once_do_not_mix(self) -> None:
        async def turns() -> list[list[Delta]]:
            async with self.serving("one ", "two") as backend:
                return await asyncio.gather(*(complete(backend, self.turn) for _ in range(4)))

        assert [joined(deltas) for deltas in asyncio.run(turns())] == ["one two"] * 4

    def test_closing_early_stops_the_work(self) -> None:
        async def turn() -> None:
            async with self.serving(*("piece " for _ in range(50))) as backend:
                stream = backend.stream(self.turn)
                await first_of(stream)
                await stream.aclose()
                async with asyncio.timeout(LIMIT_S):
                    await self.until_stopped()

        asyncio.run(turn())

    def test_a_model_has_a_name(self) -> None:
        async def name() -> str:
            async with self.serving() as backend:
                return backend.model

        assert asyncio.run(name())

    def test_closing_twice_is_harmless(self) -> None:
        async def close() -> None:
            async with self.serving() as backend:
                await backend.close()
                await backend.close()

        asyncio.run(close())
