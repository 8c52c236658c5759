"""One request to an application without a socket, and services to be asked."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message

from jisr.runtime import Runtime
from jisr.server.app import Service, create_app
from jisr.server.auth import Gate
from jisr.server.service import MODELS
from jisr.server.stream import KEEP_ALIVE_S
from jisr.server.wire import Defaults
from jisr.types import JointOptions, Wish

LIMIT_S = 10.0
DEFAULTS = Defaults(
    models=MODELS,
    wish=Wish.PREFER_DEVICE,
    temperature=0.0,
    max_output_tokens=64,
    allows_grammar=True,
    joint=JointOptions(),
)
CHAT = "/v1/chat/completions"
HELLO = [{"role": "user", "content": "hello"}]


def service(
    runtime: Runtime,
    *,
    host: str = "127.0.0.1",
    key: str | None = None,
    origins: tuple[str, ...] = (),
    max_body_bytes: int = 2**20,
    max_connections: int = 100,
    status: str = "ok",
    keep_alive_s: float = KEEP_ALIVE_S,
) -> Service:
    return Service(
        runtime=runtime,
        defaults=DEFAULTS,
        gate=Gate.build(host, key, key_variable="JISR_SERVER_API_KEY", origins=origins),
        health=lambda: {"status": status},
        max_body_bytes=max_body_bytes,
        max_connections=max_connections,
        keep_alive_s=keep_alive_s,
    )


def app(runtime: Runtime, **more: Any) -> ASGIApp:
    return create_app(service(runtime, **more))


def chat(text: str = "hello", **more: Any) -> bytes:
    """Return the body of a chat request."""
    body = {"model": "jisr", "messages": [{"role": "user", "content": text}], **more}
    return json.dumps(body).encode()


@dataclass
class Answer:
    """What came back."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_whole: bool = False

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        return self.json()["error"]

    def events(self) -> list[Any]:
        """Return the payloads of a stream, without its end mark."""
        lines = [line[6:] for line in self.body.decode().split("\n\n") if line]
        return [json.loads(line) for line in lines if line != "[DONE]"]

    def text(self) -> str:
        """Return the text of an answer, streamed or not."""
        if "event-stream" not in self.headers["content-type"]:
            return str(self.json()["choices"][0]["message"]["content"])
        deltas = [choice["delta"] for event in self.events() for choice in event["choices"]]
        return "".join(delta.get("content", "") for delta in deltas)


class Exchange:
    """The web server's side of one request.

    Args:
        pieces: The body as it comes in.
        is_cut: Whether the client leaves before its request is whole.
    """

    def __init__(self, *pieces: bytes, is_cut: bool = False) -> None:
        self.answer = Answer()
        self.has_left = asyncio.Event()
        self.has_begun = asyncio.Event()
        self._pieces = list(pieces)
        self._is_cut = is_cut

    async def receive(self) -> Message:
        if self._pieces:
            body = self._pieces.pop(0)
            more = bool(self._pieces) or self._is_cut
            return {"type": "http.request", "body": body, "more_body": more}
        if not self._is_cut:
            await self.has_left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.answer.status = message["status"]
            self.answer.headers = {k.decode(): v.decode() for k, v in message["headers"]}
            return
        self.answer.body += message["body"]
        self.has_begun.set()
        if not message.get("more_body", False):
            self.answer.is_whole = True
            self.has_left.set()


def scope(path: str, method: str, headers: Mapping[str, str]) -> dict[str, Any]:
    named = {"host": "127.0.0.1:8484", **headers}
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(k.encode("latin-1"), v.encode("latin-1")) for k, v in named.items()],
        "server": ("127.0.0.1", 8484),
        "client": ("127.0.0.1", 50000),
    }


async def call(
    app: ASGIApp,
    path: str = CHAT,
    body: bytes = b"",
    *,
    method: str | None = None,
    headers: Mapping[str, str] | None = None,
    exchange: Exchange | None = None,
) -> Answer:
    """Return the answer to one request."""
    exchange = exchange or Exchange(body)
    method = method or ("POST" if body or path == CHAT else "GET")
    async with asyncio.timeout(LIMIT_S):
        await app(scope(path, method, headers or {}), exchange.receive, exchange.send)
    return exchange.answer
