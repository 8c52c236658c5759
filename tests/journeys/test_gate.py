"""Who may call, over a real socket; and what is refused before weights are loaded."""

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from jisr.cli.client import Client
from jisr.errors import ServerError
from jisr.server.run import bind
from tests.journeys.served import question, send, serving
from tests.runtimes import runtime, saying

KEY = "sk-local"
LIMIT_S = 60


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(runtime(device=saying()), key=KEY) as url:
        yield url


def status(url: str, **headers: str) -> tuple[int, str | None]:
    with_dashes = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = send(url, question(), headers=with_dashes)
    return answer.status, None if answer.status == 200 else answer.error["code"]


def test_the_right_key_opens(url: str) -> None:
    assert status(url, authorization=f"Bearer {KEY}") == (200, None)


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer wrong", f"Basic {KEY}", KEY])
def test_a_key_that_is_wrong_or_missing_is_refused(url: str, authorization: str) -> None:
    assert status(url, authorization=authorization) == (401, "invalid_api_key")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "192.168.0.1"])
def test_a_name_that_was_pointed_here_is_refused(url: str, host: str) -> None:
    assert status(url, host=host, authorization=f"Bearer {KEY}") == (403, "host_not_allowed")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_a_page_from_elsewhere_is_refused(url: str, origin: str) -> None:
    told = status(url, origin=origin, authorization=f"Bearer {KEY}")

    assert told == (403, "origin_not_allowed")


@pytest.mark.parametrize("host", ["box:8485", "192.168.0.1:8485", "مثال"])
def test_a_server_for_other_machines_is_called_by_any_name_with_the_key(host: str) -> None:
    named = host.encode().decode("latin-1")
    with serving(runtime(device=saying()), host="0.0.0.0", key=KEY) as url:
        assert status(url, host=named, authorization=f"Bearer {KEY}") == (200, None)
        assert status(url, host=named) == (401, "invalid_api_key")
        assert status(url, host=named, authorization="Bearer wrong") == (401, "invalid_api_key")


def test_our_own_page_may_call(url: str) -> None:
    assert status(url, origin=url, authorization=f"Bearer {KEY}") == (200, None)


def test_a_request_without_a_host_is_refused(url: str) -> None:
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=LIMIT_S)
    connection.putrequest("GET", "/v1/models", skip_host=True)
    connection.endheaders()

    assert connection.getresponse().status in (400, 403)
    connection.close()


def test_our_own_client_says_what_is_wrong_with_its_key(url: str) -> None:
    body = {"model": "jisr", "messages": [{"role": "user", "content": "hi"}]}

    with pytest.raises(ServerError, match="key is missing or wrong"):
        list(Client(url, "wrong").ask(body))
    assert list(Client(url, KEY).ask(body))


def run_jisr(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a home of its own, where there are no weights."""
    env = {**os.environ, "JISR_HOME": str(tmp_path), "JISR_MODELS_DIR": str(tmp_path / "models")}
    env = {name: value for name, value in env.items() if name != "JISR_OFFLINE"}
    return subprocess.run(
        [sys.executable, "-m", "jisr", *words],
        env={**env, "PYTHONPATH": "src"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


@pytest.mark.parametrize("command", ["serve", "cloud"])
def test_an_open_address_without_a_key_is_refused_before_weights_are_asked_for(
    tmp_path: Path, command: str
) -> None:
    done = run_jisr(tmp_path, command, "--host", "0.0.0.0", "--port", "0")

    assert done.returncode != 0
    assert "a key is needed" in done.stderr
    assert "Traceback" not in done.stderr
    assert "pull" not in done.stderr


def test_a_second_server_on_one_port_is_told_before_weights_are_asked_for(tmp_path: Path) -> None:
    with bind("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        done = run_jisr(tmp_path, "serve", "--port", str(port))

    assert done.returncode != 0
    assert f"Port {port} of 127.0.0.1 is taken" in done.stderr
    assert "--port 0" in done.stderr
    assert "Traceback" not in done.stderr
