"""The cloud: turns completed by a service somewhere else. It takes redacted turns only."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from jisr.backends.upstream import UpstreamBackend
from jisr.errors import PrivacyError
from jisr.types import Delta, Outbound


class CloudBackend(UpstreamBackend):
    """Completes redacted turns on an OpenAI-compatible service, whose owner it becomes."""

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
