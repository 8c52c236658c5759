import asyncio
import http.client
import socket
from urllib.parse import urlsplit

import pytest
from starlette.types import Receive, Scope, Send

from jisr import offline
from jisr.errors import ConfigError, OfflineError
from jisr.server.run import bind, free_port, in_thread, serve, serve_until_stopped, url_of

LIMIT_S = 5


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


async def nothing() -> None:
    pass


def ask(url: str) -> bytes:
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=LIMIT_S)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read()
    finally:
        connection.close()


def test_a_port_that_is_taken_is_an_error_that_says_what_to_do() -> None:
    with bind("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(ConfigError, match=f"Port {port} of 127.0.0.1 is taken.*--port 0"):
            bind("127.0.0.1", port)


def test_an_address_of_another_machine_is_an_error() -> None:
    offline.online_again()
    with pytest.raises(ConfigError, match=r"192\.0\.2\.1"):  # the documentation's network
        bind("192.0.2.1", 0)


def test_nothing_but_loopback_is_bound_while_offline() -> None:
    with pytest.raises(OfflineError):
        bind("192.0.2.1", 0)


def test_a_free_port_can_be_bound() -> None:
    with bind("127.0.0.1", free_port()):
        pass


def test_pieces_are_sent_at_once() -> None:
    with bind("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP  # else asyncio leaves Nagle's delay on


@pytest.mark.parametrize(
    ("host", "start"), [("127.0.0.1", "http://127.0.0.1:"), ("::1", "http://[::1]:")]
)
def test_an_address_is_written_as_a_url(host: str, start: str) -> None:
    try:
        listener = bind(host, 0)
    except ConfigError:
        pytest.skip("this machine has no IPv6")
    with listener:
        assert url_of(listener).startswith(start)


def test_it_serves_beside_its_caller_and_stops_with_it() -> None:
    stopped: list[str] = []

    async def stop() -> None:
        stopped.append("stopped")

    listener = bind("127.0.0.1", 0)
    with in_thread(hello, listener, on_stop=stop) as url:
        assert ask(url) == b"hello"
        assert stopped == []

    assert stopped == ["stopped"]
    assert listener.fileno() == -1
    with pytest.raises(OSError):
        ask(url)


def test_what_it_stands_on_is_closed_even_if_the_caller_fails() -> None:
    stopped: list[str] = []

    async def stop() -> None:
        stopped.append("stopped")

    with (
        pytest.raises(ZeroDivisionError),
        in_thread(hello, bind("127.0.0.1", 0), on_stop=stop),
    ):
        raise ZeroDivisionError
    assert stopped == ["stopped"]


@pytest.mark.parametrize("is_beside", [True, False])
def test_a_server_that_cannot_start_says_so_and_is_never_ready(is_beside: bool) -> None:
    stopped: list[str] = []

    async def stop() -> None:
        stopped.append("stopped")

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:  # no streams to accept
        datagrams.bind(("127.0.0.1", 0))
        with pytest.raises(ValueError, match="Stream Socket"):
            if is_beside:
                with in_thread(hello, datagrams, on_stop=stop):
                    pytest.fail("it was ready")
            else:
                serve_until_stopped(
                    hello, datagrams, on_ready=lambda: pytest.fail("it was ready"), on_stop=stop
                )
    assert stopped == ["stopped"]


def test_two_servers_do_not_disturb_each_other() -> None:
    with (
        in_thread(hello, bind("127.0.0.1", 0), on_stop=nothing) as one,
        in_thread(hello, bind("127.0.0.1", 0), on_stop=nothing) as two,
    ):
        assert one != two
        assert ask(one) == ask(two) == b"hello"


def test_serving_ends_when_what_it_was_started_for_ends() -> None:
    async def turn() -> bytes:
        listener = bind("127.0.0.1", 0)
        answers: list[bytes] = []

        async def use() -> None:
            answers.append(await asyncio.to_thread(ask, url_of(listener)))

        async with asyncio.timeout(LIMIT_S):
            await serve(hello, listener, on_ready=use)
        return answers[0]

    assert asyncio.run(turn()) == b"hello"
