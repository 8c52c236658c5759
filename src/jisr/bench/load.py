"""A load generator: many keep-alive connections that ask for streamed completions.

It is plain asyncio and a parser in C, so that it costs little beside the server
it measures. An answer counts only if it is whole: status 200, and for a stream
its last event `[DONE]`. As a program:

    python -m jisr.bench.load http://127.0.0.1:8484/v1 --connections 32 --requests 5000
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import httptools

DONE = b"data: [DONE]"
TAIL_BYTES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is asked, how often and by how many at once."""

    base_url: str
    """Base URL with its version part; http only."""
    model: str = "ok"
    text: str = "hello"
    num_connections: int = 1
    num_requests: int = 100
    """In all, over all connections."""
    key: str | None = None
    timeout_s: float = 30.0
    """Longest wait for one whole answer."""

    def request(self) -> bytes:
        """Return the bytes of one request."""
        where = urlsplit(self.base_url)
        shape = {
            "model": self.model,
            "messages": [{"role": "user", "content": self.text}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        body = json.dumps(shape).encode()
        lines = [
            f"POST {where.path.rstrip('/')}/chat/completions HTTP/1.1",
            f"host: {where.netloc}",
            "content-type: application/json",
            f"content-length: {len(body)}",
            *([f"authorization: Bearer {self.key}"] if self.key else []),
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True, slots=True)
class Sample:
    """One whole answer."""

    first_ms: float
    """From the request to the first byte of the body."""
    last_ms: float
    """From the request to its last byte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a load got."""

    samples: tuple[Sample, ...]
    failures: tuple[str, ...]
    """What came instead of each answer that was not whole."""
    duration_s: float

    def figures(self) -> Mapping[str, float]:
        """Return the figures by their flat names."""
        first = [sample.first_ms for sample in self.samples]
        last = [sample.last_ms for sample in self.samples]
        return {
            "rps": len(self.samples) / self.duration_s if self.duration_s else 0.0,
            "num_whole": len(self.samples),
            "num_failed": len(self.failures),
            **{f"first_p{p}_ms": quantile(first, p / 100) for p in (50, 90, 99)},
            **{f"last_p{p}_ms": quantile(last, p / 100) for p in (50, 90, 99)},
        }


def quantile(values: Iterable[float], share: float) -> float:
    """Return the value below which this share (0 to 1) of them lies; nan of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


async def run(load: Load) -> Report:
    """Ask until all requests are answered; failures are counted, not raised.

    Raises:
        OSError: The server cannot be connected to.
    """
    samples: list[Sample] = []
    failures: list[str] = []
    left = iter(range(load.num_requests))
    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(min(load.num_connections, load.num_requests)):
            group.create_task(_ask_in_turn(load, left, samples, failures))
    return Report(
        samples=tuple(samples),
        failures=tuple(failures),
        duration_s=time.perf_counter() - started,
    )


async def _ask_in_turn(
    load: Load, left: Iterable[int], samples: list[Sample], failures: list[str]
) -> None:
    """Ask over one connection, which is made anew after a failure."""
    loop, where, request = asyncio.get_running_loop(), urlsplit(load.base_url), load.request()
    host, client = where.hostname or "127.0.0.1", None
    try:
        for _ in left:
            if client is None or client.is_closed:
                _, client = await loop.create_connection(_Client, host, where.port or 80)
            try:
                async with asyncio.timeout(load.timeout_s):
                    samples.append(await client.ask(request))
            except (BrokenAnswer, TimeoutError) as error:
                failures.append(str(error) or "timeout")
                client.close()
                client = None
    finally:
        if client:
            client.close()


class BrokenAnswer(Exception):
    """An answer was not whole."""


class _Client(asyncio.Protocol):
    """One connection: sends a request, waits for the whole answer."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Sample] | None = None
        self._sent_s = 0.0
        self._first_s: float | None = None
        self._tail = b""
        self.is_closed = False

    async def ask(self, request: bytes) -> Sample:
        """Return the times of one answer.

        Raises:
            BrokenAnswer: It was not whole.
        """
        assert self._transport
        self._answer = asyncio.get_running_loop().create_future()
        self._first_s, self._tail = None, b""
        self._sent_s = time.perf_counter()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Close the connection."""
        self.is_closed = True
        if self._transport:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, _: Exception | None) -> None:
        self.is_closed = True
        self._fail("the connection closed")

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"not HTTP: {error}")

    def on_body(self, body: bytes) -> None:
        if self._first_s is None:
            self._first_s = time.perf_counter()
        self._tail = (self._tail + body)[-TAIL_BYTES:]

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status != HTTPStatus.OK or DONE not in self._tail or self._first_s is None:
            self._fail(f"status {status}, ends in {self._tail!r}")
        elif self._answer and not self._answer.done():
            now = time.perf_counter()
            first_ms = 1e3 * (self._first_s - self._sent_s)
            self._answer.set_result(Sample(first_ms, 1e3 * (now - self._sent_s)))

    def _fail(self, why: str) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(BrokenAnswer(why))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a load and print its figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m jisr.bench.load", description=__doc__)
    parser.add_argument("base_url")
    parser.add_argument("--model", default="ok")
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--requests", type=int, default=1000)
    chosen = parser.parse_args(arguments)
    load = Load(
        base_url=chosen.base_url,
        model=chosen.model,
        num_connections=chosen.connections,
        num_requests=chosen.requests,
    )
    report = asyncio.run(run(load))
    print(json.dumps({**report.figures(), "failures": report.failures[:3]}, indent=2))


if __name__ == "__main__":
    main()
