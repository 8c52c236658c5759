"""A scripted OpenAI-compatible upstream: fast, and able to fail in every known way.

It runs on plain asyncio, so that one core serves thousands of completions a
second and a gateway in front of it, not the upstream, is what is measured. In a
test it runs in the test's own loop:

    async with ScriptedUpstream(pieces=("Hel", "lo")) as upstream:
        ...  # ask upstream.base_url; a request whose model is "hang" hangs

As a program: `python -m jisr.bench.upstream --port 9000 --behaviour slow`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import httptools

from jisr.bench.behaviours import Asked, Behaviour, Cue, Script, Step, answer, plain
from jisr.server.run import stop_at_eof

NUM_CHUNKS = 10
PIECES = tuple(f"piece {at} " for at in range(NUM_CHUNKS))
MODEL = "scripted"
NAMED = {str(behaviour): behaviour for behaviour in Behaviour}


class ScriptedUpstream:
    """A server on a loopback port; entering the context binds it, leaving closes it.

    Args:
        behaviour: How requests are answered that name no behaviour as their model.
        pieces: What a completion consists of.
        port: Port to bind; 0 takes a free one.
        keeps: Whether the raw bytes of all requests are kept in `captured`.
        pause_s: Pause of the slow behaviour before each piece.
        retry_after: What 429 says, seconds or a date.
        piece_chars: Length of an echo's pieces.
        location: Where the redirect points.
        owner: Whose the models are, in the list of models.
    """

    def __init__(
        self,
        behaviour: Behaviour = Behaviour.OK,
        *,
        pieces: Sequence[str] = PIECES,
        port: int = 0,
        keeps: bool = False,
        pause_s: float = 0.02,
        retry_after: str = "0.01",
        piece_chars: int = 3,
        location: str = "http://127.0.0.1:9/v1/chat/completions",
        owner: str = "scripted",
    ) -> None:
        self._behaviour = behaviour
        self.script = Script(
            pieces=tuple(pieces),
            pause_s=pause_s,
            retry_after=retry_after,
            piece_chars=piece_chars,
            location=location,
        )
        self.port = port
        self._owner = owner
        self.keeps = keeps
        self.captured: list[bytes] = []
        """Raw bytes of each whole request, head and body, oldest first."""
        self.num_requests: Counter[str] = Counter()
        """Completions asked for, by the model they named."""
        self.num_connections_ever = 0
        self._connections: set[_Connection] = set()
        self._none_open = asyncio.Event()
        self._none_open.set()
        self._server: asyncio.Server | None = None

    @property
    def base_url(self) -> str:
        """Where it is, version part included."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def num_connections(self) -> int:
        """Connections that are open now."""
        return len(self._connections)

    async def until_no_connection(self) -> None:
        """Return once every client has left."""
        await self._none_open.wait()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server
        self._server.close()
        for connection in tuple(self._connections):
            connection.abort()
        await self.until_no_connection()
        await self._server.wait_closed()

    async def serve_forever(self) -> None:
        """Serve until cancelled."""
        assert self._server
        await self._server.serve_forever()

    def steps(self, path: bytes, body: bytes) -> Iterable[Step]:
        """Return the answer to one request."""
        if path.endswith(b"/models"):
            rows = [{"id": MODEL, "object": "model", "owned_by": self._owner}]
            return [plain("200 OK", {"object": "list", "data": rows})]
        if not path.endswith(b"/chat/completions"):
            return [plain("404 Not Found", {"error": {"message": "No such path."}})]
        try:
            request = json.loads(body)
            model, messages = str(request["model"]), request["messages"]
            tool = _first_tool(request)
        except (ValueError, KeyError, TypeError) as error:
            return [plain("400 Bad Request", {"error": {"message": f"Not a request: {error!r}"}})]
        self.num_requests[model] += 1
        asked = Asked(
            model=model,
            text=str(messages[-1].get("content")) if messages else "",
            is_stream=bool(request.get("stream")),
            wants_usage=bool((request.get("stream_options") or {}).get("include_usage")),
            tool=tool,
            attempt=self.num_requests[model],
        )
        return answer(NAMED.get(model, self._behaviour), asked, self.script)

    def joined(self, connection: _Connection) -> None:
        """Count a client in."""
        self._connections.add(connection)
        self.num_connections_ever += 1
        self._none_open.clear()

    def left(self, connection: _Connection) -> None:
        """Count a client out."""
        self._connections.discard(connection)
        if not self._connections:
            self._none_open.set()


