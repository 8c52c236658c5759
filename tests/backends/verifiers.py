"""A verifier at a real socket that says what a test wants, and misbehaves when told to."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import numpy as np
from aiohttp import web

from jisr.backends.joint import JointBackend
from jisr.backends.verify_link import VerifyLink
from jisr.clock import Clock, SystemClock
from jisr.config import JointSettings, UpstreamSettings
from jisr.departure import Auditor, Unaudited
from jisr.door import Door
from jisr.engine.engine import Engine
from jisr.engine.llama import Logits, Vocabulary
from jisr.engine.verification import Verification
from jisr.joint.pace import Pace
from jisr.joint.target import Target
from jisr.joint.verifier import Connection, SessionLimits, Verifier
from jisr.joint.wire import PATH, FromCloud, FromDevice, Verdict, encode, read_from_device, unpack
from jisr.types import JointOptions, Message, Outbound, Role, Sampling
from tests.backends.services import KEY
from tests.joint.scripted import Measured

LIMIT_S = 20.0
PROMPT = "Say it."


@dataclass
class SayingTarget:
    """An engine on the event loop whose answer to each prompt is known."""

    vocabulary: Vocabulary
    template_source: str
    answers: dict[tuple[int, ...], Sequence[int]]
    """By prompt; behind an answer the turn ends."""
    end: int
    """The token that ends a turn."""
    pass_s: float = 0.001
    name: str = "saying"
    context_tokens: int = 512
    exactness: Measured = field(
        default_factory=lambda: Measured(16, tuple(100.0 + k for k in range(16)))
    )
    tasks: list[Verification] = field(default_factory=list)

    def submit(self, task: Verification) -> None:
        task.fit(self.context_tokens)
        self.tasks.append(task)
        asyncio.get_running_loop().call_later(self.pass_s, self._step, task)

    def cancel(self, task: Verification) -> None:
        task.cancel()
        self.tasks = [it for it in self.tasks if it is not task]

    def _step(self, task: Verification) -> None:
        if not any(it is task for it in self.tasks):
            return
        tokens, num_rows = list(task.prompt), task.num_rows
        behind = range(len(tokens) - num_rows + 1, len(tokens) + 1)
        token = task.advance(np.stack([self._row(tokens[:end]) for end in behind]), 1000)
        if token is None:
            self.cancel(task)
            return
        task.prompt, task.num_rows = [*tokens, token], 1
        asyncio.get_running_loop().call_later(self.pass_s, self._step, task)

    def _row(self, tokens: Sequence[int]) -> Logits:
        row = np.zeros(self.vocabulary.num_tokens, np.float32)
        row[self._next(tokens)] = 99.0
        return row

    def _next(self, tokens: Sequence[int]) -> int:
        for prompt, answer in self.answers.items():
            num = len(tokens) - len(prompt)
            if num >= 0 and tuple(tokens[: len(prompt)]) == prompt:
                # a guess that was wrong stands before it: what follows is of no matter
                return answer[num] if num < len(answer) else self.end
        return self.end


Says = Callable[[FromCloud], Iterable[bytes]]
Hears = Callable[[FromDevice], Iterable[FromDevice]]


def plainly(message: FromCloud) -> Iterable[bytes]:
    return [encode(message)]


def all_of_it(message: FromDevice) -> Iterable[FromDevice]:
    return [message]


@dataclass
class Server:
    """Serves a target; what it says, and what it hears, goes through what a test puts there."""

    target: Target
    port: int = 0
    says: Says = plainly
    hears: Hears = all_of_it
    num_stalled: int = 0
    """Of the connections, counted from the first: nothing goes through them."""
    num_connections: int = 0
    heard: list[FromDevice] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    _requests: list[web.Request] = field(default_factory=list)
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        self.verifier = Verifier(self.target, SessionLimits(), SystemClock())
        app = web.Application()
        app.router.add_get(PATH, self._connect)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        await web.SockSite(self._runner, listener).start()

    async def kill(self) -> None:
        """End as a process that is killed does: connections are reset, nothing is said."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        self.reset()
        await runner.cleanup()

    def reset(self) -> None:
        """Cut all connections."""
        requests, self._requests = self._requests, []
        for request in requests:
            if request.transport is not None:
                request.transport.abort()

    async def restart(self) -> None:
        await self.kill()
        await self.start()

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        self.num_connections += 1
        self.headers.append(request.headers.get("authorization", ""))
        ws = web.WebSocketResponse(compress=False)
        await ws.prepare(request)
        self._requests.append(request)
        loop, frames = asyncio.get_running_loop(), asyncio.Queue[bytes]()

        def say(message: FromCloud) -> None:
            for frame in self.says(message):
                frames.put_nowait(frame)

        def post(call: Callable[[], None]) -> None:
            loop.call_soon_threadsafe(call)

        connection = self.verifier.connect(say, "device", post)
        connection.hello()
        number = self.num_connections
        writer = asyncio.create_task(self._write(ws, frames, number))
        try:
            await self._read(ws, connection, number)
        finally:
            connection.close()
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return ws

    async def _write(
        self, ws: web.WebSocketResponse, frames: asyncio.Queue[bytes], number: int
    ) -> None:
        with suppress(ConnectionError):
            while True:
                frame = await frames.get()
                if not self._is_stalled(number):
                    await ws.send_bytes(frame)

    async def _read(self, ws: web.WebSocketResponse, connection: Connection, number: int) -> None:
        async for frame in ws:
            if frame.type is not aiohttp.WSMsgType.BINARY or self._is_stalled(number):
                continue
            message = read_from_device(frame.data)
            self.heard.append(message)
            for heard in self.hears(message):
                connection.receive(heard)

    def _is_stalled(self, number: int) -> bool:
        return number <= self.num_stalled


