"""Several backends as one: the next is asked when one gives nothing.

A turn falls back only while nothing of it was yielded, so no text is ever
repeated; and it never does so silently: the stream of a turn says which model
answered and who failed before. That is kept in the stream and not in the
backend, because many turns run at once.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from jisr.backends.base import Backend
from jisr.errors import BackendError, ConfigError
from jisr.types import Delta

log = logging.getLogger(__name__)

AskedT = TypeVar("AskedT")


@dataclass(frozen=True, slots=True)
class FailedBackend:
    """A backend that was asked for a turn and gave nothing."""

    model: str
    error: BackendError


class FallbackStream(AsyncIterator[Delta], Generic[AskedT]):
    """The deltas of one turn, and how they came to be.

    Closing it early stops the work behind it.
    """

    def __init__(self, backends: Sequence[Backend[AskedT]], turn: AskedT) -> None:
        self.answered_by: str | None = None
        """Model whose deltas these are; None until the first came."""
        self.failures: list[FailedBackend] = []
        """Backends that were asked and gave nothing, in order."""
        self._backends = backends
        self._turn = turn
        self._deltas = self._ask_in_turn()

    async def __anext__(self) -> Delta:
        """Return the next delta.

        Raises:
            InvalidRequest: The turn can be completed by no backend of this kind.
            BackendError: The last backend failed, or one failed in mid-answer.
        """
        return await anext(self._deltas)

    async def aclose(self) -> None:
        """Stop the work behind it. Closing twice is harmless."""
        await self._deltas.aclose()

    async def _ask_in_turn(self) -> AsyncGenerator[Delta, None]:
        for backend in self._backends:
            stream = backend.stream(self._turn)
            try:
                async for delta in stream:
                    self.answered_by = backend.model
                    yield delta
                return
            except BackendError as error:
                if self.answered_by is not None:
                    raise
                self.failures.append(FailedBackend(backend.model, error))
                log.warning("%s gave nothing: %s", backend.model, error.code)
            finally:
                await _close(stream)
        raise self.failures[-1].error


class FallbackBackend(Generic[AskedT]):
    """Asks backends in order until one answers; it owns and closes them.

    Raises:
        ConfigError: There are none.
    """

    def __init__(self, backends: Sequence[Backend[AskedT]]) -> None:
        if not backends:
            raise ConfigError("A fallback needs at least one backend.")
        self._backends = tuple(backends)

    @property
    def model(self) -> str:
        """Name of the model that is asked first; a turn's own is its stream's `answered_by`."""
        return self._backends[0].model

    def stream(self, turn: AskedT) -> FallbackStream[AskedT]:
        """Return the deltas of the first backend that gives any.

        Raises:
            InvalidRequest: The turn can be completed by no backend of this kind.
            BackendError: The last backend failed, or one failed in mid-answer.
        """
        return FallbackStream(self._backends, turn)

    async def close(self) -> None:
        """Close all backends. Closing twice is harmless."""
        for backend in self._backends:
            await backend.close()


async def _close(stream: AsyncIterator[Delta]) -> None:
    """Close a stream now and not when it is collected, if it can be closed."""
    if aclose := getattr(stream, "aclose", None):
        await aclose()
