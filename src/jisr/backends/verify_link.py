"""The connection to a verifier: one WebSocket that all joint turns of a device share.

It carries messages of `joint.wire` both ways, counts their bytes, and tells every
session when the connection is lost; opening it again is what the next session, or
the next try of the same, does. What the messages mean it does not know.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from math import inf

from jisr.backends.failures import place_of_key
from jisr.backends.upstream import parse_base_url
from jisr.clock import Clock
from jisr.config import UpstreamSettings
from jisr.departure import Errand
from jisr.door import Door, HandshakeError, HttpError, Line, cargo_of
from jisr.errors import (
    BackendBroken,
    BackendError,
    BackendRefused,
    BackendTimeout,
    BackendUnavailable,
    JisrError,
    PrivacyError,
)
from jisr.joint.wire import (
    MAX_BLOCK,
    MAX_FRAME_BYTES,
    VERSION,
    FromDevice,
    Hello,
    Open,
    Refused,
    Verdict,
    encode,
    read_from_cloud,
)
from jisr.types import Outbound

LOG = logging.getLogger(__name__)

RETRY_AFTER_S = 15.0
"""How long a verifier that could not be reached counts as unhealthy."""
CLOSE_TIMEOUT_S = 1.0
PING_S = 20.0
LONGEST_NAME = 200
MOST_EVENTS = 4096
"""Messages of one session that wait to be read."""
REFUSALS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
LATER = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
"""Too many devices, or a proxy before a verifier that is being started."""


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The connection is gone, and with it every session on it."""

    reason: str


@dataclass(slots=True, eq=False)
class LinkSession:
    """One session's end of the link."""

    number: int
    turn: Outbound
    """What all that is sent in it is made of."""
    events: asyncio.Queue[Verdict | Refused | LinkLost | None] = field(
        default_factory=asyncio.Queue
    )
    """What came for it; None only wakes who waits."""
    bytes_up: int = 0
    bytes_down: int = 0


