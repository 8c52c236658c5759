"""The one door: what this package sends to another machine goes out here, and nowhere else.

It knows what may leave. Text of a turn does so as cargo alone, which is made of an `Outbound`,
or, to this very machine, of a `Request`. Who writes departures down is told of every sending
before it happens, and no sending happens that could not be written down. Only services that are
set up are reached; redirects are not followed, proxies of the environment are not used, cookies
are not kept.

What is covered: every socket of this package that goes out, the test of the architecture sees
to that, but for those it names: what the server on this machine is asked by its own command
line, and what benchmarks send to loopback.

What is not covered: pip, a child process that fetches weights (`jisr.models.index` has each of
its downloads written down); the system's look-up of a service's name; WebSocket pings, which
say nothing; what libraries might send by themselves (a journey watches a whole session for it).
"""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import aiohttp
from yarl import URL

from jisr.departure import Auditor, Departure, Errand, Manifest, Unaudited
from jisr.errors import BackendBroken, BackendRefused, PrivacyError
from jisr.offline import is_loopback
from jisr.types import Outbound, Request

TurnT = TypeVar("TurnT", bound=Outbound | Request)

Response = aiohttp.ClientResponse
HttpError = aiohttp.ClientError
HandshakeError = aiohttp.WSServerHandshakeError

NAME = {"User-Agent": "jisr"}
"""What every service is told of who asks: nothing of the system and its versions."""
ANY_BELOW = "*."
"""Begins the host of a service that may be any host below a name."""


@dataclass(frozen=True, slots=True)
class Cargo:
    """Bytes made of a turn. Only `cargo_of` makes one."""

    body: bytes = field(repr=False)
    manifest: Manifest
    is_redacted: bool


