"""CPU time of one streamed completion in three HTTP clients, and in Jisr's cloud backend.

taskset -c 0 python -m jisr.bench.upstream --port 9107 &
taskset -c 1 python docs/decisions/0003_http_client.py http://127.0.0.1:9107/v1
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Any

import aiohttp
import httpx
from openai import AsyncOpenAI

from jisr.backends.cloud import CloudBackend
from jisr.backends.upstream import Upstream
from jisr.clock import SystemClock
from jisr.config import UpstreamSettings
from jisr.types import Message, Outbound, Role, Sampling

NUM_TURNS, NUM_AT_ONCE = 1600, 8
PAYLOAD: dict[str, Any] = {
    "model": "ok",
    "messages": [{"role": "user", "content": "hello"}],
    "stream": True,
    "stream_options": {"include_usage": True},
}
TURN = Outbound(messages=(Message(Role.USER, "hello"),), sampling=Sampling())


async def ask_openai(client: AsyncOpenAI) -> str:
    """Ask with the official client."""
    stream = await client.chat.completions.create(**PAYLOAD)
    return "".join([c.choices[0].delta.content or "" async for c in stream if c.choices])


async def read(lines: AsyncIterable[str | bytes]) -> str:
    """Return the text of a stream's lines."""
    pieces = []
    async for line in lines:
        event = line[6:].strip()
        if event and event not in ("[DONE]", b"[DONE]") and (it := json.loads(event)["choices"]):
            pieces.append(it[0]["delta"].get("content") or "")
    return "".join(pieces)


async def ask_httpx(client: httpx.AsyncClient, url: str) -> str:
    """Ask with httpx, events read by hand."""
    async with client.stream("POST", url, json=PAYLOAD) as response:
        return await read(response.aiter_lines())


async def ask_aiohttp(session: aiohttp.ClientSession, url: str) -> str:
    """Ask with aiohttp, events read by hand."""
    async with session.post(url, json=PAYLOAD) as response:
        return await read(response.content)


async def ask_cloud(cloud: CloudBackend) -> str:
    """Ask with Jisr's own backend, checks and bounds included."""
    return "".join([delta.text async for delta in cloud.stream(TURN)])


async def measure(name: str, ask: Callable[[], Awaitable[str]]) -> None:
    """Print what a turn costs alone and with others beside it."""

    async def turns(count: int) -> None:
        for _ in range(count):
            assert "piece 9" in await ask()

    await turns(50)
    alone = []
    for _ in range(200):
        started = time.perf_counter()
        await turns(1)
        alone.append(1e3 * (time.perf_counter() - started))
    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(turns(NUM_TURNS // NUM_AT_ONCE) for _ in range(NUM_AT_ONCE)))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(
        f"{name:14} {1e3 * cpu / NUM_TURNS:6.2f} ms CPU a turn {NUM_TURNS / wall:6.0f} turns/s "
        f"{sorted(alone)[100]:6.2f} ms median alone"
    )


async def main(base_url: str) -> None:
    """Measure all four, one after the other."""
    url = f"{base_url}/chat/completions"
    async with AsyncOpenAI(base_url=base_url, api_key="x") as openai:
        await measure("openai", lambda: ask_openai(openai))
    async with httpx.AsyncClient() as client:
        await measure("httpx", lambda: ask_httpx(client, url))
    async with aiohttp.ClientSession() as session:
        await measure("aiohttp", lambda: ask_aiohttp(session, url))
    settings = UpstreamSettings(base_url=base_url, model="ok")
    cloud = CloudBackend(Upstream(settings, None, SystemClock()))
    await measure("CloudBackend", lambda: ask_cloud(cloud))
    await cloud.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
