"""The body of a streamed answer, kept alive by comments while there is nothing to send.

Clients and proxies give up on a stream that says nothing; a comment is read over by every reader
of server-sent events. Once one was sent the status is sent too: what fails later is an event.

Source: WHATWG HTML Living Standard, section 9.2.7, "Authoring notes".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import Send

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]
KEEP_ALIVE = b": keep-alive\n\n"
KEEP_ALIVE_S = 4.0
"""A stream in which nothing was sent for so long gets a comment, before twice as long is over."""


class EventStream:
    """Sends what it is given, and comments in between."""

    def __init__(self, send: Send, keep_alive_s: float = KEEP_ALIVE_S) -> None:
        self.has_begun = False
        self._send = send
        self._keep_alive_s = keep_alive_s
        self._sending = asyncio.Lock()
        self._num_sent = 0
        self._has_ended = False

    async def send(self, body: bytes, *, is_last: bool = False) -> None:
        """Send whole events; the status goes before the first."""
        async with self._sending:
            self._has_ended = is_last
            if not self.has_begun:
                await self._send({"type": "http.response.start", "status": 200, "headers": HEADERS})
                self.has_begun = True
            await self._send({"type": "http.response.body", "body": body, "more_body": not is_last})
            self._num_sent += 1

    @asynccontextmanager
    async def kept_alive(self) -> AsyncIterator[None]:
        """Send comments while nothing else is sent, until its last event."""
        beating = asyncio.ensure_future(self._beat())
        try:
            yield
        finally:
            beating.cancel()

    async def _beat(self) -> None:
        while not self._has_ended:
            num_sent = self._num_sent
            await asyncio.sleep(self._keep_alive_s)
            is_idle = num_sent == self._num_sent and not self._sending.locked()
            if is_idle and not self._has_ended:
                await self.send(KEEP_ALIVE)
