import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr import offline
from jisr.errors import OfflineError

BEYOND = [
    "example.invalid",
    "203.0.113.7",
    "0.0.0.0",
    "2001:db8::1",
    "::",
    "127.0.0.1.example.invalid",
    "localhost.example.invalid",
    "127.1",  # another spelling of loopback, which is not understood
    "",
]
LOOPBACK = ["127.0.0.1", "127.8.9.10", "::1", "localhost", "LocalHost", "::ffff:127.0.0.1"]


@pytest.mark.parametrize("host", BEYOND)
def test_a_host_beyond_this_machine_is_not_loopback(host: str) -> None:
    assert not offline.is_loopback(host)


@pytest.mark.parametrize("host", [*LOOPBACK, b"127.0.0.1"])
def test_loopback_is_known_in_all_its_usual_spellings(host: str | bytes) -> None:
    assert offline.is_loopback(host)


@given(st.text() | st.binary() | st.none() | st.integers())
def test_whatever_is_asked_there_is_an_answer(host: object) -> None:
    assert offline.is_loopback(host) in (True, False)


@pytest.mark.parametrize("host", [*BEYOND, b"example.invalid", "مثال.invalid"])
def test_a_name_is_refused_before_it_is_looked_up(host: str) -> None:
    with pytest.raises(OfflineError, match="looked up"):
        socket.getaddrinfo(host, 443)


LOOKUPS: list[Callable[[], object]] = [
    lambda: socket.gethostbyname("example.invalid"),
    lambda: socket.gethostbyname_ex("example.invalid"),
    lambda: socket.gethostbyaddr("203.0.113.7"),
    lambda: socket.getnameinfo(("203.0.113.7", 80), 0),
]


@pytest.mark.parametrize("look_up", LOOKUPS)
def test_every_kind_of_look_up_is_refused(look_up: Callable[[], object]) -> None:
    with pytest.raises(OfflineError):
        look_up()


USES: list[Callable[[socket.socket], object]] = [
    lambda it: it.connect(("203.0.113.7", 80)),
    lambda it: it.connect_ex(("203.0.113.7", 80)),
    lambda it: it.bind(("0.0.0.0", 0)),
    lambda it: it.sendto(b"x", ("203.0.113.7", 80)),
    lambda it: it.sendmsg([b"x"], [], 0, ("203.0.113.7", 80)),
]


@pytest.mark.parametrize("use", USES)
def test_every_use_of_an_address_beyond_loopback_is_refused(
    use: Callable[[socket.socket], object],
) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as it, pytest.raises(OfflineError):
        use(it)


def test_loopback_and_unix_sockets_work() -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(Path(folder) / "s"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()
    socket.getaddrinfo(None, 80)


def test_a_family_that_is_not_known_to_be_local_is_refused() -> None:
    class Radio:
        family = -1

    with pytest.raises(OfflineError):
        sys.audit("socket.connect", Radio(), ("127.0.0.1", 1))


def test_the_switch_can_be_turned_off_and_on() -> None:
    offline.online_again()
    sys.audit("socket.getaddrinfo", "example.invalid", 80, 0, 0, 0)
    assert not offline.is_offline()

    offline.go_offline()

    assert offline.is_offline()
    with pytest.raises(OfflineError):
        sys.audit("socket.getaddrinfo", "example.invalid", 80, 0, 0, 0)


def test_children_inherit_the_setting_and_lose_it_again() -> None:
    assert os.environ["JISR_OFFLINE"] == "1"

    offline.online_again()

    assert "JISR_OFFLINE" not in os.environ


def test_urllib_is_refused_in_plain_words() -> None:
    with pytest.raises(OfflineError, match=r"example\.invalid"):
        urllib.request.urlopen("http://example.invalid/", timeout=5)


@pytest.mark.parametrize("host", ["example.invalid", "203.0.113.7", "[2001:db8::1]"])
def test_aiohttp_is_refused_with_our_error_as_itself_or_as_its_cause(host: str) -> None:
    async def get() -> None:
        async with aiohttp.ClientSession() as session:
            await session.get(f"http://{host}/")

    with pytest.raises((OfflineError, aiohttp.ClientError)) as caught:
        asyncio.run(asyncio.wait_for(get(), 10))

    assert any(isinstance(it, OfflineError) for it in chain(caught.value))


def test_asyncio_is_refused_while_it_resolves() -> None:
    with pytest.raises(OfflineError):
        asyncio.run(asyncio.wait_for(asyncio.open_connection("example.invalid", 80), 10))


class Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_aiohttp_reaches_loopback() -> None:
    async def get(port: int) -> int:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://localhost:{port}/") as answer,
        ):
            return answer.status

    with HTTPServer(("127.0.0.1", 0), Hello) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        status = asyncio.run(asyncio.wait_for(get(server.server_port), 10))
        thread.join(10)

    assert status == 204


def test_importing_the_module_turns_nothing_on() -> None:
    script = "import jisr.offline as o, socket; print(o.is_offline())"
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=30)

    assert output.stdout.strip() == b"False"


def chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error:
        found += [error, *(error.exceptions if isinstance(error, BaseExceptionGroup) else ())]
        error = error.__cause__ or error.__context__
    return found
