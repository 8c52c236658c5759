"""Where an upstream is, whether it can be reached, and what of that is told."""

import asyncio
import socket

import pytest

from jisr.backends.upstream import Upstream, parse_base_url
from jisr.bench.upstream import ScriptedUpstream
from jisr.clock import FakeClock
from jisr.door import unaudited
from jisr.errors import BackendUnavailable, ConfigError, JisrError
from tests.backends.services import KEY, settings
from tests.backends.upstream_turns import told


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def of_base_url(base_url: str) -> tuple[JisrError | None, bool]:
    """Return how a turn and a check there fail, and the health after them."""

    async def turn() -> tuple[JisrError | None, bool]:
        upstream = Upstream(settings(base_url, retries=0), KEY, FakeClock(), unaudited(base_url))
        try:
            failure = (await told(upstream))[1]
            with pytest.raises(BackendUnavailable):
                await upstream.check()
            return failure, upstream.is_healthy()
        finally:
            await upstream.close()

    return asyncio.run(turn())


def test_a_port_where_nobody_listens_is_unavailable() -> None:
    failure, is_healthy = of_base_url(f"http://127.0.0.1:{free_port()}/v1")

    assert isinstance(failure, BackendUnavailable)
    assert "could not be reached" in str(failure)
    assert not is_healthy


@pytest.mark.parametrize("host", ["cloud.example.com", "203.0.113.7", "[2001:db8::7]"])
def test_offline_a_service_elsewhere_is_unavailable_and_the_switch_is_named(host: str) -> None:
    failure, is_healthy = of_base_url(f"https://{host}/v1")

    assert isinstance(failure, BackendUnavailable)
    assert "the offline switch is on" in str(failure)
    assert is_healthy


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com/v1"),
        (" https://api.openai.com/v1/ ", "https://api.openai.com/v1"),
        ("http://[::1]:80/v1", "http://[::1]/v1"),
        ("http://host", "http://host"),
    ],
)
def test_a_base_url_is_read(text: str, url: str) -> None:
    assert str(parse_base_url(text)).rstrip("/") == url


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "No base URL"),
        ("", "No base URL"),
        ("ftp://host/v1", "http:// or https://"),
        ("host/v1", "http:// or https://"),
        ("http://", "http:// or https://"),
        ("http://host:port/v1", "http:// or https://"),
        ("http://exa\u2100mple.com/v1", "http:// or https://"),
        ("https://user:hunter2@host/v1", "user name or password"),
        ("https://hunter2@host/v1", "user name or password"),
        ("https://host/v1?key=hunter2", "no ? and no #"),
        ("https://host/v1#hunter2", "no ? and no #"),
    ],
)
def test_a_base_url_that_cannot_be_is_refused_without_its_secrets(
    text: str | None, words: str
) -> None:
    with pytest.raises(ConfigError, match="URL") as caught:
        parse_base_url(text)

    assert words in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_service_without_a_model_is_refused() -> None:
    with pytest.raises(ConfigError, match="Which model"):
        Upstream(settings("http://127.0.0.1:1/v1", None), None, FakeClock(), unaudited())


def test_making_an_upstream_opens_nothing() -> None:
    async def make() -> int:
        async with ScriptedUpstream() as server:
            Upstream(settings(server.base_url), KEY, FakeClock(), unaudited(server.base_url))
            return server.num_connections_ever

    assert asyncio.run(make()) == 0
