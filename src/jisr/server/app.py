"""The endpoint: OpenAI's chat API over a runtime, as an ASGI application.

It turns HTTP into requests and what a turn puts out into HTTP. A client that
leaves, streaming or not, ends its turn at once. It decides nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from jisr.errors import BackendUnavailable, BodyTooLarge, JisrError
from jisr.runtime import Runtime
from jisr.server import wire, wire_answer, wire_preview
from jisr.server.auth import Gate
from jisr.server.clients import client_of
from jisr.server.failures import failure, status_of
from jisr.server.outputs import StreamedAnswer, WholeAnswer
from jisr.server.stream import KEEP_ALIVE_S, EventStream
from jisr.turn import TurnEnded

LOG = logging.getLogger(__name__)

WELCOME = """\
Jisr is here (جسر). One OpenAI-compatible endpoint: POST /v1/chat/completions

  curl {base}/v1/chat/completions -H 'Content-Type: application/json' \\
       -d '{{"model": "{model}", "messages": [{{"role": "user", "content": "Hello!"}}]}}'

Models: {models}. Health: {base}/healthz
"""


class Health(Protocol):
    """Tells how the parts behind an endpoint are."""

    def __call__(self) -> Mapping[str, object]:
        """Return plain data; `status` is `ok` or says what is wrong."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What an endpoint serves."""

    runtime: Runtime
    defaults: wire.Defaults
    gate: Gate
    health: Health
    max_body_bytes: int
    max_connections: int
    """Requests that are answered at once."""
    routes: Sequence[BaseRoute] = ()
    """What it serves besides."""
    max_frame_bytes: int = 0
    """Largest frame of a WebSocket among the routes; 0: there is none."""
    keep_alive_s: float = KEEP_ALIVE_S
    """After which a stream in which nothing was sent gets a comment."""


def create_app(service: Service) -> ASGIApp:
    """Return the application of a service."""
    endpoint = Endpoint(service)
    routes = [
        Route("/v1/chat/completions", Chat(service), methods=["POST"]),
        Route("/", endpoint.welcome),
        Route("/healthz", endpoint.health),
        Route("/v1/models", endpoint.models),
        Route("/v1/models/{name:path}", endpoint.model),
        Route("/v1/jisr/route", endpoint.route, methods=["POST"]),
        Route("/v1/jisr/preview", endpoint.preview, methods=["POST"]),
        *service.routes,
    ]
    origins = sorted(service.gate.origins)
    middleware = [
        Middleware(CORSMiddleware, allow_origins=origins, allow_methods=["*"], allow_headers=["*"])
    ]
    app = Starlette(
        routes=routes,
        middleware=middleware if origins else [],
        exception_handlers={
            404: endpoint.not_found,
            405: endpoint.not_found,
            500: endpoint.broken,
        },
    )
    return Guarded(Bounded(app, service.max_connections), service.gate)


class Guarded:
    """Lets only those requests and WebSockets through that the gate lets pass."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self._app = app
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the refusal, or hand on."""
        headers = {
            key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]
        }
        is_open = scope["path"] == "/healthz" or scope.get("method") == "OPTIONS"
        refusal = self._gate.check(headers, needs_key=not is_open)
        if refusal is None:
            await self._app(scope, receive, send)
            return
        body = wire_answer.error(refusal.message, "authentication_error", refusal.code)
        await _json(body, refusal.status)(scope, receive, send)


class Bounded:
    """Answers so many requests at once and no more; how Jisr is can always be asked.

    A WebSocket stays open, so it takes no request's place: who serves it bounds it.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most
        self._num_open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, or answer that it must be tried again."""
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        if self._num_open >= self._most and scope["path"] != "/healthz":
            message = f"{self._most} requests are being answered (server.max_connections); "
            body = wire_answer.error(f"{message}try again later.", "server_error", "server_busy")
            await _json(body, HTTPStatus.SERVICE_UNAVAILABLE)(scope, receive, send)
            return
        self._num_open += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._num_open -= 1


