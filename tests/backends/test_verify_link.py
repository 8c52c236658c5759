import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import web

from jisr.backends.verify_link import RETRY_AFTER_S, LinkLost, VerifyLink, frame_bytes
from jisr.clock import FakeClock
from jisr.config import UpstreamSettings
from jisr.departure import Departure, Errand, Manifest, Noted
from jisr.door import unaudited
from jisr.engine.engine import Engine
from jisr.errors import (
    BackendBroken,
    BackendError,
    BackendRefused,
    BackendTimeout,
    BackendUnavailable,
    ConfigError,
    PrivacyError,
)
from jisr.joint.wire import PATH, FromCloud, Open, Resume, Verdict, encode, pack
from tests.backends.services import KEY
from tests.backends.verifiers import LIMIT_S, Server, link_to, outbound, saying

TURN = outbound()
OPENING = Open(
    session=0,
    vocabulary="v",
    template="t",
    prompt=pack([1, 2]),
    output=b"",
    temperature=0.0,
    top_k=0,
    top_p=1.0,
    min_p=0.0,
    seed=1,
    is_strict=False,
    max_tokens=9,
    until=0,
)


@asynccontextmanager
async def served(engine: Engine) -> AsyncIterator[tuple[Server, VerifyLink]]:
    server = Server(saying(engine, "a"))
    async with asyncio.timeout(LIMIT_S):
        await server.start()
        link = link_to(server.port)
        try:
            yield server, link
        finally:
            await link.close()
            await server.kill()


def chain_of(error: BaseException | None) -> list[BaseException]:
    """Return an error and all that it came of."""
    chain: list[BaseException] = []
    waiting = [error]
    while waiting:
        link = waiting.pop()
        if link is not None and link not in chain:
            chain.append(link)
            waiting += [link.__cause__, link.__context__]
    return chain


