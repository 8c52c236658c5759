"""Several backends as one: the next is asked when one gives nothing.

A turn falls back only while nothing of it was yielded, so no text is ever
repeated; and it never does so silently: the first delta of a turn and its last
say which backend answered, and which models were asked before and gave nothing.
Backends that failed lately are asked last, so that one that hangs does not keep
every turn waiting.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Generic

from jisr.backends.base import Backend, TurnT
from jisr.errors import BackendError, ConfigError
from jisr.types import Delta

LOG = logging.getLogger(__name__)


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
        """Name of the first backend's model; which one answered, a turn's deltas say."""
        return self._backends[0].model

    def is_healthy(self) -> bool:
        """Return whether any of them has not failed lately; nothing is sent."""
        return any(backend.is_healthy() for backend in self._backends)

    async def stream(self, turn: TurnT) -> AsyncGenerator[Delta, None]:
        """Yield the deltas of the first backend that gives any, the healthy ones asked first.

        Raises:
            InvalidRequest: The turn can be completed by no backend of this kind.
            BackendError: The last backend failed, or one failed in mid-answer.
        """
        failed_models: tuple[str, ...] = ()
        failure: BackendError | None = None
        for number, backend in self._in_order():
            is_silent = True
            try:
                async with aclosing(backend.stream(turn)) as deltas:
                    async for delta in deltas:
                        tells = is_silent or delta.finish_reason is not None
                        is_silent = False
                        yield _told(delta, number, backend, failed_models) if tells else delta
                return
            except BackendError as error:
                if not is_silent:
                    raise
                failed_models += (backend.model,)
                failure = error
                LOG.warning("%s gave nothing: %s", backend.model, error.reason)
        assert failure is not None
        raise failure

    async def close(self) -> None:
        """Close all backends. Closing twice is harmless."""
        for backend in self._backends:
            await backend.close()

    def _in_order(self) -> list[tuple[int, Backend[TurnT]]]:
        return sorted(enumerate(self._backends), key=lambda it: not it[1].is_healthy())


def _told(
    delta: Delta, number: int, backend: Backend[TurnT], failed_models: tuple[str, ...]
) -> Delta:
    return replace(
        delta,
        model=delta.model or backend.model,
        answered_by=number,
        failed_models=failed_models + delta.failed_models,
    )
