import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from jisr.cli.client import FIND_TIMEOUT_S, Client, Ended
from jisr.errors import BackendBroken, BackendUnavailable, ServerError

PIECE = {"choices": [{"delta": {"content": "مرحبا"}, "finish_reason": None}]}
STOP = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
END = {"choices": [], "usage": {"prompt_tokens": 1}, "jisr": {"place": "device"}}
ERROR = {"error": {"message": "The engine is gone."}}
BODY = {"model": "jisr"}


def events(*chunks: Mapping[str, object]) -> bytes:
    return b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks)


@contextmanager
def saying(body: bytes, status: int = 200) -> Iterator[tuple[Client, list[str]]]:
    """Yield a client of a server that always says this, and the keys it was shown."""
    keys: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            keys.append(self.headers.get("Authorization", ""))
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield Client(f"http://127.0.0.1:{server.server_port}", "sk-1"), keys
        finally:
            server.shutdown()
            thread.join()


def test_an_answer_comes_in_pieces_and_then_its_end() -> None:
    with saying(events(PIECE, STOP, END) + b"data: [DONE]\n\n") as (client, keys):
        outputs = list(client.ask(BODY))

    assert outputs == ["مرحبا", Ended("stop", {"place": "device"}, {"prompt_tokens": 1})]
    assert keys == ["Bearer sk-1"]


@pytest.mark.parametrize(
    ("body", "status", "error", "told"),
    [
        (events(PIECE, ERROR), 200, ServerError, "The engine is gone."),
        (events(PIECE), 200, BackendBroken, "closed the stream before the answer's end"),
        (b"", 200, BackendBroken, "closed the stream"),
        (events(PIECE) + b"data: {\n\n", 200, BackendBroken, "broke off"),
        (b'{"error": {"message": "No such model."}}', 404, ServerError, "No such model."),
        (b"<html>", 502, ServerError, "The server answered 502."),
        (b'{"error": null}', 500, ServerError, "The server answered 500."),
    ],
)
def test_an_answer_that_is_not_whole_is_an_error(
    body: bytes, status: int, error: type[Exception], told: str
) -> None:
    with saying(body, status) as (client, _), pytest.raises(error, match=told):
        list(client.ask(BODY))


def test_nobody_there_is_an_error_that_names_the_address() -> None:
    client = Client("http://127.0.0.1:9")

    with pytest.raises(BackendUnavailable, match=r"127\.0\.0\.1:9 cannot be reached"):
        list(client.ask(BODY))
    with pytest.raises(BackendUnavailable):
        client.route(BODY)


@pytest.mark.parametrize(
    ("told", "is_one"),
    [
        (b'{"service": "jisr", "role": "device"}', True),
        (b'{"service": "jisr", "role": "cloud"}', False),
        (b'{"service": "another", "role": "device"}', False),
        (b"[]", False),
        (b"<html>", False),
        (b"\xff", False),
    ],
)
def test_only_a_jisr_of_that_role_is_found(told: bytes, is_one: bool) -> None:
    with saying(told) as (client, _):
        assert (client.health() is not None) == is_one


def test_a_port_that_takes_connections_and_says_nothing_is_soon_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert FIND_TIMEOUT_S <= 1
        assert Client(f"http://127.0.0.1:{silent.getsockname()[1]}").health() is None
    assert Client("http://127.0.0.1:9").health() is None
