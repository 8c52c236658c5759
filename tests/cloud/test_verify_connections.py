"""Connections to the verify service: who is let in, and when one is ended."""

import asyncio

import aiohttp
import pytest

from jisr.assemble import Assembled
from jisr.cloud import verify
from jisr.config import Settings
from jisr.joint.wire import MAX_FRAME_BYTES, PATH, Resume, encode
from jisr.server import run
from tests.cloud.verifying import BEARER, LIMIT_S, Cloud, connected, serving
from tests.journeys.served import seconds_until, send


@pytest.mark.parametrize("authorization", ["", "Bearer wrong"])
def test_a_wrong_key_is_refused(cloud: Cloud, authorization: str) -> None:
    async def turn() -> None:
        async with connected(cloud, authorization=authorization):
            pytest.fail("it was let in")

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        asyncio.run(turn())
    assert refused.value.status == 401


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("text", 1003),
        (b"", 1007),
        (b"garbage", 1007),
        (b"\x91" * 9000, 1007),
        (bytes(MAX_FRAME_BYTES + 1), 1009),
    ],
)
def test_what_is_no_message_ends_the_connection_with_a_reason(
    cloud: Cloud, frame: str | bytes, code: int
) -> None:
    async def turn() -> aiohttp.WSMessage:
        async with connected(cloud) as device:
            if isinstance(frame, str):
                await device.socket.send_str(frame)
            else:
                await device.socket.send_bytes(frame)
            return await device.socket.receive()

    ended = asyncio.run(turn())
    assert (ended.type, ended.data) == (aiohttp.WSMsgType.CLOSE, code)
    assert ended.extra
    seconds_until(lambda: cloud.health()["connections"] == 0)


def test_a_device_that_leaves_takes_its_work_with_it(cloud: Cloud) -> None:
    async def turn() -> None:
        async with connected(cloud) as device:
            prompt = cloud.prompt()
            await device.open(prompt, until=999, max_tokens=500)
            await device.verdict()
            assert cloud.engine.num_running == 1

    asyncio.run(turn())
    seconds_until(lambda: not cloud.engine.num_running)
    assert cloud.health()["sessions"] == 0


def test_a_device_that_never_reads_is_cut_off(
    assembled: Assembled, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "STALL_S", 0.3)
    monkeypatch.setattr(run, "LAST_WORDS_S", 0.3)

    async def turn(cloud: Cloud) -> None:
        async with connected(cloud) as device:
            prompt = cloud.prompt("word " * 300)
            await device.open(prompt)
            stream = device.socket._response.connection
            assert stream is not None and stream.transport is not None
            stream.transport.pause_reading()
            ask_again = encode(Resume(0, 0))
            with pytest.raises((ConnectionError, aiohttp.ClientError)):
                async with asyncio.timeout(LIMIT_S):
                    while True:
                        await device.socket.send_bytes(ask_again)
                        await asyncio.sleep(0)

    with serving(assembled, settings) as cloud:
        asyncio.run(turn(cloud))
        seconds_until(lambda: cloud.health()["connections"] == 0)


def test_so_many_devices_may_connect_and_no_more(assembled: Assembled, settings: Settings) -> None:
    role = settings.cloud_role.model_copy(update={"max_verify_connections": 1})

    async def turn(cloud: Cloud) -> int:
        async with connected(cloud):
            try:
                async with connected(cloud):
                    pytest.fail("it was let in")
            except aiohttp.WSServerHandshakeError as refused:
                return refused.status

    with serving(assembled, settings.model_copy(update={"cloud_role": role})) as cloud:
        assert asyncio.run(turn(cloud)) == 503
        seconds_until(lambda: cloud.health()["connections"] == 0)


def test_a_connection_for_which_nothing_comes_is_closed(
    assembled: Assembled, settings: Settings
) -> None:
    role = settings.cloud_role.model_copy(update={"session_idle_s": 0.2})

    async def turn(cloud: Cloud) -> tuple[str, int]:
        async with connected(cloud) as device:
            await device.open(cloud.prompt())
            refused = await device.refusal()
            ended = await device.socket.receive()
            return refused.code, int(ended.data)

    with serving(assembled, settings.model_copy(update={"cloud_role": role})) as cloud:
        assert asyncio.run(turn(cloud)) == ("idle", 1001)


def test_a_role_that_does_not_verify_says_so(assembled: Assembled, settings: Settings) -> None:
    role = settings.cloud_role.model_copy(update={"verify": False})

    async def turn(cloud: Cloud) -> None:
        async with connected(cloud):
            pytest.fail("it was let in")

    with serving(assembled, settings.model_copy(update={"cloud_role": role})) as cloud:
        assert cloud.health() is None
        assert send(cloud.url, path=PATH, method="GET", headers=BEARER).status == 404
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            asyncio.run(turn(cloud))
    assert refused.value.status == 404
