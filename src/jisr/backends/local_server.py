"""A server that already runs on this machine: Ollama, LM Studio, llama.cpp's.

It is the device, so it takes turns as the user gave them, and so its address
must be loopback. It is sent no key, and no redirect of it is followed.

What is not covered: what such a server cannot tell (log-probabilities, on many)
is missing from the deltas, never made up; a verify pass it has not. How long its
context is it does not tell either: where a longer prompt is an error, the turn goes
to the cloud if it may, but some servers cut the prompt without a word, and such an
answer cannot be told from a whole one. Set the context there as long as you need it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

from jisr.backends.upstream import Upstream, UpstreamBackend, parse_base_url
from jisr.clock import Clock
from jisr.config import UpstreamSettings
from jisr.door import Door
from jisr.errors import ConfigError
from jisr.offline import is_loopback
from jisr.types import Delta, Request


class LocalServerBackend(UpstreamBackend):
    """Completes turns on an OpenAI-compatible server of this machine.

    Raises:
        ConfigError: The base URL is not loopback, or no model is named.
    """

    def __init__(self, settings: UpstreamSettings, clock: Clock, door: Door) -> None:
        url = parse_base_url(settings.base_url)
        if not is_loopback(url.host):
            raise ConfigError(
                f"The device's server must be on this machine: {url.host} is not loopback. Use "
                "http://127.0.0.1:PORT/v1, or set it as the cloud (cloud.base_url)."
            )
        super().__init__(Upstream(settings, None, clock, door, takes_key=False))

    def stream(self, turn: Request) -> AsyncGenerator[Delta, None]:
        """Yield the completion's pieces as they come.

        Raises:
            InvalidRequest: The server cannot take such a turn.
            BackendError: It could not complete the turn.
        """
        return self._upstream.stream(turn)