class Endpoint:
    """The small routes."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._created = int(time.time())

    async def welcome(self, request: HttpRequest) -> Response:
        """Say what this is, to a person who opens it."""
        names = list(self._service.defaults.models)
        base = str(request.base_url).rstrip("/")
        return PlainTextResponse(WELCOME.format(base=base, model=names[0], models=", ".join(names)))

    async def health(self, _: HttpRequest) -> Response:
        """Tell how the parts are; whoever watches over this server reads the status alone."""
        told = self._service.health()
        is_well = told["status"] == "ok"
        return _json(told, HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE)

    async def models(self, _: HttpRequest) -> Response:
        """List what is served."""
        return _json(wire_answer.models(self._service.defaults.models, self._created))

    async def model(self, request: HttpRequest) -> Response:
        """Return one row of the list."""
        name = request.path_params["name"]
        if name not in self._service.defaults.models:
            return _json(
                wire_answer.error(
                    f"There is no model {name!r}.", "invalid_request_error", "model_not_found"
                ),
                404,
            )
        return _json(wire_answer.model(name, self._created))

    async def route(self, request: HttpRequest) -> Response:
        """Decide a chat request without answering it."""

        async def route(asked: wire.Asked) -> Mapping[str, object]:
            return wire_answer.route(*await self._service.runtime.decide(asked.request))

        return await self._told(request, route)

    async def preview(self, request: HttpRequest) -> Response:
        """Show what of a chat request would leave, without sending it."""

        async def preview(asked: wire.Asked) -> Mapping[str, object]:
            return wire_preview.preview(await self._service.runtime.preview(asked.request))

        return await self._told(request, preview)

    async def _told(
        self,
        request: HttpRequest,
        tell: Callable[[wire.Asked], Awaitable[Mapping[str, object]]],
    ) -> Response:
        """Return what is told of a chat request that is not answered."""
        try:
            body = await read_body(request.receive, self._service.max_body_bytes)
            asked = wire.read(body, self._service.defaults, client_of(request.scope))
            return _json(await tell(asked))
        except JisrError as error:
            return _failed(error)
        except ClientLeft:
            return Response()

    async def not_found(self, request: HttpRequest, _: Exception) -> Response:
        """Answer for a path or method that is not served."""
        message = (
            f"{request.method} {request.url.path} is not served; try POST /v1/chat/completions."
        )
        return _json(wire_answer.error(message, "invalid_request_error", "not_found"), 404)

    async def broken(self, _: HttpRequest, __: Exception) -> Response:
        """Answer for what is a fault of ours; the log has it."""
        message = "Jisr made a mistake; its log says more."
        return _json(wire_answer.error(message, "server_error", "internal"), 500)


class Chat:
    """`POST /v1/chat/completions`, streamed or whole."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the request, answer it, and stop as soon as the client is gone."""
        start = time.perf_counter()
        try:
            body = await read_body(receive, self._service.max_body_bytes)
            asked = wire.read(body, self._service.defaults, client_of(scope))
        except JisrError as error:
            await _failed(error)(scope, receive, send)
            return
        except ClientLeft:
            return
        receive_ms = (time.perf_counter() - start) * 1000
        stream = EventStream(send, self._service.keep_alive_s)
        work = (
            self._stream(asked, receive_ms, stream)
            if asked.is_stream
            else self._whole(asked, receive_ms, scope, receive, send)
        )
        try:
            await until_client_leaves(receive, work)
        except JisrError as error:
            if stream.has_begun:
                await stream.send(wire_answer.event(failure(error)), is_last=True)
            else:
                await _failed(error)(scope, receive, send)

    async def _whole(
        self, asked: wire.Asked, receive_ms: float, scope: Scope, receive: Receive, send: Send
    ) -> None:
        answer = WholeAnswer()
        turn = self._service.runtime.turn(asked.request, receive_ms=receive_ms)
        async with aclosing(turn) as outputs:
            async for output in outputs:
                answer.take(output)
        await _json(answer.payload())(scope, receive, send)

    async def _stream(self, asked: wire.Asked, receive_ms: float, stream: EventStream) -> None:
        """Send an answer as it comes; the status goes with what is sent first."""
        answer = StreamedAnswer(includes_usage=asked.includes_usage)
        turn = self._service.runtime.turn(asked.request, receive_ms=receive_ms)
        async with stream.kept_alive(), aclosing(turn) as outputs:
            async for output in outputs:
                if chunks := answer.next(output):
                    await stream.send(chunks, is_last=isinstance(output, TurnEnded))


class ClientLeft(Exception):
    """The client closed the connection before its request was whole."""


async def read_body(receive: Receive, most: int) -> bytes:
    """Return a request's body.

    Raises:
        BodyTooLarge: It has more than `most` bytes.
        ClientLeft: The client closed the connection.
    """
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        piece = message.get("body", b"")
        size += len(piece)
        if size > most:
            raise BodyTooLarge(f"The request is larger than {most} bytes (server.max_body_bytes).")
        pieces.append(piece)
        if not message.get("more_body", False):
            return b"".join(pieces)


async def until_client_leaves(receive: Receive, work: Awaitable[None]) -> None:
    """Run `work` to its end, or cancel it when the client closes the connection.

    Raises:
        BackendUnavailable: The server is being stopped, and its time to end turns is over.
    """
    worker = asyncio.current_task()
    assert worker is not None
    watcher = asyncio.ensure_future(_cancel_when_left(receive, worker))
    try:
        await work
    except asyncio.CancelledError:
        worker.uncancel()
        if not watcher.done():  # the server did it, to stop
            raise BackendUnavailable("Jisr is being stopped: ask again in a moment.") from None
    finally:
        watcher.cancel()


async def _cancel_when_left(receive: Receive, worker: asyncio.Task[object]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    worker.cancel()


def _json(payload: Mapping[str, object], status: int = 200) -> Response:
    headers = {"retry-after": "1"} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    return Response(wire_answer.encode(payload), status, headers, "application/json")


def _failed(error: JisrError) -> Response:
    LOG.info("a request failed: %s", error.code)
    return _json(failure(error), status_of(error))
