"""An OpenAI-compatible service over HTTP: asked once, tried again, bounded in every way.

It knows connections, deadlines and retries; what the bytes mean is
`openai_wire`'s, what a failure means is `failures`'. It does not know whether
the service is a cloud or a server on this machine, and so not what may be sent.

The key stands in one header and nowhere else; how connections are made, and what may
go out on them, is `jisr.door`'s.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlsplit

from yarl import URL

from jisr.backends.failures import (
    Failure,
    Service,
    of_exception,
    of_status,
    read_retry_after,
    wait_s,
)
from jisr.backends.openai_wire import (
    OPENAI,
    CompletionReader,
    Dialect,
    Served,
    at_once,
    encode,
    left_out,
    read_complaint,
    read_models,
)
from jisr.clock import Clock
from jisr.config import UpstreamSettings
from jisr.departure import Errand
from jisr.door import Cargo, Door, HttpError, Patience, Response, cargo_of
from jisr.errors import BackendBroken, BackendError, ConfigError, JisrError
from jisr.types import Delta, Outbound, Request, Sampling

LOG = logging.getLogger(__name__)

MAX_COMPLAINT_BYTES = 2**16
MAX_MODELS_BYTES = 2**22
DIALECT_TIMEOUT_S = 3.0
"""Longest wait for what a service takes, when a turn can do without knowing."""
DRAIN_S = 0.1
"""Longest wait for the end of the HTTP message after the end of the answer."""


class _Failed(Exception):
    """Carries a failure from where it was seen to where it is judged."""

    def __init__(self, failure: Failure) -> None:
        super().__init__()
        self.failure = failure


class Upstream:
    """One service. It belongs to the event loop that first uses it.

    Args:
        settings: Where it is, and how long it is waited for.
        key: Its key; None sends none.
        clock: Measures health and reads dates.
        door: Leads there.
        takes_key: Whether a refusal is to say where a key is looked for.
        retry_after_failure_s: How long it counts as unhealthy after a failure.
        sleep: Waits between tries.
        luck: Gives numbers from 0 to 1 for the jitter.

    Raises:
        ConfigError: The base URL or the model is missing or cannot be.
        PrivacyError: The door does not lead there.
    """

    def __init__(
        self,
        settings: UpstreamSettings,
        key: str | None,
        clock: Clock,
        door: Door,
        *,
        takes_key: bool = True,
        retry_after_failure_s: float = 15.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        luck: Callable[[], float] = random.random,
    ) -> None:
        self._url = parse_base_url(settings.base_url)
        if not settings.model:
            raise ConfigError(f"Which model of {self._url.host} is to answer? None is set.")
        self._settings = settings
        self._key = key
        self._clock = clock
        self._retry_after_failure_s = retry_after_failure_s
        self._sleep = sleep
        self._luck = luck
        self._failed_at_s: float | None = None
        self._way = door.to(self._url)
        self._dialect: Dialect | None = None
        self._service = Service(
            host=self._url.authority,
            model=settings.model,
            api_key_env=settings.api_key_env,
            has_key=key is not None,
            takes_key=takes_key,
            read_timeout_s=settings.read_timeout_s,
        )

    def __repr__(self) -> str:
        return f"Upstream({self.model!r} at {self._url.authority})"

    @property
    def model(self) -> str:
        """Name of the model, as the service calls it."""
        return self._service.model

    @property
    def url(self) -> URL:
        """Its base URL."""
        return self._url

    def is_healthy(self) -> bool:
        """Return whether it has not failed lately; nothing is sent."""
        failed_at_s = self._failed_at_s
        return failed_at_s is None or (
            self._clock.monotonic_s() - failed_at_s >= self._retry_after_failure_s
        )

    async def stream(self, turn: Request | Outbound) -> AsyncGenerator[Delta, None]:
        """Yield the completion of a turn, having tried again while nothing had come.

        Raises:
            InvalidRequest: The service cannot take such a turn, or it is too long for it.
            BackendError: It could not complete the turn.
        """
        deadline_s = self._clock.monotonic_s() + self._settings.turn_timeout_s
        dialect = await self._dialect_for(turn.sampling)
        cargo = cargo_of(turn, lambda it: encode(it, self.model, dialect))
        missing = left_out(turn.sampling, dialect)
        attempt, is_silent = 0, True
        while True:
            failure: Failure | None = None
            try:
                reader = CompletionReader(turn.sampling, self._key)
                async with aclosing(self._try(cargo, reader, deadline_s)) as deltas:
                    async for delta in deltas:
                        is_silent = False
                        is_last = missing and delta.finish_reason is not None
                        yield replace(delta, missing=missing + delta.missing) if is_last else delta
            except (_Failed, JisrError, HttpError, OSError, ExceptionGroup) as error:
                failure = self._judge(error)
            # Raised here, outside the except: what the HTTP client raised holds the headers
            # of the request, and so the key, and must not hang on our error as its context.
            if failure is None:
                self._failed_at_s = None
                return
            pause_s = self._pause_s(attempt, failure, deadline_s) if is_silent else None
            if pause_s is None:
                raise self._noted(failure)
            LOG.info("%s: %s; next try in %.2f s", self, failure.error.code, pause_s)
            await self._sleep(pause_s)
            attempt += 1

    async def check(self) -> tuple[str, ...]:
        """Return the names of the models it serves, having asked it; for `doctor`.

        Raises:
            BackendError: It did not tell.
        """
        return (await self.served()).models

    async def served(self, timeout_s: float | None = None) -> Served:
        """Return the models it serves and its dialect, having asked it once.

        Args:
            timeout_s: Longest wait for all of it; None is that of a turn.

        Raises:
            BackendError: It did not tell.
        """
        failure: Failure | None = None
        try:
            async with await self._way.get(
                "models",
                Errand.MODELS,
                headers=self._headers(),
                patience=self._patience(timeout_s or self._settings.turn_timeout_s),
            ) as response:
                await self._require_success(response)
                body = await _read(response, MAX_MODELS_BYTES)
            served = read_models(body)
        except (_Failed, JisrError, HttpError, OSError, ExceptionGroup) as error:
            failure = self._judge(error)
        if failure:
            raise self._noted(failure)
        self._failed_at_s = None
        return served

    async def close(self) -> None:
        """Close its connections; streams that still run break. Closing twice is harmless."""
        await self._way.close()

    async def _try(
        self, cargo: Cargo, reader: CompletionReader, deadline_s: float
    ) -> AsyncGenerator[Delta, None]:
        """Ask once and yield what comes; leaving it closes the connection."""
        response = await self._way.post(
            "chat/completions",
            Errand.COMPLETION,
            cargo,
            headers=self._headers(),
            patience=self._patience(max(0.001, deadline_s - self._clock.monotonic_s())),
        )
        try:
            await self._require_success(response)
            _require_event_stream(response, self._service.host)
            async for received in response.content.iter_any():
                for delta in at_once(reader.feed(received)):
                    if delta.finish_reason is not None:
                        await _drain(response)
                    yield delta
                if reader.is_done:
                    return
            yield reader.end()
        finally:
            response.close()

    async def _dialect_for(self, sampling: Sampling) -> Dialect:
        """Return what it takes; it is asked once, and only for a turn that matters to.

        A turn that can do without is not failed by a service that does not tell.
        """
        is_needed = sampling.grammar is not None
        if not (sampling.top_k or sampling.min_p or is_needed):
            return OPENAI
        timeout_s = self._settings.turn_timeout_s
        try:
            if self._dialect is None:
                longest_s = timeout_s if is_needed else min(DIALECT_TIMEOUT_S, timeout_s)
                self._dialect = (await self.served(longest_s)).dialect
        except BackendError as error:
            if is_needed:
                raise
            LOG.info("%s did not tell what it takes: %s", self, error.code)
            return OPENAI
        return self._dialect

    def _judge(self, error: BaseException) -> Failure:
        return error.failure if isinstance(error, _Failed) else of_exception(error, self._service)

    def _noted(self, failure: Failure) -> JisrError:
        """Return the error to raise, having noted what it says about the service."""
        if failure.is_unhealthy:
            self._failed_at_s = self._clock.monotonic_s()
        return failure.error

    def _pause_s(self, attempt: int, failure: Failure, deadline_s: float) -> float | None:
        if attempt >= self._settings.retries:
            return None
        pause_s = wait_s(attempt, failure, self._luck())
        left_s = deadline_s - self._clock.monotonic_s()
        return pause_s if pause_s is not None and pause_s < left_s else None

    def _headers(self) -> dict[str, str]:
        key = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        return {"Content-Type": "application/json", "Accept-Encoding": "identity", **key}

    def _patience(self, turn_s: float) -> Patience:
        limits = self._settings
        return Patience(
            connect_s=limits.connect_timeout_s, read_s=limits.read_timeout_s, whole_s=turn_s
        )

    async def _require_success(self, response: Response) -> None:
        if response.status == HTTPStatus.OK:
            return
        body = await _read(response, MAX_COMPLAINT_BYTES)
        retry_after_s = read_retry_after(response.headers.get("Retry-After"), self._clock.now())
        complaint = read_complaint(body, self._key)
        raise _Failed(of_status(response.status, complaint, self._service, retry_after_s))


class UpstreamBackend:
    """What a backend over one service has in common: all but what it lets out."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    @property
    def model(self) -> str:
        """Name of the model, as the service calls it."""
        return self._upstream.model

    def is_healthy(self) -> bool:
        """Return whether the service has not failed lately; nothing is sent."""
        return self._upstream.is_healthy()

    async def check(self) -> tuple[str, ...]:
        """Return the names of the models the service has, having asked it.

        Raises:
            BackendError: It did not tell.
        """
        return await self._upstream.check()

    async def close(self) -> None:
        """Close the connections; the service goes on. Closing twice is harmless."""
        await self._upstream.close()