@dataclass
class Both:
    """A server and a backend that drafts for it."""

    server: Server
    backend: JointBackend
    link: VerifyLink
    engine: Engine

    async def until_quiet(self) -> None:
        """Return once nothing of a turn is left anywhere."""
        async with asyncio.timeout(LIMIT_S):
            while self.server.verifier.num_sessions or self.engine.num_running:
                await asyncio.sleep(0.002)


def outbound(text: str = PROMPT, options: JointOptions | None = None, **sampling: Any) -> Outbound:
    more: dict[str, Any] = {"max_output_tokens": 60, **sampling}
    return Outbound(
        messages=(Message(Role.USER, text),),
        sampling=Sampling(**more),
        joint=options or JointOptions(),
    )


def prompt_of(engine: Engine, text: str = PROMPT) -> tuple[int, ...]:
    return tuple(engine.render([Message(Role.USER, text)]))


def tokens_of(engine: Engine, text: str) -> list[int]:
    return engine.vocabulary.tokenize(text, parse_special=False) if text else []


def saying(engine: Engine, text: str, **more: Any) -> SayingTarget:
    """Return a target whose answer to `PROMPT` is a text."""
    (end,) = engine.vocabulary.tokenize("<|im_end|>", parse_special=True)
    return SayingTarget(
        engine.vocabulary,
        engine.template_source,
        {prompt_of(engine): tokens_of(engine, text)},
        end,
        **more,
    )


def link_to(
    port: int,
    key: str | None = KEY,
    timeout_s: float = 5.0,
    read_timeout_s: float = 60.0,
    told: Auditor | None = None,
) -> VerifyLink:
    settings = UpstreamSettings(
        base_url=f"http://127.0.0.1:{port}/v1",
        connect_timeout_s=timeout_s,
        read_timeout_s=read_timeout_s,
    )
    return VerifyLink(settings, key, SystemClock(), Door(told or Unaudited(), [settings.base_url]))


@asynccontextmanager
async def both(
    target: Target,
    engine: Engine,
    *,
    pace: Callable[[], Pace] | None = None,
    clock: Clock | None = None,
    says: Says = plainly,
    hears: Hears = all_of_it,
    read_timeout_s: float = 60.0,
    **settings: Any,
) -> AsyncIterator[Both]:
    """Serve a target, and draft for it; both are closed on leaving."""
    joint = JointSettings(**{"drafter": "ngram", **settings})
    server = Server(target, says=says, hears=hears)
    async with AsyncExitStack() as stack, asyncio.timeout(LIMIT_S):
        await server.start()
        stack.push_async_callback(server.kill)
        link = link_to(
            server.port, timeout_s=joint.connect_timeout_s, read_timeout_s=read_timeout_s
        )
        backend = JointBackend(
            link=link, engine=engine, settings=joint, clock=clock or SystemClock(), pace=pace
        )
        stack.push_async_callback(backend.close)
        yield Both(server, backend, link, engine)


def num_told(message: FromCloud) -> int:
    """Return how many tokens a message commits."""
    return len(unpack(message.tokens)) if isinstance(message, Verdict) else 0
