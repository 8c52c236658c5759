"""A network with a distance: `python -m jisr.bench.delay_proxy --to URL --rtt-ms 0,20,60,120`.

A TCP proxy with a listener for each round trip. What comes in is handed on half a
round trip later, chunk by chunk, in order, in each direction.

What is covered: real delay of real bytes.
What is not covered: bandwidth, loss, and the round trip that opening a connection takes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from typing import TypeAlias
from urllib.parse import urlsplit

from jisr.server.run import stop_at_eof

CHUNK_BYTES = 2**16
Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter


class DelayProxy:
    """Listens on loopback once for each round trip."""

    def __init__(self, to: str, rtts_ms: Sequence[float]) -> None:
        """Take in where all goes (a URL), and the round trips."""
        address = urlsplit(to)
        self._to = (address.hostname or "127.0.0.1", address.port or 80)
        self._rtts_ms = tuple(rtts_ms)
        self._servers = AsyncExitStack()
        self._carried: set[asyncio.Task[None]] = set()
        self.urls: dict[float, str] = {}
        """Its addresses by round trip, once it was entered."""

    async def __aenter__(self) -> DelayProxy:
        for rtt_ms in self._rtts_ms:
            server = await asyncio.start_server(self._carrying(rtt_ms / 2000), "127.0.0.1", 0)
            await self._servers.enter_async_context(server)
            port = server.sockets[0].getsockname()[1]
            self.urls[rtt_ms] = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        for task in self._carried:
            task.cancel()
        await asyncio.gather(*self._carried, return_exceptions=True)
        await self._servers.aclose()

    def _carrying(self, delay_s: float) -> Callable[[Reader, Writer], None]:
        def accept(reader: Reader, writer: Writer) -> None:
            task = asyncio.ensure_future(self._carry(reader, writer, delay_s))
            self._carried.add(task)
            task.add_done_callback(self._carried.discard)

        return accept

    async def _carry(self, reader: Reader, writer: Writer, delay_s: float) -> None:
        """Carry one connection both ways until both ends are told, or one breaks."""
        try:
            there, back = await asyncio.open_connection(*self._to)
        except OSError:
            writer.transport.abort()
            return
        try:
            await asyncio.gather(_one_way(reader, back, delay_s), _one_way(there, writer, delay_s))
        finally:
            writer.transport.abort()
            back.transport.abort()


async def _one_way(reader: Reader, writer: Writer, delay_s: float) -> None:
    """Hand on what comes, and then that nothing comes any more."""
    on_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    arrivals = asyncio.ensure_future(_arrive(on_way, writer))
    now_s = asyncio.get_running_loop().time
    try:
        chunk = b"-"
        while chunk:
            with suppress(ConnectionError):
                chunk = await reader.read(CHUNK_BYTES)
            on_way.put_nowait((now_s() + delay_s, chunk))
        await arrivals
    finally:
        arrivals.cancel()


async def _arrive(on_way: asyncio.Queue[tuple[float, bytes]], writer: Writer) -> None:
    now_s = asyncio.get_running_loop().time
    while True:
        due_s, chunk = await on_way.get()
        if (early_s := due_s - now_s()) > 0:
            await asyncio.sleep(early_s)
        if not chunk:
            with suppress(OSError):  # the other end may have hung up
                writer.write_eof()
            return
        writer.write(chunk)


def read_rtts(text: str) -> tuple[float, ...]:
    """Return the round trips of `0,20,60`.

    Raises:
        ValueError: One is no number from 0 up, or one stands there twice.
    """
    rtts_ms = tuple(float(word) for word in text.split(","))
    if any(not 0 <= rtt_ms < float("inf") for rtt_ms in rtts_ms):
        raise ValueError(f"{text!r}: a round trip is 0 ms or more.")
    if len(set(rtts_ms)) < len(rtts_ms):
        raise ValueError(f"{text!r}: a round trip stands there twice.")
    return rtts_ms


async def _serve(to: str, rtts_ms: Sequence[float]) -> None:
    async with DelayProxy(to, rtts_ms) as proxy:
        for rtt_ms, url in proxy.urls.items():
            print(json.dumps({"rtt_ms": rtt_ms, "url": url}), flush=True)
        await asyncio.Event().wait()


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the addresses, a line of JSON each, and carry until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m jisr.bench.delay_proxy", description=__doc__)
    parser.add_argument("--to", required=True, metavar="URL")
    parser.add_argument("--rtt-ms", type=read_rtts, default=(0.0, 20.0, 60.0, 120.0))
    chosen = parser.parse_args(arguments)
    stop_at_eof()
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(chosen.to, chosen.rtt_ms))


if __name__ == "__main__":
    main()
