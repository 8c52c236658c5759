"""A server that already runs on this machine: Ollama, LM Studio, llama.cpp's.

It is the device, so it takes turns as the user gave them, and so its address
must be loopback. It is sent no key, and no redirect of it is followed.

What is not covered: what such a server cannot tell (log-probabilities, on many)
is missing from the deltas, never made up; a verify pass it has not.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from jisr.backends.openai_wire import OPENAI, Dialect
from jisr.backends.upstream import Upstream, parse_base_url
from jisr.clock import Clock
from jisr.config import UpstreamSettings
from jisr.errors import ConfigError
from jisr.offline import is_loopback
from jisr.types import Delta, Request, Sampling


class LocalServerBackend:
    """Completes turns on an OpenAI-compatible server of this machine.

    Raises:
        ConfigError: The base URL is not loopback, or no model is named.
    """

    def __init__(self, settings: UpstreamSettings, clock: Clock) -> None:
        url = parse_base_url(settings.base_url)
        if not is_loopback(url.host):
            raise ConfigError(
                f"The device's server must be on this machine: {url.host} is not loopback. Use "
                "http://127.0.0.1:PORT/v1, or set it as the cloud (cloud.base_url)."
            )
        self._upstream = Upstream(settings, None, clock, needs_key=False)
        self._dialect: Dialect | None = None

    @property
    def model(self) -> str:
        """Name of the model, as the server calls it."""
        return self._upstream.model

    def is_healthy(self) -> bool:
        """Return whether the server has not failed lately; nothing is sent."""
        return self._upstream.is_healthy()

    async def check(self) -> tuple[str, ...]:
        """Return the names of the models the server has, having asked it.

        Raises:
            BackendError: It did not tell.
        """
        return await self._upstream.check()

    async def stream(self, turn: Request) -> AsyncGenerator[Delta, None]:
        """Yield the completion's pieces as they come.

        Raises:
            InvalidRequest: The server cannot take such a turn.
            BackendError: It could not complete the turn.
        """
        dialect = await self._dialect_for(turn.sampling)
        async with aclosing(self._upstream.stream(turn, dialect)) as deltas:
            async for delta in deltas:
                yield delta

    async def close(self) -> None:
        """Close the connections; the server goes on. Closing twice is harmless."""
        await self._upstream.close()

    async def _dialect_for(self, sampling: Sampling) -> Dialect:
        """Return what the server takes; it is asked once, and only for a turn that matters to."""
        if not (sampling.top_k or sampling.min_p or sampling.grammar):
            return OPENAI
        if self._dialect is None:
            self._dialect = (await self._upstream.served()).dialect
        return self._dialect
