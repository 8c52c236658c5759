import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from jisr.backends.base import Backend
from jisr.backends.device import DeviceBackend
from jisr.engine.engine import Engine, EngineSettings
from jisr.errors import BackendBroken, BackendBusy, ContextOverflow, InvalidRequest
from jisr.types import Delta, FinishReason, Message, Request, Role, Sampling
from tests.contracts.backend import LIMIT_S, REQUEST, BackendContract, complete, first_of, joined
from tests.weights import small_model

CONTEXT = 256


def load(**more: int) -> Engine:
    settings = EngineSettings(context_tokens=CONTEXT, num_sequences=4, threads=1)
    return Engine(small_model(), replace(settings, **more))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with load() as engine:
        yield engine


def asked(text: str = "Say hello.", **sampling: object) -> Request:
    more = {"max_output_tokens": 8, **sampling}
    return Request(
        messages=(Message(Role.USER, text),),
        sampling=Sampling(**more),  # type: ignore[arg-type]
    )


def told(engine: Engine, request: Request) -> list[Delta]:
    return asyncio.run(complete(DeviceBackend(engine), request))


def quote(text: str) -> str:
    """Return a grammar's literal of a text."""
    codes = "".join(f"\\U{ord(character):08X}" for character in text)
    return f'root ::= "{codes}"'


class TestDeviceBackend(BackendContract[Request]):
    """The contract, with a grammar to make a real model say what the test wants."""

    turn = REQUEST

    @asynccontextmanager
    async def serving(self, *pieces: str) -> AsyncIterator[Backend[Request]]:
        text = "".join(pieces)
        self.turn = asked(grammar=quote(text), max_output_tokens=200)
        self.engine = load()
        backend = DeviceBackend(self.engine)
        try:
            yield backend
        finally:
            await backend.close()

    @asynccontextmanager
    async def failing(self) -> AsyncIterator[Backend[Request]]:
        backend = DeviceBackend(load())
        await backend.close()
        yield backend

    async def until_stopped(self) -> None:
        while self.engine.num_running:
            await asyncio.sleep(0.001)


def test_usage_counts_the_prompt_and_what_was_cached_of_it(engine: Engine) -> None:
    request = asked("Name three rivers of Africa.")

    told(engine, request)
    usage = told(engine, request)[-1].usage

    assert usage
    assert usage.input_tokens == DeviceBackend(engine).count_tokens(request)
    assert usage.cached_tokens == usage.input_tokens - 1
    assert usage.output_tokens == 8


def test_the_same_turn_gives_the_same_answer(engine: Engine) -> None:
    greedy, seeded = asked(), asked(temperature=1.0, seed=7)

    assert joined(told(engine, greedy)) == joined(told(engine, greedy))
    assert joined(told(engine, seeded)) == joined(told(engine, seeded))


def test_an_answer_that_is_cut_off_says_so(engine: Engine) -> None:
    assert told(engine, asked(max_output_tokens=1))[-1].finish_reason is FinishReason.LENGTH


def test_a_prompt_that_is_too_long_is_an_error_that_says_by_how_much(engine: Engine) -> None:
    request = asked("word " * 400)
    over = DeviceBackend(engine).count_tokens(request) + 1 - CONTEXT

    with pytest.raises(
        ContextOverflow, match=f"{over} more than fit into the context of {CONTEXT}"
    ):
        told(engine, request)


def test_a_prompt_far_too_long_is_not_even_tokenized(engine: Engine) -> None:
    with pytest.raises(ContextOverflow, match=r"about \d+ more than fit"):
        told(engine, asked("كلمة " * 2_000_000))


def test_a_turn_that_cannot_be_is_the_callers_fault(engine: Engine) -> None:
    with pytest.raises(InvalidRequest):
        told(engine, asked(grammar="root ::= ((("))


def test_too_many_turns_at_once_are_refused_at_once() -> None:
    async def turns() -> list[object]:
        backend = DeviceBackend(load(num_sequences=1, max_waiting=1))
        long = asked("Tell a story.", max_output_tokens=50)
        try:
            async with asyncio.timeout(LIMIT_S * 4):
                return await asyncio.gather(
                    *(complete(backend, long) for _ in range(8)), return_exceptions=True
                )
        finally:
            await backend.close()

    results = asyncio.run(turns())
    busy = [result for result in results if isinstance(result, BackendBusy)]
    assert len(busy) >= 5
    assert all(isinstance(result, list) for result in results if result not in busy)


def test_a_turn_whose_engine_is_shut_down_breaks_off() -> None:
    async def turn() -> None:
        backend = DeviceBackend(load())
        stream = backend.stream(asked("Tell a long story.", max_output_tokens=200))
        await first_of(stream)
        await backend.close()
        async with asyncio.timeout(LIMIT_S):
            async for _ in stream:
                pass

    with pytest.raises(BackendBroken, match="shut down"):
        asyncio.run(turn())


def test_a_turn_that_is_cancelled_while_it_waits_is_never_run(engine: Engine) -> None:
    async def turn() -> None:
        backend = DeviceBackend(engine)
        task = asyncio.ensure_future(complete(backend, asked("Tell a story.")))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(LIMIT_S):
            while engine.num_running or engine.num_waiting:
                await asyncio.sleep(0.001)

    asyncio.run(turn())


def test_log_probabilities_join_to_the_text(engine: Engine) -> None:
    deltas = told(engine, asked("قل مرحبا", num_top_logprobs=1, max_output_tokens=12))

    tokens = b"".join(entry.token for delta in deltas for entry in delta.logprobs)
    assert tokens.decode("utf-8", "replace").startswith(joined(deltas).rstrip("\ufffd"))


def test_it_is_called_as_it_was_told_or_as_its_file(engine: Engine) -> None:
    assert DeviceBackend(engine, "mine").model == "mine"
    assert DeviceBackend(engine).model == engine.name
