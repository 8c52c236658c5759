"""The verify service: a verifier at a WebSocket, and what it is for people who ask by GET.

It moves frames and keeps them within bounds; what they mean is the verifier's. A peer
that does not read is not read from either, and cut off when that lasts. What is no
message ends the connection with a reason.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from http import HTTPStatus

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from jisr.errors import BackendBroken
from jisr.joint.verifier import Connection, Verifier
from jisr.joint.wire import MAX_FRAME_BYTES, PATH, FromCloud, encode, read_from_device

PAUSE_BYTES = 2**16
"""What waits to be sent, above which no more is read."""
MOST_BYTES = 2 * MAX_FRAME_BYTES
"""What may wait to be sent at all."""
STALL_S = 20.0
"""How long a frame may wait for the peer to read."""
TICK_S = 5.0
"""How often it is looked for sessions that are idle, at most."""
MOST_REASON_BYTES = 123
"""Of a close frame."""
UNSUPPORTED, INVALID, POLICY, GOING_AWAY = 1003, 1007, 1008, 1001


class VerifyService:
    """Serves a verifier to so many connections at once and no more."""

    def __init__(self, verifier: Verifier, max_connections: int) -> None:
        self._verifier = verifier
        self._most = max_connections
        self._num_open = 0

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Where it is served."""
        return (Route(PATH, self.describe), WebSocketRoute(PATH, self.connect))

    def health(self) -> dict[str, object]:
        """Return how it is, as plain data."""
        return {
            "strict_block": self._verifier.hello.strict_block,
            "connections": self._num_open,
            "sessions": self._verifier.num_sessions,
        }

    async def describe(self, _: HttpRequest) -> JSONResponse:
        """Say what the verifier is."""
        hello = self._verifier.hello
        names = ("version", "model", "vocabulary", "context_tokens", "strict_block", "pass_ms")
        return JSONResponse({name: getattr(hello, name) for name in names})

    async def connect(self, socket: WebSocket) -> None:
        """Serve a device for as long as it stays."""
        if self._num_open >= self._most:
            message = f"{self._most} devices draft here (cloud_role.max_verify_connections); "
            error = {"message": f"{message}try again later.", "code": "server_busy"}
            status, headers = HTTPStatus.SERVICE_UNAVAILABLE, {"retry-after": "1"}
            await socket.send_denial_response(JSONResponse({"error": error}, status, headers))
            return
        self._num_open += 1
        try:
            await socket.accept()
            await _Conversation(self._verifier, socket).run()
        finally:
            self._num_open -= 1


class _Conversation:
    """One connection: what is read goes to the verifier, what it says is sent."""

    def __init__(self, verifier: Verifier, socket: WebSocket) -> None:
        self._socket = socket
        self._idle_s = verifier.limits.session_idle_s
        self._loop = asyncio.get_running_loop()
        self._frames: deque[bytes] = deque()
        self._num_bytes = 0
        self._has_frames = asyncio.Event()
        self._has_room = asyncio.Event()
        client = socket.client.host if socket.client else ""
        self._connection: Connection = verifier.connect(self._send, client, self._post)

    async def run(self) -> None:
        """Serve until either side has had enough."""
        self._connection.hello()
        parts = [asyncio.ensure_future(it()) for it in (self._read, self._write, self._watch)]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._connection.close()
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
        ending = done.pop().result()
        if ending is not None:
            await self._close(*ending)

    async def _read(self) -> tuple[int, str] | None:
        """Read until the device leaves, or says what it may not; return how to end it."""
        while True:
            event = await self._socket.receive()
            if event["type"] == "websocket.disconnect":
                return None
            frame = event.get("bytes")
            if frame is None:
                return UNSUPPORTED, "Messages come in binary frames."
            try:
                message = read_from_device(frame)
            except BackendBroken as error:
                return INVALID, str(error)
            self._connection.receive(message)
            await self._has_room.wait()
            await asyncio.sleep(0)  # many messages may have come at once, and others wait too

    async def _write(self) -> tuple[int, str] | None:
        """Send what there is to be sent, until the device does not take it."""
        while True:
            await self._has_frames.wait()
            frame = self._frames[0]
            try:
                async with asyncio.timeout(STALL_S):
                    await self._socket.send_bytes(frame)
            except WebSocketDisconnect:
                return None
            except TimeoutError:
                return POLICY, "The device does not read."
            self._frames.popleft()
            self._note(-len(frame))

    async def _watch(self) -> tuple[int, str]:
        """Have idle sessions forgotten; return when it cannot go on like this."""
        while self._num_bytes <= MOST_BYTES:
            await asyncio.sleep(min(TICK_S, self._idle_s / 4))
            self._connection.expire()
            if self._connection.idle_s >= self._idle_s:
                return GOING_AWAY, "Nothing came for too long."
        return POLICY, "The device does not read."

    def _send(self, message: FromCloud) -> None:
        frame = encode(message)
        if self._num_bytes > MOST_BYTES:
            return  # it is ended
        self._frames.append(frame)
        self._note(len(frame))

    def _note(self, num_bytes: int) -> None:
        """Take note of what waits to be sent."""
        self._num_bytes += num_bytes
        _set(self._has_frames, bool(self._frames))
        _set(self._has_room, self._num_bytes <= PAUSE_BYTES)

    def _post(self, call: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop has ended, and every session with it
            self._loop.call_soon_threadsafe(call)

    async def _close(self, code: int, reason: str) -> None:
        if self._socket.application_state is not WebSocketState.CONNECTED:
            return
        short = reason.encode()[:MOST_REASON_BYTES].decode(errors="ignore")
        with suppress(TimeoutError, WebSocketDisconnect):
            async with asyncio.timeout(1.0):
                await self._socket.close(code, short)


def _set(event: asyncio.Event, holds: bool) -> None:
    if holds:
        event.set()
    else:
        event.clear()
