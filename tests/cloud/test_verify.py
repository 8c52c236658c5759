"""The verify service over real sockets, with a real model behind it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from jisr.assemble import Assembled, assemble_cloud
from jisr.cloud import verify
from jisr.cloud.service import cloud_gate, cloud_service
from jisr.config import CloudRoleSettings, DeviceSettings, Settings
from jisr.engine.engine import Engine
from jisr.engine.llama import Append, Logits
from jisr.engine.template import template_fingerprint
from jisr.joint.wire import (
    MAX_FRAME_BYTES,
    PATH,
    FromCloud,
    FromDevice,
    Hello,
    Open,
    Propose,
    Refused,
    Resume,
    Verdict,
    encode,
    pack,
    read_from_cloud,
    unpack,
)
from jisr.server import run
from jisr.server.app import create_app
from jisr.server.run import bind, in_thread
from jisr.types import Message, Role
from tests.journeys.served import seconds_until, send
from tests.weights import small_model

KEY = {"JISR_CLOUD_ROLE_API_KEY": "sk-cloud"}
BEARER = {"authorization": "Bearer sk-cloud"}
QUESTION = "Name three colours."
NUM = 24
LIMIT_S = 30.0


@dataclass(frozen=True)
class Cloud:
    """A served cloud role."""

    url: str
    assembled: Assembled

    @property
    def engine(self) -> Engine:
        assert self.assembled.engine
        return self.assembled.engine

    def prompt(self, text: str = QUESTION) -> list[int]:
        return self.engine.render([Message(Role.USER, text)])

    def health(self) -> Any:
        return send(self.url, path="/healthz", method="GET").json()["verify"]


@contextmanager
def serving(assembled: Assembled, settings: Settings) -> Iterator[Cloud]:
    """Serve an engine that outlives the server."""

    async def nothing() -> None:
        pass

    service = cloud_service(assembled, settings, cloud_gate(settings, KEY))
    with in_thread(
        create_app(service),
        bind("127.0.0.1", 0),
        on_stop=nothing,
        max_frame_bytes=service.max_frame_bytes,
    ) as url:
        yield Cloud(url, assembled)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        home=tmp_path_factory.mktemp("cloud"),
        device=DeviceSettings(context_tokens=512, threads=1, num_sequences=8),
        cloud_role=CloudRoleSettings(model=str(small_model())),
    )


@pytest.fixture(scope="module")
def assembled(settings: Settings) -> Iterator[Assembled]:
    assembled = assemble_cloud(settings)
    yield assembled
    asyncio.run(assembled.close())


@pytest.fixture(scope="module")
def cloud(assembled: Assembled, settings: Settings) -> Iterator[Cloud]:
    with serving(assembled, settings) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def alone(cloud: Cloud) -> list[int]:
    """What the target says by itself, token by token."""
    return said_alone(cloud, cloud.prompt())


def said_alone(cloud: Cloud, prompt: list[int]) -> list[int]:
    async def turn() -> list[int]:
        async with connected(cloud) as device:
            await device.open(prompt, until=999)
            return await device.hear(NUM)

    return asyncio.run(turn())


class Device:
    """The other side of a connection, without any drafter."""

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, hello: Hello, is_end: Callable[[int], bool]
    ) -> None:
        self.socket = socket
        self.hello = hello
        self._is_end = is_end

    async def send(self, message: FromDevice) -> None:
        await self.socket.send_bytes(encode(message))

    async def receive(self) -> FromCloud:
        return read_from_cloud(await self.socket.receive_bytes())

    async def open(self, tokens: Sequence[int], **more: Any) -> None:
        fields: dict[str, Any] = {
            "session": 0,
            "vocabulary": self.hello.vocabulary,
            "template": template_fingerprint(self.hello.template),
            "prompt": pack(tokens),
            "output": b"",
            "temperature": 0.0,
            "top_k": 0,
            "top_p": 1.0,
            "min_p": 0.0,
            "seed": 0,
            "is_strict": True,
            "max_tokens": len(tokens) + NUM,
            "until": 0,
        }
        await self.send(Open(**{**fields, **more}))

    async def verdict(self) -> Verdict:
        said = await self.receive()
        assert isinstance(said, Verdict), said
        return said

    async def refusal(self) -> Refused:
        said = await self.receive()
        assert isinstance(said, Refused)
        return said

    async def hear(self, num: int) -> list[int]:
        """Return the next tokens that are committed, or those up to the end of the turn."""
        tokens: list[int] = []
        while len(tokens) < num and not any(map(self._is_end, tokens)):
            tokens += unpack((await self.verdict()).tokens)
        return tokens


@asynccontextmanager
async def connected(cloud: Cloud, **headers: str) -> AsyncIterator[Device]:
    async with asyncio.timeout(LIMIT_S):
        async with (
            aiohttp.ClientSession(headers={**BEARER, **headers}) as session,
            session.ws_connect(cloud.url + PATH) as socket,
        ):
            hello = read_from_cloud(await socket.receive_bytes())
            assert isinstance(hello, Hello)
            yield Device(socket, hello, cloud.engine.vocabulary.is_end)


async def drafted(
    device: Device, prompt: list[int], drafts: Sequence[int], *, block: int, **more: Any
) -> list[int]:
    """Return what comes out when these tokens are drafted, in blocks and one block at a time."""
    number = more.get("session", 0)
    await device.open(prompt, **more)
    output: list[int] = []
    while len(output) < len(drafts):
        guess = drafts[len(output) : len(output) + block]
        await device.send(Propose(number, len(prompt) + len(output), pack(guess)))
        output += unpack((await device.verdict()).tokens)
    return output


def test_it_says_what_it_is(cloud: Cloud) -> None:
    async def hello() -> Hello:
        async with connected(cloud) as device:
            return device.hello

    told = asyncio.run(hello())
    shown = send(cloud.url, path=PATH, method="GET", headers=BEARER).json()

    assert (told.model, told.context_tokens) == (small_model().stem, 512)
    assert "{%" in told.template
    assert 1 <= told.strict_block <= len(told.pass_ms) == 16
    assert shown == {
        name: json.loads(json.dumps(getattr(told, name)))
        for name in told.__struct_fields__
        if name != "template"
    }
    assert send(cloud.url, path=PATH, method="GET").status == 401


def test_what_it_says_alone_is_what_the_chat_endpoint_answers(
    cloud: Cloud, alone: list[int]
) -> None:
    body = {
        "model": small_model().stem,
        "messages": [{"role": "user", "content": QUESTION}],
        "max_tokens": NUM,
        "temperature": 0,
    }
    answer = send(cloud.url, json.dumps(body).encode(), headers=BEARER).text()

    text = b"".join(map(cloud.engine.vocabulary.piece, alone)).decode(errors="replace")
    assert len(alone) == NUM
    assert text == answer


@pytest.mark.parametrize("error_every", [0, 1, 3, 5])
@pytest.mark.parametrize("block", [1, 4, 15])
def test_the_output_is_the_targets_own_whatever_was_drafted(
    cloud: Cloud, alone: list[int], block: int, error_every: int
) -> None:
    drafts = [
        7 if error_every and number % error_every == 0 else token
        for number, token in enumerate(alone[:-1])
    ]

    async def turn() -> list[int]:
        async with connected(cloud) as device:
            return await drafted(device, cloud.prompt(), drafts, block=block)

    output = asyncio.run(turn())
    assert output == alone[: len(output)]
    assert len(output) >= NUM - 1


def test_drawn_tokens_depend_on_the_seed_and_on_no_draft(cloud: Cloud) -> None:
    fields = {"temperature": 0.9, "top_p": 0.95, "seed": 5}

    async def turn() -> tuple[list[int], list[int], list[int]]:
        async with connected(cloud) as device:
            await device.open(cloud.prompt(), until=999, **fields)
            first = await device.hear(NUM)
            await device.open(cloud.prompt(), until=999, **{**fields, "seed": 6})
            other = await device.hear(NUM)
            guess = [token if n % 4 else 7 for n, token in enumerate(first[:-1])]
            return first, other, await drafted(device, cloud.prompt(), guess, block=6, **fields)

    first, other, jointly = asyncio.run(turn())
    assert first != other
    assert jointly == first[: len(jointly)]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"vocabulary": "another"}, "tokenizer"),
        ({"template": "another"}, "template"),
        ({"max_tokens": 513}, "too_long"),
        ({"prompt": pack([2**24 - 1])}, "invalid"),
    ],
)
def test_what_does_not_fit_is_refused_and_the_connection_stays(
    cloud: Cloud, alone: list[int], fields: dict[str, Any], code: str
) -> None:
    async def turn() -> tuple[Refused, list[int]]:
        async with connected(cloud) as device:
            await device.open(cloud.prompt(), session=3, until=999, **fields)
            refused = await device.refusal()
            await device.open(cloud.prompt(), until=len(cloud.prompt()) + 2)
            return refused, await device.hear(2)

    refused, output = asyncio.run(turn())
    assert (refused.session, refused.code) == (3, code)
    assert output == alone[:2]


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


@pytest.mark.parametrize("is_strict", [True, False])
def test_sessions_of_many_devices_share_passes(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, is_strict: bool
) -> None:
    prompts = [cloud.prompt(f"Count from {number}.") for number in range(8)]
    passes: list[int] = []
    decode = cloud.engine._context.decode

    def counted(appends: Sequence[Append]) -> list[Logits] | None:
        passes.append(len(appends))
        return decode(appends)

    async def turn(prompt: list[int]) -> list[int]:
        async with connected(cloud) as device:
            return await drafted(device, prompt, [7] * 6, block=3, is_strict=is_strict)

    async def at_once() -> list[list[int]]:
        return await asyncio.gather(*map(turn, prompts))

    apart = [asyncio.run(turn(prompt)) for prompt in prompts if is_strict]
    monkeypatch.setattr(cloud.engine._context, "decode", counted)
    together = asyncio.run(at_once())

    assert not is_strict or together == apart
    assert max(passes) > 1
    assert len(passes) < sum(map(len, together))


def test_a_turn_goes_on_where_a_killed_server_left_it(
    assembled: Assembled, settings: Settings, alone: list[int]
) -> None:
    async def begin(cloud: Cloud) -> list[int]:
        async with connected(cloud) as device:
            return await drafted(device, cloud.prompt(), alone[:9], block=4)

    async def go_on(cloud: Cloud, output: list[int]) -> list[int]:
        async with connected(cloud) as device:
            for number in range(8):  # its KV makes way for others'
                await drafted(device, cloud.prompt(f"{number}?"), [7], block=1)
            await device.open(cloud.prompt(), output=pack(output), until=999)
            return output + await device.hear(NUM - len(output))

    with serving(assembled, settings) as cloud:
        output = asyncio.run(begin(cloud))
    with serving(assembled, settings) as cloud:
        assert asyncio.run(go_on(cloud, output)) == alone


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
