import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from jisr.bench.delay_proxy import DelayProxy, Reader, Writer, read_rtts
from jisr.bench.joint_child import Lines

NUM_CHUNKS = 40


async def echo(reader: Reader, writer: Writer) -> None:
    """Send back what comes, then close."""
    while chunk := await reader.read(1000):
        writer.write(chunk)
    writer.close()


@asynccontextmanager
async def echo_at(rtt_ms: float) -> AsyncIterator[tuple[Reader, Writer]]:
    """Connect to an echo that is so far away."""
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, DelayProxy(f"http://127.0.0.1:{port}/v1", [rtt_ms]) as proxy:
        near = int(proxy.urls[rtt_ms].rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", near)
        yield reader, writer
        writer.close()


@pytest.mark.parametrize("rtt_ms", [0, 60])
def test_an_answer_takes_the_round_trip(rtt_ms: float) -> None:
    async def ask() -> float:
        async with echo_at(rtt_ms) as (reader, writer):
            writer.write(b"first")  # the connection is opened all the way
            await reader.readexactly(5)
            asked_s = time.perf_counter()
            writer.write(b"second")
            assert await reader.readexactly(6) == b"second"
            return (time.perf_counter() - asked_s) * 1000

    took_ms = asyncio.run(ask())

    assert rtt_ms <= took_ms < rtt_ms + 40


def test_chunks_under_way_together_take_one_round_trip_and_keep_their_order() -> None:
    sent = [b"%03d|" % number for number in range(NUM_CHUNKS)]

    async def ask() -> tuple[bytes, float]:
        async with echo_at(40) as (reader, writer):
            asked_s = time.perf_counter()
            for chunk in sent:
                writer.write(chunk)
                await asyncio.sleep(0.001)
            writer.write_eof()
            return await reader.read(-1), time.perf_counter() - asked_s

    received, took_s = asyncio.run(ask())

    assert received == b"".join(sent)
    assert took_s < NUM_CHUNKS * 0.04 / 4


def test_where_nothing_listens_the_connection_ends() -> None:
    async def ask() -> bytes:
        async with DelayProxy("http://127.0.0.1:1", [0]) as proxy:
            port = int(proxy.urls[0].rpartition(":")[2])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                return await reader.read()
            except ConnectionError:
                return b""
            finally:
                writer.close()

    assert asyncio.run(ask()) == b""


def test_as_a_program_it_tells_each_address_and_ends_with_its_input() -> None:
    asked = ("--to", "http://127.0.0.1:1", "--rtt-ms", "0,20")
    with Lines("jisr.bench.delay_proxy", *asked) as child:
        told = [child.read(), child.read()]

    assert [row["rtt_ms"] for row in told] == [0, 20]
    assert len({row["url"] for row in told}) == 2


@pytest.mark.parametrize("text", ["", "x", "-1", "20,20", "inf", "nan"])
def test_what_is_no_list_of_round_trips_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_rtts(text)


def test_round_trips_keep_their_order() -> None:
    assert read_rtts("60,0,2.5") == (60, 0, 2.5)
