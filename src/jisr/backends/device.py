"""The device: turns completed by the engine in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from functools import lru_cache

from jisr.engine.engine import Engine
from jisr.engine.generation import Deliver, Generation
from jisr.errors import (
    BackendBroken,
    BackendBusy,
    BackendUnavailable,
    ContextOverflow,
    EngineBusy,
    EngineClosed,
    EngineError,
    JisrError,
)
from jisr.types import BYTES_PER_TOKEN, Delta, Message, Request

LONGEST_PIECE_BYTES = 128
"""A text of more bytes than this times the context cannot fit, so it is not tokenized at all."""
RENDERED_TURNS = 32
"""Turns whose tokens are remembered between counting and completing them."""


class DeviceBackend:
    """Completes turns on an engine."""

    def __init__(self, engine: Engine, model: str | None = None) -> None:
        self._engine = engine
        self.model = model or engine.name
        self._render = lru_cache(RENDERED_TURNS)(self._render_once)

    def count_tokens(self, request: Request) -> int:
        """Return the length of the prompt; an estimate where it is far beyond the context."""
        if request.num_bytes > self._engine.context_tokens * LONGEST_PIECE_BYTES:
            return request.estimated_tokens
        return len(self._render(request.messages))

    def is_healthy(self) -> bool:
        """Return True: what fails on the device tells of one turn."""
        return True

    async def stream(self, turn: Request) -> AsyncGenerator[Delta, None]:
        """Yield the completion's pieces as the engine makes them.

        Raises:
            ContextOverflow: The prompt leaves no room for an answer.
            InvalidRequest: The model's template, or its grammar, cannot take the turn.
            BackendBusy: Too many turns wait already.
            BackendUnavailable: The engine was shut down.
            BackendBroken: The engine failed.
        """
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[Delta | JisrError] = asyncio.Queue()

        def deliver(piece: Delta | JisrError) -> None:
            loop.call_soon_threadsafe(pieces.put_nowait, piece)

        try:
            generation = await asyncio.to_thread(self._prepare, turn, deliver)
            self._engine.start(generation)
        except EngineClosed as error:
            raise BackendUnavailable(str(error)) from error
        except EngineBusy as error:
            raise BackendBusy(str(error)) from error
        try:
            while True:
                piece = await pieces.get()
                if isinstance(piece, EngineError):
                    raise BackendBroken(f"The engine could not go on: {piece}") from piece
                if isinstance(piece, JisrError):
                    raise piece
                yield piece
                if piece.finish_reason is not None:
                    return
        finally:
            self._engine.cancel(generation)

    async def close(self) -> None:
        """Shut the engine down."""
        await asyncio.to_thread(self._engine.close)

    def _prepare(self, turn: Request, deliver: Deliver) -> Generation:
        estimate = self.count_tokens(turn)
        context = self._engine.context_tokens
        if estimate >= context * LONGEST_PIECE_BYTES // BYTES_PER_TOKEN:
            raise ContextOverflow(
                f"The prompt has about {estimate} tokens, about {estimate - context} more than "
                f"fit into the context of {context}. Shorten it, or raise device.context_tokens.",
                param="messages",
            )
        return self._engine.prepare(self._render(turn.messages), turn.sampling, deliver)

    def _render_once(self, messages: tuple[Message, ...]) -> tuple[int, ...]:
        return tuple(self._engine.render(messages))
