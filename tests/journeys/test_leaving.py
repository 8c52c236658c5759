"""A client that leaves: the engine stops within a tenth of a second, and the ledger knows."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.journeys.served import Home, ask, connected, question, seconds_until

LONG = {"max_tokens": 800, "model": "jisr/device"}
STORY = "Tell a very long story about a bridge."
TRIES = 3
"""The first may meet a machine that is busy with other things."""


def leave_in(home: Home, body: bytes, *, after_first: bool) -> float:
    """Leave once the turn runs; return the seconds after which the engine had stopped."""
    with connected(home.url, body) as client:
        seconds_until(lambda: home.num_working > 0)
        if after_first:
            assert b'"content":"' in _until_text(client.recv)
    return seconds_until(lambda: home.num_working == 0)


def _until_text(recv: object) -> bytes:
    assert callable(recv)
    received = b""
    while b'"content":"' not in received.replace(b'"content":""', b""):
        piece = recv(65536)
        assert piece
        received += piece
    return received


def last_error(home: Home) -> str | None:
    return home.assembled.ledger.turns(1)[0].error


@pytest.mark.parametrize(
    ("is_stream", "after_first"),
    [(True, True), (True, False), (False, False)],
    ids=["mid-stream", "before the first token", "not streamed"],
)
def test_the_engine_stops_when_its_client_leaves(
    home: Home, is_stream: bool, after_first: bool
) -> None:
    body = question(STORY, stream=is_stream, **LONG)

    quickest = min(leave_in(home, body, after_first=after_first) for _ in range(TRIES))

    assert quickest < 0.1
    assert last_error(home) == "cancelled"


def test_a_client_that_leaves_while_its_long_prompt_is_read_stops_that(home: Home) -> None:
    body = question("bridge " * 900, **(LONG | {"max_tokens": 100}))

    assert min(leave_in(home, body, after_first=False) for _ in range(TRIES)) < 0.1


@contextmanager
def waiting_clients(home: Home, number: int) -> Iterator[None]:
    if number == 0:
        yield
        return
    with (
        connected(home.url, question(f"{STORY} {number}", **LONG)),
        waiting_clients(home, number - 1),
    ):
        yield


def test_all_leave_at_once_and_the_next_is_answered(home: Home) -> None:
    with waiting_clients(home, 12):  # more than run at once: some leave while they wait
        seconds_until(lambda: home.num_working == 12)
    seconds_until(lambda: home.num_working == 0)

    assert ask(home.url).status == 200
    errors = [record.error for record in home.assembled.ledger.turns(13)]
    assert errors == [None, *["cancelled"] * 12]


def test_one_that_leaves_does_not_disturb_another(home: Home) -> None:
    alone = ask(home.url, "Count to ten.", max_tokens=30).text()
    with connected(home.url, question(STORY, **LONG)):
        beside = ask(home.url, "Count to ten.", max_tokens=30)

    assert beside.json()["usage"]["completion_tokens"] >= 5
    assert beside.text()[:10] == alone[:10]
    seconds_until(lambda: home.num_working == 0)


def test_half_a_request_asks_nothing(home: Home) -> None:
    newest = home.assembled.ledger.turns(1)
    with connected(home.url, b"") as client:
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: {home.url[7:]}\r\n"
        client.sendall(f'{head}Content-Length: 999\r\n\r\n{{"model": "jisr"'.encode())

    assert ask(home.url).status == 200
    assert home.assembled.ledger.turns(2)[1:] == newest
    assert json.loads(ask(home.url).body)["jisr"]["place"] == "device"
