import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from jisr.backends.base import Backend
from jisr.backends.local_server import LocalServerBackend
from jisr.bench.behaviours import Behaviour
from jisr.bench.upstream import ScriptedUpstream
from jisr.clock import FakeClock
from jisr.config import UpstreamSettings
from jisr.door import unaudited
from jisr.errors import BackendRefused, ConfigError, InvalidRequest
from jisr.types import Delta, Request, Sampling
from tests.backends.services import settings
from tests.contracts.backend import MESSAGES, REQUEST, BackendContract, complete


@asynccontextmanager
async def local(
    model: str = Behaviour.OK, **script: Any
) -> AsyncIterator[tuple[ScriptedUpstream, LocalServerBackend]]:
    async with ScriptedUpstream(keeps=True, **script) as server:
        backend = LocalServerBackend(
            settings(server.base_url, model, retries=0), FakeClock(), unaudited(server.base_url)
        )
        try:
            yield server, backend
        finally:
            await backend.close()


class TestLocalServerBackend(BackendContract[Request]):
    turn = REQUEST

    @asynccontextmanager
    async def serving(self, *pieces: str) -> AsyncIterator[Backend[Request]]:
        async with local(Behaviour.SLOW, pieces=pieces, pause_s=0.005) as (self.server, backend):
            yield backend

    @asynccontextmanager
    async def failing(self) -> AsyncIterator[Backend[Request]]:
        async with local(Behaviour.FAIL) as (_, backend):
            yield backend

    async def until_stopped(self) -> None:
        await self.server.until_no_connection()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:11434/v1",
        "http://127.8.9.10/v1",
        "http://[::1]:1234/v1/",
        "http://localhost:8080/v1",
        "https://LOCALHOST/v1",
    ],
)
def test_a_loopback_url_is_taken(url: str) -> None:
    LocalServerBackend(settings(url), FakeClock(), unaudited(url))


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.0.7:11434/v1",
        "http://0.0.0.0:11434/v1",
        "http://evil.com/v1",
        "http://127.0.0.1@evil.com/v1",
        "http://127.0.0.1:11434@evil.com/v1",
        "http://user:password@127.0.0.1/v1",
        "http://@127.0.0.1/v1",
        "http://127.0.0.1.evil.com/v1",
        "http://localhost.evil.com/v1",
        "http://evil.com#@127.0.0.1/v1",
        "http://evil.com\\@127.0.0.1/v1",
        "http://evil.com/127.0.0.1/v1",
        "http://127.1/v1",
        "http://2130706433/v1",
        "http://0x7f000001/v1",
        "http://[::]/v1",
        "http://[::ffff:8.8.8.8]/v1",
        "http://１２７.0.0.1.evil.com/v1",
        "ftp://127.0.0.1/v1",
        "unix:///tmp/socket",
        "127.0.0.1:11434/v1",
        "http:///v1",
        "http://127.0.0.1:99999/v1",
        "http://127.0.0.1/v1?to=evil.com",
        "",
        None,
    ],
)
def test_any_other_url_is_refused(url: str | None) -> None:
    with pytest.raises(ConfigError) as caught:
        LocalServerBackend(
            UpstreamSettings.model_construct(base_url=url, model="m"), FakeClock(), unaudited(url)
        )  # unchecked, for what the settings refuse already must be refused here too

    assert "password@" not in str(caught.value)


def asked(sampling: Sampling, model: str = Behaviour.OK) -> tuple[list[Delta], list[bytes]]:
    async def turn() -> tuple[list[Delta], list[bytes]]:
        async with local(model) as (server, backend):
            deltas = await complete(backend, Request(messages=MESSAGES, sampling=sampling))
            return deltas, server.captured

    return asyncio.run(turn())


def test_no_key_is_sent() -> None:
    _, captured = asked(Sampling())

    assert b"authorization" not in captured[0].lower()


def test_log_probabilities_that_the_server_does_not_tell_are_absent() -> None:
    deltas, _ = asked(Sampling(num_top_logprobs=2))

    assert all(delta.logprobs == () for delta in deltas)


def test_log_probabilities_that_it_tells_are_read() -> None:
    deltas, _ = asked(Sampling(num_top_logprobs=1), Behaviour.LOGPROBS)

    first = deltas[0].logprobs[0]
    assert (first.token, first.logprob, len(first.top)) == (b"piece 0 ", -0.5, 2)


def test_the_server_is_asked_for_its_family_before_it_is_sent_a_grammar() -> None:
    with pytest.raises(InvalidRequest, match="grammar"):
        asked(Sampling(grammar='root ::= "yes"'))


@pytest.mark.parametrize(
    ("owner", "taken"),
    [
        ("jisr", {"top_k": 5, "min_p": 0.1}),
        ("llamacpp", {"top_k": 5, "min_p": 0.1}),
        ("organization_owner", {"top_k": 5}),
        ("library", {}),
    ],
)
def test_a_field_goes_only_to_a_family_that_takes_it(owner: str, taken: dict[str, float]) -> None:
    async def turn() -> tuple[bytes, Delta]:
        async with local(owner=owner) as (server, backend):
            sampling = Sampling(top_k=5, min_p=0.1)
            deltas = await complete(backend, Request(messages=MESSAGES, sampling=sampling))
            return server.captured[-1], deltas[-1]

    captured, last = asyncio.run(turn())

    sent = json.loads(captured.partition(b"\r\n\r\n")[2])
    assert {name: sent[name] for name in ("top_k", "min_p") if name in sent} == taken
    assert set(last.missing) == {"top_k", "min_p"} - taken.keys()


def test_a_redirect_is_not_followed() -> None:
    async def turn() -> int:
        async with (
            ScriptedUpstream() as elsewhere,
            local(Behaviour.REDIRECT, location=f"{elsewhere.base_url}/chat/completions") as (
                _,
                backend,
            ),
        ):
            with pytest.raises(BackendRefused, match="Redirects are never followed"):
                await complete(backend, REQUEST)
            return elsewhere.num_connections_ever

    assert asyncio.run(turn()) == 0


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)

    deltas, _ = asked(Sampling())

    assert deltas[-1].finish_reason is not None
