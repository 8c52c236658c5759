"""WebSockets behind the same gate as requests, where an endpoint serves any."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import aiohttp
import pytest
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from jisr.server.app import create_app
from jisr.server.run import bind, in_thread
from tests.journeys.served import seconds_until, send
from tests.runtimes import runtime, saying
from tests.server.asgi import service

PATH = "/echo"
MOST = 1000
KEY = {"authorization": "Bearer sk-1"}


class Echo:
    """Sends back what comes, and counts who is there."""

    def __init__(self) -> None:
        self.num_open = 0

    async def __call__(self, socket: WebSocket) -> None:
        self.num_open += 1
        try:
            await socket.accept()
            async for frame in socket.iter_bytes():
                await socket.send_bytes(frame)
        finally:
            self.num_open -= 1


@contextmanager
def serving(echo: Echo, *, max_frame_bytes: int = MOST, max_connections: int = 9) -> Iterator[str]:
    jisr = runtime(device=saying())
    served = dataclasses.replace(
        service(jisr, key="sk-1", max_connections=max_connections),
        routes=(WebSocketRoute(PATH, echo.__call__),),
        max_frame_bytes=max_frame_bytes,
    )
    with in_thread(
        create_app(served),
        bind("127.0.0.1", 0),
        on_stop=jisr.close,
        max_frame_bytes=served.max_frame_bytes,
    ) as url:
        yield url


@asynccontextmanager
async def connected(
    url: str, path: str = PATH, **headers: str
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with (
        aiohttp.ClientSession(headers={**KEY, **headers}) as session,
        session.ws_connect(url + path, compress=15) as socket,
    ):
        yield socket


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(Echo()) as url:
        yield url


def test_a_frame_goes_and_comes_without_compression(url: str) -> None:
    async def talk() -> tuple[bytes, int]:
        async with connected(url) as socket:
            await socket.send_bytes(b"a" * MOST)
            return await socket.receive_bytes(), socket.compress

    assert asyncio.run(talk()) == (b"a" * MOST, 0)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": ""}, 401),
        ({"host": "evil.example"}, 403),
        ({"origin": "https://evil.example"}, 403),
    ],
)
def test_who_may_not_call_may_not_connect(url: str, headers: dict[str, str], status: int) -> None:
    async def talk() -> None:
        async with connected(url, **headers):
            pytest.fail("it was let in")

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        asyncio.run(talk())
    assert refused.value.status == status


@pytest.mark.parametrize("path", ["/nowhere", "/v1/chat/completions", "/healthz"])
def test_where_no_web_socket_is_none_is_opened(url: str, path: str) -> None:
    async def talk() -> None:
        async with connected(url, path):
            pytest.fail("it was let in")

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        asyncio.run(talk())
    assert refused.value.status == 403


def test_an_endpoint_without_any_answers_as_to_any_request() -> None:
    async def talk(url: str) -> None:
        async with connected(url):
            pytest.fail("it was let in")

    with (
        serving(Echo(), max_frame_bytes=0) as url,
        pytest.raises(aiohttp.WSServerHandshakeError) as refused,
    ):
        asyncio.run(talk(url))
    assert refused.value.status == 404


def test_a_frame_that_is_too_large_ends_the_connection(url: str) -> None:
    async def talk() -> int | None:
        async with connected(url) as socket:
            await socket.send_bytes(b"a" * (MOST + 1))
            await socket.receive()
            return socket.close_code

    assert asyncio.run(talk()) == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


def test_open_connections_take_no_requests_place() -> None:
    async def talk(url: str) -> int:
        async with connected(url), connected(url):
            answer = await asyncio.to_thread(
                send, url, path="/v1/models", method="GET", headers=KEY
            )
            return answer.status

    with serving(Echo(), max_connections=1) as url:
        assert asyncio.run(talk(url)) == 200


def test_the_server_stops_while_a_connection_is_open_and_says_so() -> None:
    echo, stop = Echo(), asyncio.Event()

    async def talk(url: str) -> aiohttp.WSMessage:
        async with connected(url) as socket:
            await socket.send_bytes(b"a")
            await socket.receive_bytes()
            stop.set()
            return await socket.receive()

    async def both() -> int:
        with serving(echo) as url:
            talking = asyncio.ensure_future(talk(url))
            await stop.wait()
        return int((await talking).data)

    assert asyncio.run(both()) == aiohttp.WSCloseCode.SERVICE_RESTART
    assert echo.num_open == 0


def test_a_peer_that_leaves_without_a_word_is_noticed() -> None:
    echo = Echo()

    async def talk(url: str) -> None:
        async with connected(url) as socket:
            await socket.send_bytes(b"a")
            await socket.receive_bytes()
            connection = socket._response.connection
            assert connection is not None and connection.transport is not None
            connection.transport.abort()

    with serving(echo) as url:
        asyncio.run(talk(url))
        seconds_until(lambda: echo.num_open == 0)
