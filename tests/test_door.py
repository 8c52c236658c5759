import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from yarl import URL

from jisr.departure import Departure, Errand, Manifest, Noted
from jisr.door import Cargo, Door, HttpError, Patience, cargo_of, unaudited
from jisr.errors import BackendBroken, BackendRefused, PrivacyError
from jisr.types import Message, Outbound, Request, Role, Sampling

PATIENCE = Patience(connect_s=5, read_s=5, whole_s=5)
MESSAGES = (Message(Role.USER, "hello"),)
OUTBOUND = Outbound(
    messages=MESSAGES, sampling=Sampling(), manifest=Manifest("turn_1", {"CITY": {"keep": 1}})
)
AS_GIVEN = Request(messages=MESSAGES)


@dataclass
class Refusing:
    """An auditor whose disk is full."""

    asked: list[Departure] = field(default_factory=list)

    def note(self, departure: Departure) -> None:
        self.asked.append(departure)
        raise PrivacyError("the disk is full")

    def note_at_once(self, departure: Departure) -> bool:
        self.note(departure)
        return True


class Waiting(Noted):
    """An auditor that others keep busy."""

    def note_at_once(self, departure: Departure) -> bool:
        return False


@dataclass
class Service:
    """A service on loopback, and what it heard."""

    url: str = ""
    heard: list[tuple[str, bytes]] = field(default_factory=list)
    points_to: str = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.heard.append((request.path, await request.read()))
        if self.points_to:
            raise web.HTTPFound(self.points_to)
        if request.path == "/v1/line":
            line = web.WebSocketResponse()
            await line.prepare(request)
            async for frame in line:
                self.heard.append(("frame", frame.data))
                await line.send_str("a text")
                await line.send_bytes(frame.data[::-1])
            return line
        return web.Response(body=b"fine", headers={"Set-Cookie": "a=b"})


@asynccontextmanager
async def serving() -> AsyncIterator[Service]:
    service = Service()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", service.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield service
    finally:
        await runner.cleanup()


def run(scene: Callable[[Service], Awaitable[None]]) -> None:
    async def play() -> None:
        async with asyncio.timeout(10), serving() as service:
            await scene(service)

    asyncio.run(play())


def cargo(turn: Outbound | Request = OUTBOUND, body: bytes = b"bytes") -> Cargo:
    return cargo_of(turn, lambda _: body)


def port_of(service: Service) -> int:
    return URL(service.url).port or 0


def test_cargo_is_told_before_it_is_sent_with_what_was_done_to_it() -> None:
    told = Noted()

    async def scene(service: Service) -> None:
        way = Door(told, [service.url]).to(URL(service.url))
        response = await way.post(
            "chat/completions", Errand.COMPLETION, cargo(), headers={}, patience=PATIENCE
        )
        assert await response.read() == b"fine"
        assert service.heard == [("/v1/chat/completions", b"bytes")]
        expected = Departure(
            scheme="http",
            host="127.0.0.1",
            port=port_of(service),
            path="chat/completions",
            errand=Errand.COMPLETION,
            body=b"bytes",
            manifest=OUTBOUND.manifest,
            is_loopback=True,
        )
        assert told.departures == [expected]
        assert "bytes" not in repr(told.departures[0]).replace("body", "")
        await way.close()

    run(scene)


def test_an_auditor_that_is_busy_is_waited_for() -> None:
    told = Waiting()

    async def scene(service: Service) -> None:
        way = Door(told, [service.url]).to(URL(service.url))
        await way.get("models", Errand.MODELS, headers={}, patience=PATIENCE)
        assert [it.path for it in told.departures] == ["models"]
        await way.close()

    run(scene)


def test_nothing_is_sent_that_could_not_be_written_down() -> None:
    async def scene(service: Service) -> None:
        door = Door(Refusing(), [service.url])
        way = door.to(URL(service.url))
        with pytest.raises(PrivacyError, match="full"):
            await way.post("x", Errand.COMPLETION, cargo(), headers={}, patience=PATIENCE)
        with pytest.raises(PrivacyError, match="full"):
            await way.get("models", Errand.MODELS, headers={}, patience=PATIENCE)
        with pytest.raises(PrivacyError, match="full"):
            await line_of(way)
        with pytest.raises(PrivacyError, match="full"):
            await asyncio.to_thread(door.get, service.url, Errand.PULL, {}, 1.0)
        assert service.heard == []
        await way.close()

    run(scene)


def line_of(way: Any) -> Any:
    return way.connect(
        "line", Errand.VERIFY, headers={}, max_frame_bytes=2**20, ping_s=20, close_s=1
    )


def test_a_line_tells_each_frame_and_takes_frames_of_bytes_alone() -> None:
    told = Noted()

    async def scene(service: Service) -> None:
        way = Door(told, [service.url]).to(URL(service.url))
        line = await line_of(way)
        await line.send(cargo(body=b"abc"))
        assert await line.receive() is None
        assert await line.receive() == b"cba"
        await line.send(cargo(body=b"xyz"))
        async for frame in line.frames():
            assert frame == b"zyx"
            break
        assert [it.body for it in told.departures] == [b"", b"abc", b"xyz"]
        assert told.departures[1].manifest == OUTBOUND.manifest
        await line.close()
        assert line.is_closed
        await way.close()

    run(scene)