def cargo_of(turn: TurnT, write: Callable[[TurnT], bytes], *, holds_text: bool = True) -> Cargo:
    """Return the bytes that `write` makes of a turn, as they may be sent.

    Args:
        turn: The turn.
        write: Makes bytes of it.
        holds_text: Whether what the turn says is in them; False: only what goes with it.

    Raises:
        PrivacyError: It is no turn.
    """
    if isinstance(turn, Outbound):
        manifest = turn.manifest if holds_text else Manifest(turn.manifest.turn_id)
        return Cargo(write(turn), manifest, is_redacted=True)
    if isinstance(turn, Request):
        return Cargo(write(turn), Manifest(), is_redacted=False)
    raise PrivacyError("Something that is no turn was about to leave the device.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long is waited for a service."""

    connect_s: float
    read_s: float
    """For the next piece."""
    whole_s: float
    """For all of it."""


class Door:
    """Opens ways to the services that are set up, and to no other.

    Args:
        auditor: Is told of every sending before it happens.
        services: Base URLs; what cannot be one opens nothing. A host may be `*.name`.
    """

    def __init__(self, auditor: Auditor, services: Iterable[str | None]) -> None:
        self._auditor = auditor
        self._services = frozenset(filter(None, map(_origin, services)))

    def to(self, base: URL) -> Way:
        """Return the way to a service; nothing is opened yet.

        Raises:
            PrivacyError: It is none of those that are set up.
        """
        self._check(base)
        return Way(base, self._auditor)

    def get(self, url: str, errand: Errand, headers: Mapping[str, str], timeout_s: float) -> Answer:
        """Return the answer to a request without content, whatever its status; blocks.

        Raises:
            PrivacyError: The host is none of those that are set up, or it could not be
                written down.
            OSError: It cannot be reached, or does not speak HTTP as it should.
        """
        target = URL(url, encoded=True)
        self._check(target)
        self._auditor.note(_departure(target, target.path, errand, None))
        kind = (
            http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
        )
        connection = kind(target.raw_host or "", target.port, timeout=timeout_s)
        try:
            more = {**headers, **NAME, "Connection": "close"}
            connection.request("GET", target.raw_path_qs, headers=more)
            response = connection.getresponse()
        except http.client.HTTPException as error:
            connection.close()
            raise _broken(error) from None
        except BaseException:
            connection.close()
            raise
        if connection.sock is not None:  # the answer holds what it reads from
            connection.sock.close()
        return Answer(response)

    def _check(self, url: URL) -> None:
        scheme, host, port = origin = url.scheme, url.host or "", url.port or 0
        if origin in self._services:
            return
        names = host.split(".")
        above = (f"{ANY_BELOW}{'.'.join(names[start:])}" for start in range(1, len(names)))
        if any((scheme, name, port) in self._services for name in above):
            return
        raise PrivacyError(
            f"{scheme}://{host} is none of the services that are set up, so nothing is sent there."
        )


class Answer:
    """An answer that is read piece by piece; leaving its `with` closes the connection."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._response = response
        self.status = response.status
        self.reason = response.reason

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None:
        self._response.close()

    def header(self, name: str) -> str:
        """Return a header; empty if there is none."""
        return self._response.headers.get(name, "")

    def read(self, most: int) -> bytes:
        """Return the next bytes; none at the end.

        Raises:
            OSError: The connection broke.
        """
        try:
            return self._response.read(most)
        except http.client.HTTPException as error:
            raise _broken(error) from None


def unaudited(*services: str | None) -> Door:
    """Return a door of which nothing is written down: for tests and for what is measured."""
    return Door(Unaudited(), services)


class Way:
    """The way to one service. It belongs to the event loop that first uses it."""

    def __init__(self, base: URL, auditor: Auditor) -> None:
        self._base, self._auditor = base, auditor
        self._is_loopback = is_loopback(base.host)
        self._open_session: aiohttp.ClientSession | None = None
        self._is_closed = False

    async def get(
        self, path: str, errand: Errand, *, headers: Mapping[str, str], patience: Patience
    ) -> Response:
        """Return the answer to a request without content; who gets it closes it.

        Raises:
            PrivacyError: It could not be written down, so it was not sent.
            BackendBroken: The way was closed.
            HttpError: It cannot be reached, or does not speak HTTP as it should.
        """
        session = self._session()
        await self._tell(path, errand, None)
        return await session.get(
            self._url(path), headers=headers, timeout=_timeout(patience), allow_redirects=False
        )

    async def post(
        self,
        path: str,
        errand: Errand,
        cargo: Cargo,
        *,
        headers: Mapping[str, str],
        patience: Patience,
    ) -> Response:
        """Send cargo and return the answer; who gets it closes it.

        Raises:
            PrivacyError: The cargo may not leave this machine, or it could not be written
                down; it was not sent.
            BackendBroken: The way was closed.
            HttpError: It cannot be reached, or does not speak HTTP as it should.
        """
        session = self._session()
        await self._tell(path, errand, cargo)
        return await session.post(
            self._url(path),
            data=cargo.body,
            headers=headers,
            timeout=_timeout(patience),
            allow_redirects=False,
        )

    async def connect(
        self,
        path: str,
        errand: Errand,
        *,
        headers: Mapping[str, str],
        max_frame_bytes: int,
        ping_s: float,
        close_s: float,
    ) -> Line:
        """Open a WebSocket; nothing of any turn is sent for that.

        Raises:
            PrivacyError: It could not be written down, so it was not opened.
            BackendRefused: The service points elsewhere.
            BackendBroken: The way was closed.
            HandshakeError: The service refused.
            HttpError: It cannot be reached, or does not speak HTTP as it should.
        """
        session = self._session()
        await self._tell(path, errand, None)
        socket = await session.ws_connect(
            self._url(path),
            headers=headers,
            compress=0,
            max_msg_size=max_frame_bytes,
            heartbeat=ping_s,
            timeout=aiohttp.ClientWSTimeout(ws_close=close_s),
        )

        async def tell(cargo: Cargo) -> None:
            await self._tell(path, errand, cargo)

        return Line(socket, tell)

    async def close(self) -> None:
        """Close its connections; what still runs on them breaks. Closing twice is harmless."""
        self._is_closed = True
        session, self._open_session = self._open_session, None
        if session:
            await session.close()

    async def _tell(self, path: str, errand: Errand, cargo: Cargo | None) -> None:
        """Have a sending written down; in a thread, if that cannot be done at once."""
        if cargo is not None and not (cargo.is_redacted or self._is_loopback):
            raise PrivacyError("A turn that was not redacted was about to leave the device.")
        departure = _departure(self._base, path, errand, cargo)
        if not self._auditor.note_at_once(departure):
            await asyncio.to_thread(self._auditor.note, departure)

    def _url(self, path: str) -> URL:
        return self._base.joinpath(*path.split("/"))

    def _session(self) -> aiohttp.ClientSession:
        if self._is_closed:
            raise BackendBroken(f"{self._base.authority}: the backend was closed.")
        if self._open_session is None:
            redirects = aiohttp.TraceConfig()
            redirects.on_request_redirect.append(_refuse_redirect)
            # Names are looked up through Python's socket module, where the offline switch
            # watches. A turn waits for its service, not for other turns: no limit here.
            self._open_session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=aiohttp.ThreadedResolver(), limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                headers=NAME,
                trace_configs=[redirects],
            )
        return self._open_session


class Line:
    """An open WebSocket, which carries frames of bytes."""

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, tell: Callable[[Cargo], Awaitable[None]]
    ) -> None:
        self._socket, self._tell = socket, tell

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent on it any more."""
        return self._socket.closed

    async def send(self, cargo: Cargo) -> None:
        """Send a frame.

        Raises:
            PrivacyError: The cargo may not leave this machine, or it could not be written
                down; it was not sent.
            HttpError: Nothing goes through.
        """
        await self._tell(cargo)
        await self._socket.send_bytes(cargo.body)

    async def receive(self) -> bytes | None:
        """Return the next frame; None if it was none of bytes, or the line is closed."""
        frame = await self._socket.receive()
        return _bytes_of(frame)

    async def frames(self) -> AsyncIterator[bytes]:
        """Yield the frames of bytes until the line is closed."""
        async for frame in self._socket:
            content = _bytes_of(frame)
            if content is not None:
                yield content

    async def close(self) -> None:
        """Close it; closing twice is harmless."""
        await self._socket.close()


def _bytes_of(frame: aiohttp.WSMessage) -> bytes | None:
    if frame.type is not aiohttp.WSMsgType.BINARY:
        return None
    content: bytes = frame.data
    return content


def _departure(url: URL, path: str, errand: Errand, cargo: Cargo | None) -> Departure:
    return Departure(
        scheme=url.scheme,
        host=url.host or "",
        port=url.port or 0,
        path=path,
        errand=errand,
        body=cargo.body if cargo else b"",
        manifest=cargo.manifest if cargo else Manifest(),
        is_loopback=is_loopback(url.host),
    )


def _origin(service: str | None) -> tuple[str, str, int] | None:
    try:
        url = URL((service or "").strip())
        return (url.scheme, url.host, url.port) if url.host and url.port else None
    except ValueError:
        return None


def _timeout(patience: Patience) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=patience.whole_s,
        connect=patience.connect_s,
        sock_connect=patience.connect_s,
        sock_read=patience.read_s,
    )


def _broken(error: http.client.HTTPException) -> OSError:
    return ConnectionError(str(error) or type(error).__name__)


async def _refuse_redirect(*_: object) -> None:
    raise BackendRefused("The service points elsewhere, and nobody is followed.")
