import asyncio
import json
import os
import signal
import subprocess
import sys

import pytest
from openai import APIStatusError, AsyncOpenAI

from jisr.bench.behaviours import Behaviour
from jisr.bench.upstream import ScriptedUpstream

HELLO = [{"role": "user", "content": "hello"}]


async def ask(server: ScriptedUpstream, behaviour: Behaviour) -> str:
    """Return what the official client makes of a streamed completion."""
    async with AsyncOpenAI(base_url=server.base_url, api_key="x", max_retries=0) as client:
        stream = await client.chat.completions.create(
            model=behaviour,
            messages=[{"role": "user", "content": "hello"}],
            stream=True,
            stream_options={"include_usage": True},
        )
        pieces, usage = [], None
        async for chunk in stream:
            usage = chunk.usage or usage
            pieces += [choice.delta.content or "" for choice in chunk.choices]
        assert usage
        return "".join(pieces)


@pytest.mark.parametrize(
    ("behaviour", "text"),
    [
        (Behaviour.OK, "one two"),
        (Behaviour.SLOW, "one two"),
        (Behaviour.LOGPROBS, "one two"),
        (Behaviour.ECHO, "hello"),
        (Behaviour.EMPTY, ""),
    ],
)
def test_the_official_client_reads_what_it_streams(behaviour: Behaviour, text: str) -> None:
    async def turn() -> str:
        async with ScriptedUpstream(pieces=("one ", "two"), pause_s=0.001) as server:
            return await ask(server, behaviour)

    assert asyncio.run(turn()) == text


def test_the_official_client_reads_a_completion_in_one_piece() -> None:
    async def turn() -> str | None:
        async with (
            ScriptedUpstream(pieces=("one ", "two")) as server,
            AsyncOpenAI(base_url=server.base_url, api_key="x") as client,
        ):
            answer = await client.chat.completions.create(
                model="any", messages=[{"role": "user", "content": "hello"}]
            )
            return answer.choices[0].message.content

    assert asyncio.run(turn()) == "one two"


def test_the_official_client_reads_the_tools_it_calls() -> None:
    async def turn() -> list[tuple[str, str]]:
        calls: dict[int, tuple[str, str]] = {}
        async with (
            ScriptedUpstream(pieces=("{", "}")) as server,
            AsyncOpenAI(base_url=server.base_url, api_key="x") as client,
        ):
            stream = await client.chat.completions.create(
                model=Behaviour.CALL,
                messages=[{"role": "user", "content": "hello"}],
                tools=[{"type": "function", "function": {"name": "mail"}}],
                stream=True,
            )
            async for chunk in stream:
                for piece in chunk.choices[0].delta.tool_calls or ():
                    assert piece.function
                    name, arguments = calls.get(piece.index, ("", ""))
                    name += piece.function.name or ""
                    calls[piece.index] = (name, arguments + (piece.function.arguments or ""))
        return [*calls.values()]

    assert asyncio.run(turn()) == [("mail", '{"text": "hello"}'), ("mail", "{}")]


def test_a_failure_has_openais_shape() -> None:
    async def turn() -> None:
        async with ScriptedUpstream() as server:
            await ask(server, Behaviour.TOO_LONG)

    with pytest.raises(APIStatusError) as caught:
        asyncio.run(turn())
    assert (caught.value.status_code, caught.value.code) == (400, "context_length_exceeded")


async def exchange(server: ScriptedUpstream, *parts: bytes) -> bytes:
    """Send raw bytes in pieces and return the first bytes of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0)
    async with asyncio.timeout(5):
        answer = await reader.read(65536)
    writer.close()
    await writer.wait_closed()
    return answer


def request(body: bytes) -> bytes:
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def test_the_raw_bytes_of_each_request_are_kept_however_they_were_cut() -> None:
    raw = request(json.dumps({"model": "ok", "messages": HELLO}).encode())

    async def turn() -> list[bytes]:
        async with ScriptedUpstream(keeps=True) as server:
            await exchange(server, raw)
            await exchange(server, raw[:20], raw[20:90], raw[90:])
            return server.captured

    assert asyncio.run(turn()) == [raw, raw]


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (request(b"{"), b"400"),
        (request(b"{}"), b"400"),
        (request(b"[]"), b"400"),
        (b"GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n", b"200"),
        (b"GET /else HTTP/1.1\r\nhost: x\r\n\r\n", b"404"),
        (
            b"GET /v1/jisr/verify HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n"
            b"upgrade: websocket\r\n\r\n",
            b"404",
        ),
    ],
)
def test_what_it_cannot_play_it_says(raw: bytes, status: bytes) -> None:
    async def turn() -> bytes:
        async with ScriptedUpstream() as server:
            return await exchange(server, raw)

    assert asyncio.run(turn()).split()[1] == status


def test_it_hangs_up_on_what_is_not_http() -> None:
    async def turn() -> bytes:
        async with ScriptedUpstream() as server:
            try:
                return await exchange(server, b"\x16\x03\x01 hello\r\n\r\n")
            except ConnectionResetError:
                return b""

    assert asyncio.run(turn()) == b""


def test_as_a_program_it_prints_where_it_is_and_ends_on_ctrl_c() -> None:
    program = subprocess.Popen(
        [sys.executable, "-m", "jisr.bench.upstream", "--behaviour", "slow", "--chunks", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ},
    )
    assert program.stdout
    where = program.stdout.readline()
    program.send_signal(signal.SIGINT)
    _, errors = program.communicate(timeout=10)

    assert where.startswith("http://127.0.0.1:")
    assert (program.returncode, errors) == (0, "")
