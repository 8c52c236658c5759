"""What a backend is: something that completes a turn, piece by piece, in one place."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol, TypeVar

from jisr.types import Delta

TurnT = TypeVar("TurnT", contravariant=True)


class Backend(Protocol[TurnT]):
    """Completes turns in one place.

    A device backend is a `Backend[Request]`, a cloud backend a
    `Backend[Outbound]`; a wrapper (fallback, recording) is a backend too.
    """

    @property
    def model(self) -> str:
        """Name of the model that answers, as its place calls it."""
        ...

    def is_healthy(self) -> bool:
        """Return whether it has not failed lately; nothing is sent."""
        ...

    def stream(self, turn: TurnT) -> AsyncGenerator[Delta, None]:
        """Yield the completion's pieces as they come; the last has a finish reason.

        Closing the generator early stops the work behind it.

        Raises:
            InvalidRequest: The turn can be completed by no backend of this kind.
            BackendError: It cannot be completed, or not completed further.
        """
        ...

    async def close(self) -> None:
        """Free what it holds; it cannot be used afterwards. Closing twice is harmless."""
        ...
