"""The cloud: turns completed by a service somewhere else. It takes redacted turns only."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from jisr.backends.upstream import Upstream
from jisr.errors import PrivacyError
from jisr.types import Delta, Outbound


class CloudBackend:
    """Completes redacted turns on an OpenAI-compatible service, whose owner it becomes."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    @property
    def model(self) -> str:
        """Name of the model, as the service calls it."""
        return self._upstream.model

    def is_healthy(self) -> bool:
        """Return whether the service has not failed lately; nothing is sent."""
        return self._upstream.is_healthy()

    async def check(self) -> tuple[str, ...]:
        """Return the names of the models the service has, having asked it.

        Raises:
            BackendError: It did not tell.
        """
        return await self._upstream.check()

    def stream(self, turn: Outbound) -> AsyncGenerator[Delta, None]:
        """Yield the completion's pieces as they come.

        Raises:
            PrivacyError: The turn was not redacted.
            InvalidRequest: The service cannot take such a turn.
            BackendError: It could not complete the turn.
        """
        if not isinstance(turn, Outbound):
            raise PrivacyError("A turn that was not redacted was about to leave the device.")
        return self._upstream.stream(turn)

    async def close(self) -> None:
        """Close the connections. Closing twice is harmless."""
        await self._upstream.close()