class _Connection(asyncio.Protocol):
    """One client: reads requests, plays the steps of each answer."""

    def __init__(self, upstream: ScriptedUpstream) -> None:
        self._upstream = upstream
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._raw: list[bytes] = []
        self._path = b""
        self._body: list[bytes] = []
        self._is_whole = False
        self._playing: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._upstream.joined(self)

    def connection_lost(self, _: Exception | None) -> None:
        if self._playing:
            self._playing.cancel()
        self._upstream.left(self)

    def data_received(self, data: bytes) -> None:
        if self._upstream.keeps:
            self._raw.append(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # a WebSocket is asked for: it is answered as any other path
        except httptools.HttpParserError:
            self.abort()
        if self._is_whole:
            self._answer()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def abort(self) -> None:
        """Close without waiting for the client."""
        if self._transport:
            self._transport.abort()

    def on_message_begin(self) -> None:
        self._path, self._body = b"", []

    def on_url(self, url: bytes) -> None:
        self._path += url

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        self._is_whole = True

    def _answer(self) -> None:
        self._is_whole = False
        if self._upstream.keeps:
            self._upstream.captured.append(b"".join(self._raw))
            self._raw = []
        steps = iter(self._upstream.steps(self._path, b"".join(self._body)))
        pause = self._play_until_pause(steps)
        if pause is not None:
            self._playing = asyncio.ensure_future(self._play(pause, steps))

    def _play_until_pause(self, steps: Iterator[Step]) -> float | None:
        """Play what needs no waiting; return the first pause, None at the end."""
        assert self._transport
        for step in steps:
            if isinstance(step, bytes):
                self._transport.write(step)
            elif isinstance(step, float):
                return step
            else:
                if step is Cue.CLOSE:
                    self._transport.close()
                return None
        return None

    async def _play(self, pause: float | None, steps: Iterator[Step]) -> None:
        while pause is not None:
            await asyncio.sleep(pause)
            await self._writable.wait()
            pause = self._play_until_pause(steps)


def _first_tool(request: Mapping[str, Any]) -> str:
    tools = request.get("tools") or [{"function": {"name": ""}}]
    return str(tools[0]["function"]["name"])


async def _serve(upstream: ScriptedUpstream) -> None:
    async with upstream:
        print(upstream.base_url, flush=True)
        await upstream.serve_forever()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve on a loopback port until Ctrl-C, having printed the base URL."""
    parser = argparse.ArgumentParser(prog="python -m jisr.bench.upstream", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--behaviour", type=Behaviour, default=Behaviour.OK, choices=[*Behaviour])
    parser.add_argument("--chunks", type=int, default=NUM_CHUNKS)
    parser.add_argument("--pause", type=float, default=0.02, help="seconds, for slow")
    parser.add_argument("--until-eof", action="store_true", help="stop when standard input ends")
    chosen = parser.parse_args(arguments)
    if chosen.until_eof:
        stop_at_eof()
    pieces = [f"piece {at} " for at in range(chosen.chunks)]
    with suppress(KeyboardInterrupt):
        upstream = ScriptedUpstream(
            chosen.behaviour, pieces=pieces, port=chosen.port, pause_s=chosen.pause
        )
        asyncio.run(_serve(upstream))


if __name__ == "__main__":
    main()
