"""A served cloud role, and a device of it without any drafter."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from jisr.assemble import Assembled
from jisr.cloud.service import cloud_gate, cloud_service
from jisr.config import Settings
from jisr.engine.engine import Engine
from jisr.engine.template import template_fingerprint
from jisr.joint.wire import (
    PATH,
    FromCloud,
    FromDevice,
    Hello,
    Open,
    Propose,
    Refused,
    Verdict,
    encode,
    pack,
    read_from_cloud,
    unpack,
)
from jisr.server.app import create_app
from jisr.server.run import bind, in_thread
from jisr.types import Message, Role
from tests.journeys.served import send

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
