"""Endpoints on loopback sockets, what they stand on, and a plain client of them."""

import asyncio
import http.client
import json
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from jisr.assemble import Assembled
from jisr.bench.behaviours import Behaviour
from jisr.bench.upstream import ScriptedUpstream
from jisr.runtime import Runtime
from jisr.server.run import bind, in_thread
from tests.server.asgi import CHAT, Answer, app

LIMIT_S = 60.0


@dataclass(frozen=True)
class Home:
    """A Jisr with a real model on the device, and a scripted cloud."""

    url: str
    assembled: Assembled
    cloud: ScriptedUpstream

    @property
    def num_working(self) -> int:
        """Turns that the engine works on, or that wait for it."""
        engine = self.assembled.engine
        assert engine
        return engine.num_running + engine.num_waiting


@contextmanager
def serving(runtime: Runtime, **more: Any) -> Iterator[str]:
    """Serve a runtime built by hand; yield its address."""
    listener = bind("127.0.0.1", 0)
    with in_thread(app(runtime, **more), listener, on_stop=runtime.close) as url:
        yield url


@contextmanager
def upstream(behaviour: Behaviour = Behaviour.OK, **script: Any) -> Iterator[ScriptedUpstream]:
    """Serve a scripted cloud beside the test."""
    started: queue.SimpleQueue[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = (
        queue.SimpleQueue()
    )
    server = ScriptedUpstream(behaviour, keeps=True, **script)

    async def serve() -> None:
        stop = asyncio.Event()
        async with server:
            started.put((asyncio.get_running_loop(), stop))
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    loop, stop = started.get(timeout=LIMIT_S)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


def send(
    url: str,
    body: bytes = b"",
    path: str = CHAT,
    *,
    headers: Mapping[str, str] | None = None,
    method: str = "POST",
) -> Answer:
    """Return the answer to one request."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=LIMIT_S)
    try:
        connection.request(method, path, body or None, dict(headers or {}))
        response = connection.getresponse()
        told = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, told, response.read(), is_whole=True)
    finally:
        connection.close()


def question(text: str = "Say hello.", **more: Any) -> bytes:
    body = {"model": "jisr", "messages": [{"role": "user", "content": text}], **more}
    return json.dumps(body, ensure_ascii=False).encode()


def ask(url: str, text: str = "Say hello.", **more: Any) -> Answer:
    return send(url, question(text, **more))


@contextmanager
def connected(url: str, body: bytes) -> Iterator[socket.socket]:
    """Send a request and yield its socket, whose closing is the client's leaving."""
    where = urlsplit(url)
    with socket.create_connection((where.hostname or "", where.port or 0), LIMIT_S) as client:
        head = (
            f"POST {CHAT} HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        client.sendall(head.encode() + body)
        yield client


def seconds_until(holds: Callable[[], bool], limit_s: float = 10.0) -> float:
    """Wait until something holds; return how long it took."""
    start = time.perf_counter()
    while not holds():
        assert time.perf_counter() - start < limit_s, "it never came to hold"
        time.sleep(0.001)
    return time.perf_counter() - start