def test_a_turn_as_it_was_given_goes_to_this_machine_alone() -> None:
    told = Noted()
    elsewhere = "http://192.0.2.1/v1"

    async def scene(service: Service) -> None:
        door = Door(told, [service.url, elsewhere])
        here, there = door.to(URL(service.url)), door.to(URL(elsewhere))
        response = await here.post(
            "x", Errand.COMPLETION, cargo(AS_GIVEN), headers={}, patience=PATIENCE
        )
        assert response.ok
        with pytest.raises(PrivacyError, match="not redacted"):
            await there.post("x", Errand.COMPLETION, cargo(AS_GIVEN), headers={}, patience=PATIENCE)
        assert [it.host for it in told.departures] == ["127.0.0.1"]
        await here.close()
        await there.close()

    run(scene)


def test_what_holds_none_of_its_text_says_only_which_turn_it_is_of() -> None:
    part = cargo_of(OUTBOUND, lambda _: b"tokens", holds_text=False)

    assert part.manifest == Manifest("turn_1")
    assert part.is_redacted


@pytest.mark.parametrize("thing", ["text", b"bytes", MESSAGES, None])
def test_what_is_no_turn_is_no_cargo(thing: Any) -> None:
    with pytest.raises(PrivacyError):
        cargo_of(thing, lambda _: b"")


@pytest.mark.parametrize(
    ("service", "asked", "leads"),
    [
        ("https://api.example.com/v1", "https://api.example.com/other", True),
        ("https://API.example.com", "https://api.EXAMPLE.com", True),
        ("https://api.example.com", "http://api.example.com", False),
        ("https://api.example.com", "https://api.example.com:8443", False),
        ("https://api.example.com", "https://example.com", False),
        ("https://api.example.com", "https://api.example.com.evil.org", False),
        ("https://*.example.com", "https://cdn.a.example.com", True),
        ("https://*.example.com", "https://example.com", False),
        ("https://*.example.com", "https://evilexample.com", False),
        ("https://*.example.com", "http://cdn.example.com", False),
        ("http://127.0.0.1:80", "http://localhost:80", False),
        ("not a url", "https://api.example.com", False),
        (None, "https://api.example.com", False),
    ],
)
def test_it_leads_to_the_services_that_are_set_up_and_to_no_other(
    service: str | None, asked: str, leads: bool
) -> None:
    door = unaudited(service)
    if leads:
        assert door.to(URL(asked))
        return
    with pytest.raises(PrivacyError, match="none of the services"):
        door.to(URL(asked))
    with pytest.raises(PrivacyError, match="none of the services"):
        door.get(asked, Errand.PULL, {}, 1.0)


def test_no_redirect_is_followed_no_proxy_is_used_and_no_cookie_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")

    async def scene(service: Service) -> None:
        door = unaudited(service.url)
        way = door.to(URL(service.url))
        for _ in range(2):
            response = await way.get("models", Errand.MODELS, headers={}, patience=PATIENCE)
            assert "Cookie" not in response.request_info.headers
        service.points_to = "http://127.0.0.1:9/elsewhere"
        response = await way.get("models", Errand.MODELS, headers={}, patience=PATIENCE)
        assert response.status == 302
        with pytest.raises(BackendRefused, match="nobody is followed"):
            await line_of(way)
        answer = await asyncio.to_thread(door.get, f"{service.url}/f?a=b%20c", Errand.PULL, {}, 5.0)
        with answer:
            assert (answer.status, answer.header("Location")) == (302, service.points_to)
        await way.close()

    run(scene)


def test_a_file_is_read_piece_by_piece_and_what_is_no_http_is_an_error() -> None:
    async def scene(service: Service) -> None:
        door = unaudited(service.url)
        answer = await asyncio.to_thread(door.get, service.url, Errand.PULL, {"Range": "x"}, 5.0)
        with answer:
            assert [answer.read(3), answer.read(3), answer.read(3)] == [b"fin", b"e", b""]

    run(scene)

    async def garbage() -> None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            writer.write(b"SSH-2.0-x\r\n")
            writer.close()

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with server:
            with pytest.raises(OSError):
                await asyncio.to_thread(unaudited(url).get, url, Errand.PULL, {}, 5.0)

    asyncio.run(garbage())


def test_a_way_that_was_closed_leads_nowhere() -> None:
    async def scene(service: Service) -> None:
        way = unaudited(service.url).to(URL(service.url))
        await way.close()
        await way.close()
        with pytest.raises(BackendBroken, match="closed"):
            await way.get("models", Errand.MODELS, headers={}, patience=PATIENCE)
        nobody = unaudited("http://127.0.0.1:9").to(URL("http://127.0.0.1:9"))
        with pytest.raises(HttpError):
            await nobody.get("models", Errand.MODELS, headers={}, patience=PATIENCE)
        await nobody.close()

    run(scene)
