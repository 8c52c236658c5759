"""The body of a streamed answer: its order, and that it never falls silent."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
from starlette.types import Message

from jisr.backends.scripted import ScriptedBackend
from jisr.errors import BackendUnavailable
from jisr.runtime import Runtime
from jisr.scripted_checker import ScriptedChecker
from jisr.server.stream import KEEP_ALIVE, EventStream
from jisr.types import Delta, Outbound, Request
from tests.runtimes import Kept, runtime, saying
from tests.server.asgi import LIMIT_S, Answer, Exchange, app, call, chat

SOON_S = 0.01
STATE = b'"jisr":{"state":"checking"}}'


class Client:
    """Takes what is sent, each piece only after a while."""

    def __init__(self, pause_s: float = 0.0) -> None:
        self.messages: list[Message] = []
        self._pause_s = pause_s

    async def __call__(self, message: Message) -> None:
        await asyncio.sleep(self._pause_s)
        self.messages.append(message)

    @property
    def bodies(self) -> list[bytes]:
        return [it["body"] for it in self.messages[1:]]


async def beaten(pause_s: float, pieces: int, client: Client) -> None:
    """Send pieces with pauses between, and the last."""
    stream = EventStream(client, SOON_S)
    async with stream.kept_alive():
        for number in range(pieces):
            await asyncio.sleep(pause_s)
            await stream.send(b"%d" % number)
        await stream.send(b"end", is_last=True)
        await asyncio.sleep(5 * SOON_S)


def test_comments_fill_the_silence_and_stop_with_the_last_event() -> None:
    client = Client()
    asyncio.run(beaten(5 * SOON_S, 2, client))

    bodies = client.bodies
    assert [it for it in bodies if it != KEEP_ALIVE] == [b"0", b"1", b"end"]
    assert bodies[0] == KEEP_ALIVE
    assert bodies[bodies.index(b"0") + 1] == KEEP_ALIVE
    assert bodies[-1] == b"end"
    assert [it["type"] for it in client.messages].count("http.response.start") == 1
    assert client.messages[0]["type"] == "http.response.start"


def test_a_stream_that_flows_has_none() -> None:
    client = Client()
    asyncio.run(beaten(0, 20, client))

    assert KEEP_ALIVE not in client.bodies


def test_a_client_that_takes_slowly_gets_no_comments_heaped_up() -> None:
    client = Client(pause_s=3 * SOON_S)
    asyncio.run(beaten(0, 4, client))

    assert client.bodies == [b"0", b"1", b"2", b"3", b"end"]


class Silent(ScriptedBackend):
    """Says nothing for ever."""

    async def stream(self, turn: Request | Outbound) -> AsyncGenerator[Delta, None]:
        self.seen.append(turn)
        await asyncio.Event().wait()
        yield Delta("")


def waiting(endpoint: Runtime, is_waiting: Callable[[], bool], **more: Any) -> Answer:
    """Ask, and leave once three comments have come while something waits."""

    async def ask() -> Answer:
        exchange = Exchange(chat(stream=True, **more))
        asking = asyncio.ensure_future(call(app(endpoint, keep_alive_s=SOON_S), exchange=exchange))
        async with asyncio.timeout(LIMIT_S):
            while not is_waiting():
                await asyncio.sleep(0.001)
            before = len(exchange.answer.body)
            while exchange.answer.body[before:].count(KEEP_ALIVE) < 3:
                await asyncio.sleep(0.001)
        exchange.has_left.set()
        return await asking

    return asyncio.run(ask())


def test_a_held_answer_says_that_it_is_checked_and_lives_until_it_is() -> None:
    checker = ScriptedChecker(waits=True)
    jisr = runtime(device=saying(["a guess"]), checker=checker)
    answer = waiting(jisr, lambda: checker.num_checking > 0)

    (only,) = [it for it in answer.body.split(b"\n\n") if it.startswith(b"data:")]
    assert answer.status == 200
    assert only.endswith(STATE)
    assert b"guess" not in answer.body


@pytest.mark.parametrize("is_held", [False, True])
def test_the_state_comes_before_anything_is_made_where_that_is_held(*, is_held: bool) -> None:
    device = Silent([])
    jisr = runtime(device=device, checker=ScriptedChecker(is_holding=is_held))
    answer = waiting(jisr, lambda: bool(device.seen))

    assert (STATE in answer.body) is is_held


@pytest.mark.parametrize("place", ["device", "cloud", "joint"])
def test_a_stream_of_any_place_lives_while_nothing_comes(place: str) -> None:
    kept = Kept()
    places = {it: Silent([]) for it in ("device", "cloud", "joint")}
    answer = waiting(
        runtime(**places, recorder=kept),  # type: ignore[arg-type]  # they are of its places
        lambda: bool(places[place].seen),
        jisr={"wish": f"prefer_{place}"},
    )

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.body.replace(KEEP_ALIVE, b"") == b""
    assert (kept.last.place, kept.last.error) == (place, "cancelled")


def test_what_fails_while_it_is_held_is_an_event() -> None:
    jisr = runtime(device=saying([BackendUnavailable("off")]), checker=ScriptedChecker())
    answer = asyncio.run(call(app(jisr), body=chat(stream=True)))

    assert (answer.status, answer.is_whole) == (200, True)
    first, last = answer.events()
    assert first["jisr"] == {"state": "checking"}
    assert last["error"]["code"] == "backend_unavailable"
