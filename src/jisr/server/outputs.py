"""What a turn puts out, made into the answer of an endpoint: whole, or chunk by chunk.

An answer that will be checked begins with the state `checking`: at once where it is held until
then, with its first piece where it is shown before. Where what was shown is withdrawn a chunk says
so, in its state to clients that know Jisr and in its text to all others, before the text that takes
its place.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from jisr.server import wire_answer
from jisr.server.wire_answer import Chunks
from jisr.tools import ToolCalls
from jisr.turn import Output, TurnDecided, TurnEnded, TurnWithdrawn
from jisr.types import Delta, TokenLogprob


class WholeAnswer:
    """Takes what a turn puts out, and becomes its answer at the end."""

    def __init__(self) -> None:
        self._ended: TurnEnded | None = None
        self._void()

    def take(self, output: Output) -> None:
        """Note what was put out next; what is withdrawn leaves nothing."""
        if isinstance(output, Delta):
            self._texts.append(output.text)
            self._logprobs.extend(output.logprobs)
            self._calls.take(output.tool_calls)
        elif isinstance(output, TurnWithdrawn):
            self._void()
        elif isinstance(output, TurnEnded):
            self._ended = output

    def payload(self) -> Mapping[str, object]:
        """Return the answer of a turn that has ended."""
        assert self._ended is not None, "it has ended"
        logprobs, created = tuple(self._logprobs), int(time.time())
        return wire_answer.completion(
            self._ended, "".join(self._texts), logprobs, created, self._calls.whole
        )

    def _void(self) -> None:
        self._texts: list[str] = []
        self._logprobs: list[TokenLogprob] = []
        self._calls = ToolCalls()


class StreamedAnswer:
    """Makes chunks of what a turn puts out; the first comes with its text unless that is held."""

    def __init__(self, *, includes_usage: bool) -> None:
        self._includes_usage = includes_usage
        self._created = int(time.time())
        self._chunks: Chunks | None = None
        self._is_checking = self._has_begun = False

    def next(self, output: Output) -> bytes:
        """Return what is sent of it; empty: nothing."""
        if isinstance(output, TurnDecided):
            self._chunks = Chunks(output.turn_id, output.model, self._created)
            self._is_checking = output.is_unchecked or output.is_held
            return self._first(self._chunks) if output.is_held else b""
        assert self._chunks is not None, "a turn is decided first"
        if isinstance(output, TurnEnded):
            return self._first(self._chunks) + self._chunks.last(output, self._includes_usage)
        if isinstance(output, TurnWithdrawn):
            return self._chunks.withdrawn(output) if output.is_shown else b""
        if isinstance(output, Delta) and (output.text or output.logprobs or output.tool_calls):
            return self._first(self._chunks) + self._chunks.next(output)
        return b""

    def _first(self, chunks: Chunks) -> bytes:
        if self._has_begun:
            return b""
        self._has_begun = True
        return chunks.first(is_checking=self._is_checking)
