"""A backend that says what it was told to: for tests, demos and offline use."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from jisr.errors import BackendError, BackendUnavailable, InvalidRequest
from jisr.types import Delta, FinishReason, Outbound, Request, Usage

Line = Sequence[str | Delta | BackendError | InvalidRequest]


@dataclass(slots=True)
class ScriptedBackend:
    """Answers the first turn with the first line, the second with the second.

    A line is the pieces to stream; an error among them is raised in its place.
    A turn for which no line is left fails.
    """

    lines: Sequence[Line]
    model: str = "scripted"
    usage: Usage | None = None
    """What every completion says it used."""
    finish_reason: FinishReason = FinishReason.STOP
    seen: list[Request | Outbound] = field(default_factory=list)
    """Every turn it was asked to complete, oldest first."""
    num_streaming: int = 0
    """Completions that are under way now."""
    is_well: bool = True
    """Whether it says that it is healthy."""

    def is_healthy(self) -> bool:
        """Return what it was told to say."""
        return self.is_well

    async def stream(self, turn: Request | Outbound) -> AsyncGenerator[Delta, None]:
        """Yield the pieces of the next line, then an empty last delta if none of them is one.

        Raises:
            BackendError: The line says so, or there is none left.
            InvalidRequest: The line says so.
        """
        self.seen.append(turn)
        if len(self.seen) > len(self.lines):
            raise BackendUnavailable(f"The script has {len(self.lines)} lines; all were said.")
        self.num_streaming += 1
        try:
            for piece in self.lines[len(self.seen) - 1]:
                if isinstance(piece, Exception):
                    raise piece
                yield Delta(piece) if isinstance(piece, str) else piece
                if isinstance(piece, Delta) and piece.finish_reason is not None:
                    return
            yield Delta("", finish_reason=self.finish_reason, usage=self.usage)
        finally:
            self.num_streaming -= 1

    async def close(self) -> None:
        """Do nothing: it holds nothing."""