def parse_base_url(text: str | None) -> URL:
    """Return a base URL, without a slash at its end.

    Raises:
        ConfigError: It is missing, no http(s) URL, or holds a user or password.
    """
    if not text:
        raise ConfigError("No base URL is set, as in https://api.openai.com/v1.")
    try:
        url, netloc = URL(text.strip().rstrip("/")), urlsplit(text.strip()).netloc
        is_http = url.scheme in ("http", "https") and bool(url.host) and url.port is not None
    except ValueError:
        is_http = False
    if not is_http:
        raise ConfigError("The base URL is no http:// or https:// URL with a host.")
    if "@" in netloc:
        raise ConfigError(
            f"The base URL of {url.host} holds a user name or password: take it out; a key goes "
            "into the environment or the keyring."
        )
    if url.raw_query_string or url.raw_fragment:
        raise ConfigError(f"The base URL of {url.host} may hold no ? and no #.")
    return url


def _require_event_stream(response: Response, host: str) -> None:
    if response.content_type != "text/event-stream":
        raise BackendBroken(
            f"{host} answered with {response.content_type[:60]}, not with an event stream. "
            "Is the base URL right, /v1 included?"
        )


async def _read(response: Response, max_bytes: int) -> bytes:
    """Return the body, or its first `max_bytes` bytes."""
    try:
        return await response.content.readexactly(max_bytes)
    except asyncio.IncompleteReadError as error:
        return error.partial


async def _drain(response: Response) -> None:
    """Read to the end of the message, so that the connection can be used again."""
    with suppress(TimeoutError, HttpError):
        async with asyncio.timeout(DRAIN_S):
            await _read(response, MAX_COMPLAINT_BYTES)
