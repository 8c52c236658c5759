"""Several backends as one: the next is asked when one gives nothing.

A turn falls back only while nothing of it was yielded, so no text is ever
repeated; and it never does so silently: the stream of a turn says which model
answered and who failed before. That is kept in the stream and not in the
backend, because many turns run at once.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Generic

from jisr.backends.base import Backend, TurnT
from jisr.errors import BackendError, ConfigError
from jisr.types import Delta

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FailedBackend:
    """A backend that was asked for a turn and gave nothing."""

    model: str
    error: BackendError


class FallbackStream(AsyncGenerator[Delta, None]):
    """The deltas of one turn, and how they came to be.

    Args:
        attempts: Model and deltas of each backend, made when it is its turn.
    """

    def __init__(self, attempts: Iterable[tuple[str, AsyncGenerator[Delta, None]]]) -> None:
        self.answered_by: str | None = None
        """Model whose deltas these are; None until the first came."""
        self.failures: list[FailedBackend] = []
        """Backends that were asked and gave nothing, in order."""
        self._attempts = attempts
        self._deltas = self._ask_in_turn()

    async def asend(self, value: None) -> Delta:
        """Return the next delta.

        Raises:
            InvalidRequest: The turn can be completed by no backend of this kind.
            BackendError: The last backend failed, or one failed in mid-answer.
        """
        return await self._deltas.asend(value)

    async def athrow(self, *error: Any) -> Delta:
        """Raise an error where it waits, and so stop the work behind it."""
        return await self._deltas.athrow(*error)

    async def aclose(self) -> None:
        """Stop the work behind it. Closing twice is harmless."""
        await self._deltas.aclose()

    async def _ask_in_turn(self) -> AsyncGenerator[Delta, None]:
        for model, stream in self._attempts:
            try:
                async with aclosing(stream) as deltas:
                    async for delta in deltas:
                        self.answered_by = model
                        yield delta
                return
            except BackendError as error:
                if self.answered_by is not None:
                    raise
                self.failures.append(FailedBackend(model, error))
                log.warning("%s gave nothing: %s", model, error.code)
        raise self.failures[-1].error


class FallbackBackend(Generic[TurnT]):
    """Asks backends in order until one answers; it owns and closes them.

    Raises:
        ConfigError: There are none.
    """

    def __init__(self, backends: Sequence[Backend[TurnT]]) -> None:
        if not backends:
            raise ConfigError("A fallback needs at least one backend.")
        self._backends = tuple(backends)

    @property
    def model(self) -> str:
        """Name of the model that is asked first; a turn's own is its stream's `answered_by`."""
        return self._backends[0].model

    def stream(self, turn: TurnT) -> FallbackStream:
        """Return the deltas of the first backend that gives any.

        Raises:
            InvalidRequest: The turn can be completed by no backend of this kind.
            BackendError: The last backend failed, or one failed in mid-answer.
        """
        return FallbackStream((it.model, it.stream(turn)) for it in self._backends)

    async def close(self) -> None:
        """Close all backends. Closing twice is harmless."""
        for backend in self._backends:
            await backend.close()