class VerifyLink:
    """A connection to a verifier, made when it is needed. It belongs to one event loop."""

    def __init__(
        self, settings: UpstreamSettings, key: str | None, clock: Clock, door: Door
    ) -> None:
        """Take the address of a cloud; nothing is sent.

        Raises:
            ConfigError: The base URL is missing or cannot be.
            PrivacyError: The door does not lead there.
        """
        self._url = parse_base_url(settings.base_url)
        self._way = door.to(self._url)
        self.limits = settings
        """How long is waited for what."""
        self._key = key
        self._clock = clock
        self._opening = asyncio.Lock()
        self._line: Line | None = None
        self._reader: asyncio.Task[None] | None = None
        self._hello: Hello | None = None
        self._sessions: dict[int, LinkSession] = {}
        self._next_number = 0
        self.num_opened = 0
        """Connections that were opened so far."""
        self.opening_ms = 0.0
        """What it took to open the last one: two round trips, and what the verifier needs."""
        self._failed_at_s: float | None = None
        self._is_closed = False

    @property
    def hello(self) -> Hello | None:
        """What the verifier told of itself when it was last reached."""
        return self._hello

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._line is not None and not self._line.is_closed

    def is_healthy(self) -> bool:
        """Return whether it has not failed lately; nothing is sent."""
        failed_at_s = self._failed_at_s
        return failed_at_s is None or self._clock.monotonic_s() - failed_at_s >= RETRY_AFTER_S

    async def open(self) -> Hello:
        """Return what the verifier tells of itself, having connected if need be.

        Raises:
            BackendRefused: It does not offer to verify, or not to us.
            BackendUnavailable: It cannot be reached.
            BackendTimeout: It did not answer in time.
            BackendBroken: It speaks another language.
        """
        async with self._opening:
            if self.is_open and self._hello is not None:
                return self._hello
            failure: JisrError | None = None
            try:
                async with asyncio.timeout(self.limits.connect_timeout_s):
                    self._hello = await self._connect()
            except (HttpError, OSError, TimeoutError, JisrError) as error:
                failure = self._explain(error)
            # raised outside the except: the client's own error holds the key in its headers
            if failure is not None:
                self._failed_at_s = self._clock.monotonic_s()
                await self._drop("it could not be opened")
                raise failure
            self._failed_at_s = None
            assert self._hello is not None
            return self._hello

    @contextmanager
    def session(self, turn: Outbound) -> Iterator[LinkSession]:
        """Yield a new session of this link for a turn; nothing is sent for it here."""
        session = LinkSession(self._next_number, turn)
        self._next_number += 1
        self._sessions[session.number] = session
        try:
            yield session
        finally:
            del self._sessions[session.number]

    async def send(self, session: LinkSession, message: FromDevice) -> None:
        """Send a message of a session.

        Raises:
            BackendUnavailable: There is no connection, or nothing goes through it.
            PrivacyError: It may not be sent, or could not be written down.
        """
        cargo = cargo_of(
            session.turn, lambda _: encode(message), holds_text=isinstance(message, Open)
        )
        if self._line is None or self._line.is_closed:
            raise BackendUnavailable("The connection to the verifier is lost.")
        try:
            async with asyncio.timeout(
                self.limits.connect_timeout_s
            ):  # a peer may have stopped to read
                await self._line.send(cargo)
        except (HttpError, OSError, TimeoutError) as error:
            reason = f"The connection to the verifier broke: {type(error).__name__}."
            await self.lose(reason, self.num_opened)
            raise BackendUnavailable(reason) from None
        session.bytes_up += frame_bytes(len(cargo.body), is_masked=True)

    async def lose(self, reason: str, number: int) -> None:
        """Give a connection up: it is there but nothing comes through it.

        Args:
            reason: What the sessions on it are told.
            number: `num_opened` when it was opened; another one opened since is left alone.
        """
        if number == self.num_opened:
            self._failed_at_s = self._clock.monotonic_s()
            await self._drop(reason)

    async def close(self) -> None:
        """Close the connection; closing twice is harmless."""
        self._is_closed = True
        await self._drop("it was closed")
        await self._way.close()

    async def _connect(self) -> Hello:
        await self._drop("it is opened anew")
        if self._is_closed:
            raise BackendRefused("The link to the verifier was closed.")
        start_s = self._clock.monotonic_s()
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        line = await self._way.connect(
            "jisr/verify",
            Errand.VERIFY,
            headers=headers,
            max_frame_bytes=MAX_FRAME_BYTES,
            ping_s=PING_S,
            close_s=CLOSE_TIMEOUT_S,
        )
        try:
            hello = self._greeted(await line.receive())
        except BaseException:  # who waits may have been cancelled: it is nobody's then
            with suppress(HttpError, OSError):
                await line.close()
            raise
        self.num_opened += 1
        self.opening_ms = (self._clock.monotonic_s() - start_s) * 1000
        self._line = line
        self._reader = asyncio.create_task(self._read(line))
        return hello

    def _greeted(self, frame: bytes | None) -> Hello:
        if self._is_closed:
            raise BackendRefused("The link to the verifier was closed.")
        if frame is None:
            raise BackendBroken(
                f"{self._url.host} ended the connection, or speaks no such protocol."
            )
        hello = read_from_cloud(frame)
        if not isinstance(hello, Hello) or hello.version != VERSION:
            raise BackendBroken(
                f"{self._url.host} verifies in another version of the protocol: use the same "
                "version of Jisr on both sides."
            )
        if not _is_sound(hello):
            raise BackendBroken(f"{self._url.host} tells of itself what cannot be.")
        return hello

    async def _read(self, line: Line) -> None:
        reason = "the verifier closed it"
        try:
            async for frame in line.frames():
                self._dispatch(frame)
        except (BackendBroken, HttpError, OSError) as error:
            reason = str(error)
        finally:
            if line is self._line:
                self._line = None
                self._tell_lost(reason)
            await line.close()

    def _dispatch(self, frame: bytes) -> None:
        message = read_from_cloud(frame)
        if isinstance(message, Hello):
            return
        session = self._sessions.get(message.session)
        if session is None:  # it ended while this was on its way
            return
        session.bytes_down += frame_bytes(len(frame), is_masked=False)
        if session.events.qsize() > MOST_EVENTS:
            raise BackendBroken("The verifier sends more than is read.")
        session.events.put_nowait(message)

    def _tell_lost(self, reason: str) -> None:
        LOG.info("the link to %s is lost: %s", self._url.host, reason)
        for session in self._sessions.values():
            session.events.put_nowait(LinkLost(reason))

    async def _drop(self, reason: str) -> None:
        line, self._line = self._line, None
        reader, self._reader = self._reader, None
        if line is not None:  # else they were told by the reader
            self._tell_lost(reason)
        if reader is not None:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
        if line is not None:
            with suppress(HttpError, OSError):
                await line.close()

    def _explain(self, error: BaseException) -> JisrError:
        host = self._url.host
        if isinstance(error, HandshakeError):
            if error.status in REFUSALS:
                return _key_refused(host, error.status, self.limits.api_key_env)
            if error.status in LATER:
                return BackendUnavailable(f"{host} cannot verify now ({error.status}).")
            return BackendRefused(
                f"{host} offers no verifying ({error.status}): joint decoding needs another "
                "Jisr's cloud role there (`jisr cloud`)."
            )
        if isinstance(error, TimeoutError):
            return BackendTimeout(f"{host} did not open a connection to verify in time.")
        if isinstance(error, JisrError):
            is_told = isinstance(error, BackendError | PrivacyError)
            return error if is_told else BackendBroken(str(error))
        return BackendUnavailable(f"{host} cannot be reached to verify: {type(error).__name__}.")


def _key_refused(host: str | None, status: int, variable: str | None) -> BackendRefused:
    said = (
        f"{host} does not let this device verify ({status}): set its key {place_of_key(variable)}."
    )
    return BackendRefused(said, cause=said)


def _is_sound(hello: Hello) -> bool:
    """Return whether what a verifier tells of itself can be reckoned with."""
    is_name = hello.model.isprintable() and len(hello.model) <= LONGEST_NAME
    are_times = 1 < len(hello.pass_ms) <= MAX_BLOCK and all(0 < ms < inf for ms in hello.pass_ms)
    return (
        is_name and are_times and 1 <= hello.strict_block <= MAX_BLOCK and hello.context_tokens > 0
    )


def frame_bytes(num_payload: int, *, is_masked: bool) -> int:
    """Return the size of a WebSocket frame, as RFC 6455 lays it out."""
    header = 2 if num_payload < 126 else 4 if num_payload < 2**16 else 10  # noqa: PLR2004
    return header + 4 * is_masked + num_payload