@asynccontextmanager
async def answering(status: int) -> AsyncIterator[int]:
    """Serve a place that is no verifier."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.router.add_get(PATH, answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, BackendRefused),
        (403, BackendRefused),
        (404, BackendRefused),
        (200, BackendRefused),
        (429, BackendUnavailable),
        (503, BackendUnavailable),
    ],
)
def test_an_error_says_what_to_do_and_never_the_key(status: int, error: type[BackendError]) -> None:
    async def run() -> BaseException:
        async with answering(status) as port:
            link = link_to(port)
            try:
                with pytest.raises(error) as raised:
                    await link.open()
                assert not link.is_healthy()
                return raised.value
            finally:
                await link.close()

    for part in chain_of(asyncio.run(run())):
        assert KEY not in f"{part!r} {part} {vars(part)}"


def test_the_key_is_sent_and_no_key_where_there_is_none(drafting_engine: Engine) -> None:
    async def run() -> list[str]:
        async with served(drafting_engine) as (server, link):
            await link.open()
            keyless = link_to(server.port, key=None)
            await keyless.open()
            await keyless.close()
            return server.headers

    assert asyncio.run(run()) == [f"Bearer {KEY}", ""]


def test_a_verifier_that_is_not_there_is_unavailable_without_the_key(
    drafting_engine: Engine,
) -> None:
    async def run() -> BaseException:
        async with served(drafting_engine) as (server, link):
            await server.kill()
            with pytest.raises(BackendUnavailable) as raised:
                await link.open()
            return raised.value

    chain = chain_of(asyncio.run(run()))
    assert len(chain) == 1
    assert KEY not in repr(chain)


def test_one_that_says_nothing_is_waited_for_no_longer_than_was_asked(
    drafting_engine: Engine,
) -> None:
    async def run() -> None:
        async with served(drafting_engine) as (server, _):
            server.says = nothing
            link = link_to(server.port, timeout_s=0.1)
            with pytest.raises(BackendTimeout):
                await link.open()
            assert not link.is_open
            await link.close()

    asyncio.run(run())


def nothing(message: FromCloud) -> Iterable[bytes]:
    return []


def test_turns_that_open_at_once_share_one_connection(drafting_engine: Engine) -> None:
    async def run() -> int:
        async with served(drafting_engine) as (server, link):
            first, *others = await asyncio.gather(*(link.open() for _ in range(5)))
            assert all(hello is first for hello in others)
            return server.num_connections

    assert asyncio.run(run()) == 1


def test_every_session_is_told_once_of_a_reset_and_the_link_can_be_opened_again(
    drafting_engine: Engine,
) -> None:
    async def run() -> None:
        async with served(drafting_engine) as (server, link):
            await link.open()
            with link.session(TURN) as one, link.session(TURN) as two:
                server.reset()
                events = [await one.events.get(), await two.events.get()]
                assert [type(event) for event in events] == [LinkLost] * 2
                assert not link.is_open
                with pytest.raises(BackendUnavailable, match="lost"):
                    await link.send(one, Resume(one.number, 0))
                await link.open()
                assert link.is_open
                assert (one.events.qsize(), two.events.qsize()) == (0, 0)

    asyncio.run(run())


def test_messages_come_to_their_own_session_and_bytes_are_counted(
    drafting_engine: Engine,
) -> None:
    verdict = encode(Verdict(1, 5, pack([7]), 0, 0, 9))

    async def run() -> None:
        async with served(drafting_engine) as (server, link):
            await link.open()
            with link.session(TURN) as one, link.session(TURN) as two:
                server.says = lambda _: [encode(Verdict(77, 0, b"", 0, 0, 0)), verdict]
                sent = Resume(two.number, 0)
                await link.send(two, sent)
                event = await two.events.get()
                assert isinstance(event, Verdict)
                assert event.position == 5
                assert one.events.empty()
                assert (one.bytes_up, one.bytes_down) == (0, 0)
                assert two.bytes_up == len(encode(sent)) + 6
                assert two.bytes_down == len(verdict) + 2

    asyncio.run(run())


def test_garbage_ends_the_connection_and_every_session_hears_why(drafting_engine: Engine) -> None:
    async def run() -> LinkLost:
        async with served(drafting_engine) as (server, link):
            await link.open()
            with link.session(TURN) as session:
                server.says = lambda _: [b"garbage"]
                await link.send(session, Resume(session.number, 0))
                event = await session.events.get()
                assert isinstance(event, LinkLost)
                assert not link.is_open
                return event

    assert "no message" in asyncio.run(run()).reason


def test_a_link_that_is_closed_stays_closed(drafting_engine: Engine) -> None:
    async def run() -> None:
        async with served(drafting_engine) as (_, link):
            await link.open()
            await link.close()
            await link.close()
            with pytest.raises(BackendRefused, match="closed"):
                await link.open()

    asyncio.run(run())


def test_closing_it_while_it_connects_leaves_no_connection(drafting_engine: Engine) -> None:
    async def run() -> None:
        async with served(drafting_engine) as (_, link):
            for pause_s in (0.0, 0.0, 0.001, 0.003):
                other = link_to(link._url.port or 0)
                opening = asyncio.create_task(other.open())
                await asyncio.sleep(pause_s)
                await other.close()
                (outcome,) = await asyncio.gather(opening, return_exceptions=True)
                assert not other.is_open
                assert not isinstance(outcome, BaseException) or isinstance(outcome, BackendError)

    asyncio.run(run())


def test_a_link_that_failed_is_healthy_again_after_a_while() -> None:
    clock = FakeClock()

    async def run() -> None:
        settings = UpstreamSettings(base_url="http://127.0.0.1:9/v1")
        link = VerifyLink(settings, None, clock, unaudited(settings.base_url))
        assert link.is_healthy()
        await link.lose("a test wants it", link.num_opened)
        assert not link.is_healthy()
        clock.advance(RETRY_AFTER_S)
        assert link.is_healthy()
        await link.close()

    asyncio.run(run())


def test_a_text_where_a_greeting_should_be_is_a_backend_that_is_broken() -> None:
    async def greet(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.send_str("welcome")
        await ws.close()
        return ws

    async def run() -> None:
        app = web.Application()
        app.router.add_get(PATH, greet)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        link = link_to(runner.addresses[0][1])
        try:
            with pytest.raises(BackendBroken, match="no such protocol"):
                await link.open()
        finally:
            await link.close()
            await runner.cleanup()

    asyncio.run(run())


def test_it_needs_an_address() -> None:
    with pytest.raises(ConfigError):
        VerifyLink(UpstreamSettings(), None, FakeClock(), unaudited())


@pytest.mark.parametrize(
    ("num_payload", "size"), [(0, 2), (125, 127), (126, 130), (65535, 65539), (65536, 65546)]
)
def test_a_frame_is_as_long_as_the_standard_says(num_payload: int, size: int) -> None:
    assert frame_bytes(num_payload, is_masked=False) == size
    assert frame_bytes(num_payload, is_masked=True) == size + 4


def test_each_message_is_told_and_the_text_of_a_turn_once(drafting_engine: Engine) -> None:
    noted = Noted()
    turn = replace(TURN, manifest=Manifest("turn_1", {"CITY": {"keep": 1}}))

    async def run() -> None:
        server = Server(saying(drafting_engine, "a"))
        await server.start()
        link = link_to(server.port, told=noted)
        async with asyncio.timeout(LIMIT_S):
            await link.open()
            with link.session(turn) as session:
                await link.send(session, OPENING)
                await link.send(session, Resume(0, 0))
        await link.close()
        await server.kill()

    asyncio.run(run())
    assert [it.body for it in noted.departures] == [b"", encode(OPENING), encode(Resume(0, 0))]
    assert [it.manifest for it in noted.departures] == [
        Manifest(),
        turn.manifest,
        Manifest("turn_1"),
    ]
    assert {(it.errand, it.path) for it in noted.departures} == {(Errand.VERIFY, "jisr/verify")}


def test_a_link_that_cannot_be_written_down_is_not_opened() -> None:
    class Full(Noted):
        def note_at_once(self, departure: Departure) -> bool:
            raise PrivacyError("the disk is full")

    async def run() -> None:
        link = link_to(9, told=Full())
        with pytest.raises(PrivacyError, match="full"):
            await link.open()
        await link.close()

    asyncio.run(run())
