"""Running an endpoint: a socket bound first, then served until it is told to stop."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from jisr.errors import ConfigError

GRACEFUL_SHUTDOWN_S = 2
BACKLOG = 512
LAST_WORDS_S = 5.0
"""How long a WebSocket's peer may take to read why it was closed."""


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one.

    Raises:
        ConfigError: The address is taken, not allowed or not of this machine.
        OfflineError: It is not loopback, while offline.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay off only where the protocol is named
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except BaseException as error:  # the offline switch refuses too
        listener.close()
        if isinstance(error, OSError):
            raise ConfigError(_why(host, port, error)) from error
        raise
    return listener


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with bind("127.0.0.1", 0) as listener:
        return int(listener.getsockname()[1])


def url_of(listener: socket.socket) -> str:
    """Return the address a listening socket is reached at."""
    host, port = listener.getsockname()[:2]
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"


async def serve(
    app: ASGIApp,
    listener: socket.socket,
    *,
    on_ready: Callable[[], Awaitable[None]],
    max_frame_bytes: int = 0,
) -> None:
    """Serve for as long as something runs.

    Args:
        app: The application.
        listener: A socket that listens; it is closed in the end.
        on_ready: Runs once requests are answered; serving stops when it ends.
        max_frame_bytes: Largest frame of a WebSocket; 0: none is served.

    Raises:
        OSError: It could not be started.
    """
    server = _server(app, max_frame_bytes)
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    try:
        await _until_started(server, serving)
        await on_ready()
        server.should_exit = True
        await serving
    finally:
        server.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)
        await server.cut_off()
        listener.close()


def serve_until_stopped(
    app: ASGIApp,
    listener: socket.socket,
    *,
    on_ready: Callable[[], None],
    on_stop: Callable[[], Awaitable[None]],
    max_frame_bytes: int = 0,
) -> None:
    """Serve in the main thread until SIGINT or SIGTERM; what is being answered may end first.

    A second signal does not wait for that.

    Args:
        app: The application.
        listener: A socket that listens; it is closed in the end.
        on_ready: Runs once requests are answered.
        on_stop: Closes what the application stands on.
        max_frame_bytes: Largest frame of a WebSocket; 0: none is served.
    """
    server = _server(app, max_frame_bytes)

    async def run() -> None:
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        try:
            await _until_started(server, serving)
            on_ready()
            await serving
        finally:
            await server.cut_off()
            await on_stop()
            listener.close()

    with _stopped_by_signals(server):
        asyncio.run(run())


def stop_at_eof() -> None:
    """Stop this process when its standard input ends: with its parent, however that ends."""

    def wait() -> None:
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="jisr-until-eof", daemon=True).start()


@contextmanager
def in_thread(
    app: ASGIApp,
    listener: socket.socket,
    *,
    on_stop: Callable[[], Awaitable[None]],
    max_frame_bytes: int = 0,
) -> Iterator[str]:
    """Serve beside the caller's own work; yield the address.

    Args:
        app: The application.
        listener: A socket that listens.
        on_stop: Closes what the application stands on, in its own event loop.
        max_frame_bytes: Largest frame of a WebSocket; 0: none is served.

    Raises:
        OSError: It could not be started.
    """
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def run() -> None:
        stop = asyncio.Event()

        async def until_stopped() -> None:
            started.set_result((asyncio.get_running_loop(), stop))
            await stop.wait()

        try:
            await serve(app, listener, on_ready=until_stopped, max_frame_bytes=max_frame_bytes)
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)
        finally:
            await on_stop()

    url = url_of(listener)
    thread = threading.Thread(target=asyncio.run, args=(run(),), name="jisr-server")
    thread.start()
    try:
        loop, stop = started.result()
    except BaseException:
        thread.join()
        raise
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def cut_off(self) -> None:
        """End what is still being answered."""
        answers = tuple(self.server_state.tasks)
        for answer in answers:
            answer.cancel()
        await asyncio.gather(*answers, return_exceptions=True)


def _server(app: ASGIApp, max_frame_bytes: int) -> _Server:
    config = uvicorn.Config(
        app,
        http="httptools",
        ws=_web_socket() if max_frame_bytes else "none",
        ws_max_size=max_frame_bytes,
        ws_per_message_deflate=False,
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_S,
    )
    return _Server(config)


def _web_socket() -> type[asyncio.Protocol]:
    # here, because few processes serve one and its import takes a while
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

    class WebSocket(WebSocketsSansIOProtocol):
        """A WebSocket that is cut off where its peer does not take what was sent last."""

        def on_task_complete(self, task: asyncio.Task[None]) -> None:
            super().on_task_complete(task)
            self.loop.call_later(LAST_WORDS_S, self.transport.abort)

    return WebSocket


@contextmanager
def _stopped_by_signals(server: _Server) -> Iterator[None]:
    log = logging.getLogger("uvicorn.error")

    def stop(*_: object) -> None:
        server.force_exit = server.should_exit
        server.should_exit = True
        log.disabled = True  # that answers are cut off now is what was asked for

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        log.disabled = False
        for number, handler in before.items():
            signal.signal(number, handler)


async def _until_started(server: uvicorn.Server, serving: asyncio.Future[None]) -> None:
    while not server.started and not serving.done():
        await asyncio.sleep(0.005)
    if serving.done():
        await serving  # it never answered: say why


def _why(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} of {host} is taken, perhaps by another Jisr. Stop that one, or choose "
            "another port: --port 0 takes a free one."
        )
    if error.errno == errno.EACCES:
        return f"Port {port} may not be bound by this user: choose one above 1023."
    return f"{host}:{port} cannot be bound: {error.strerror}."
