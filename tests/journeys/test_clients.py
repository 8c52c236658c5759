"""One question by every client: the official one, a plain one and our own get the same answer."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from urllib.request import ProxyHandler, build_opener
from urllib.request import Request as HttpRequest

import pytest
from openai import APIError, APIStatusError, AsyncOpenAI, OpenAI

from jisr.bench.behaviours import Behaviour
from jisr.cli.client import Client, Ended, State
from jisr.errors import BackendBroken
from tests.journeys.served import Home, ask, serving, upstream
from tests.runtimes import cloud_at, runtime, saying

QUESTION = "What is the capital of Egypt? ما عاصمة مصر؟"
MAX_TOKENS = 16
USER = {"role": "user", "content": QUESTION}
LIMIT_S = 60


@cache
def expected(url: str) -> str:
    return ask(url, QUESTION, max_tokens=MAX_TOKENS).text()


def official(home: Home) -> OpenAI:
    return OpenAI(base_url=f"{home.url}/v1", api_key="none", max_retries=0, timeout=LIMIT_S)


def test_the_official_client_whole(home: Home) -> None:
    with official(home) as client:
        answer = client.chat.completions.create(
            model="jisr",
            messages=[{"role": "user", "content": QUESTION}],
            max_tokens=MAX_TOKENS,
            temperature=0,
        )

    assert answer.choices[0].message.content == expected(home.url)
    assert answer.usage
    assert answer.model_extra
    assert answer.model_extra["jisr"]["place"] == "device"


def test_the_official_client_streaming(home: Home) -> None:
    with official(home) as client:
        stream = client.chat.completions.create(
            model="jisr",
            messages=[{"role": "user", "content": QUESTION}],
            max_tokens=MAX_TOKENS,
            temperature=0,
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = list(stream)

    text = "".join(it.choices[0].delta.content or "" for it in chunks if it.choices)
    assert text == expected(home.url)
    assert chunks[-1].usage
    assert chunks[-1].model_extra
    assert chunks[-1].model_extra["jisr"]["reason"] == "default"


def test_the_official_client_waiting_for_many_at_once(home: Home) -> None:
    async def turn() -> list[str | None]:
        async with AsyncOpenAI(
            base_url=f"{home.url}/v1", api_key="none", max_retries=0, timeout=LIMIT_S
        ) as client:

            async def whole() -> str | None:
                answer = await client.chat.completions.create(
                    model="jisr/device",
                    messages=[{"role": "user", "content": QUESTION}],
                    max_tokens=MAX_TOKENS,
                )
                return answer.choices[0].message.content

            async def streamed() -> str:
                stream = await client.chat.completions.create(
                    model="jisr/device",
                    messages=[{"role": "user", "content": QUESTION}],
                    max_tokens=MAX_TOKENS,
                    stream=True,
                )
                return "".join(
                    [it.choices[0].delta.content or "" async for it in stream if it.choices]
                )

            return [await whole(), await streamed()]

    assert asyncio.run(turn()) == [expected(home.url)] * 2


def by_curl(url: str, body: bytes) -> bytes:
    done = subprocess.run(
        [
            *("curl", "-sS", "--noproxy", "*", "--max-time", str(LIMIT_S)),
            *("-H", "Content-Type: application/json", "--data-binary", "@-", url),
        ],
        input=body,
        capture_output=True,
        check=True,
    )
    return done.stdout


def by_python(url: str, body: bytes) -> bytes:
    direct = build_opener(ProxyHandler({}))
    request = HttpRequest(url, body, {"Content-Type": "application/json"})
    with direct.open(request, timeout=LIMIT_S) as response:
        return bytes(response.read())


PLAIN_CLIENTS = [by_python, *([by_curl] if shutil.which("curl") else [])]
"""They know HTTP and nothing of this wire: Python's own, and curl where it is."""


@pytest.mark.parametrize("post", PLAIN_CLIENTS)
@pytest.mark.parametrize("is_stream", [False, True])
def test_a_plain_client(home: Home, is_stream: bool, post: Callable[[str, bytes], bytes]) -> None:
    body = {"model": "jisr", "messages": [USER], "max_tokens": MAX_TOKENS, "stream": is_stream}
    came = post(f"{home.url}/v1/chat/completions", json.dumps(body, ensure_ascii=False).encode())

    lines = [line.removeprefix("data: ") for line in came.decode().split("\n\n") if line]
    events = [json.loads(line) for line in lines if line != "[DONE]"]
    parts = [choice for event in events for choice in event["choices"]]
    texts = [(it.get("delta") or it.get("message") or {}).get("content", "") for it in parts]
    assert "".join(texts) == expected(home.url)
    assert (lines[-1] == "[DONE]") is is_stream


def test_our_own_client(home: Home) -> None:
    body = {"model": "jisr", "messages": [USER], "max_tokens": MAX_TOKENS}
    client = Client(home.url)

    *pieces, ended = client.ask(body)

    assert client.health()
    assert not client.health(role="cloud")
    assert "".join(str(it) for it in pieces if not isinstance(it, State)) == expected(home.url)
    assert [it.name for it in pieces if isinstance(it, State)] == ["checking"]
    assert isinstance(ended, Ended)
    assert ended.usage
    assert ended.jisr["place"] == "device"
    assert client.route(body)["reason"] == "default"


def test_the_official_client_raises_what_it_knows(home: Home) -> None:
    with official(home) as client, pytest.raises(APIStatusError) as caught:
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "x"}])

    assert (caught.value.status_code, caught.value.code) == (404, "model_not_found")


def test_every_client_sees_a_failure_in_mid_stream() -> None:
    with upstream() as cloud:
        jisr = runtime(
            device=saying(["again"]), cloud=cloud_at(cloud.base_url, Behaviour.ERROR_EVENT)
        )
        with serving(jisr) as url:
            body = {"model": "jisr/cloud", "messages": [USER]}
            with pytest.raises(Exception, match="fell over"):
                list(Client(url).ask(body))
            with (
                OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client,
                pytest.raises(APIError, match="fell over"),
            ):
                list(
                    client.chat.completions.create(
                        model="jisr/cloud",
                        messages=[{"role": "user", "content": "x"}],
                        stream=True,
                    )
                )


def test_our_own_client_knows_a_stream_that_was_cut_off() -> None:
    with upstream(Behaviour.CLOSE_MIDWAY) as cloud:
        client = Client(cloud.base_url.removesuffix("/v1"))
        with pytest.raises(BackendBroken):
            list(client.ask({"model": "any", "messages": [USER]}))


def test_our_own_client_leaves_when_it_is_closed(home: Home) -> None:
    body = {"model": "jisr", "messages": [USER], "max_tokens": 800}
    outputs = Client(home.url).ask(body)
    next(outputs)
    outputs.close()

    assert home.assembled.ledger.turns(1)
