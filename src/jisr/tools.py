"""Tools that the client of a turn offers to the model, and the calls a model makes of them.

Jisr calls none of these itself: it carries the calls to the client, and the results back.

What a tool of Jisr's own does beyond reading needs the person's confirmation, which says what
will happen. Text of a mail, a page or a tool's result is something to judge and never an
instruction: nothing that it says stands for that confirmation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Effect(StrEnum):
    """What the call of a tool does."""

    READ = "read"
    """It looks at what is here."""
    WRITE = "write"
    """It changes what is here."""
    SEND = "send"
    """It lets something leave, to people or services."""

    @property
    def needs_confirmation(self) -> bool:
        """Whether the person must have said yes to this very call."""
        return self is not Effect.READ


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the client can call."""

    name: str
    description: str = ""
    parameters: str | None = None
    """JSON text of the schema of its arguments; None: it takes none."""
    is_strict: bool | None = None
    """Whether arguments must follow the schema to the letter; None: as the service likes."""


class ToolMode(StrEnum):
    """Whether the model calls tools."""

    AUTO = "auto"
    """It may."""
    NONE = "none"
    REQUIRED = "required"
    """It must."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolbox:
    """The tools of one turn."""

    tools: tuple[Tool, ...] = ()
    mode: ToolMode = ToolMode.AUTO
    only: str = ""
    """Name of the one tool that must be called; empty: any."""
    is_parallel: bool | None = None
    """Whether several may be called at once; None: as the service likes."""

    @property
    def is_offered(self) -> bool:
        """Whether the model may call anything."""
        return bool(self.tools) and self.mode is not ToolMode.NONE

    @property
    def num_characters(self) -> int:
        """Length of all that is said of them."""
        return sum(
            len(it.name) + len(it.description) + len(it.parameters or "") for it in self.tools
        )


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that a model made."""

    call_id: str
    """What its result is given under."""
    name: str
    arguments: str
    """JSON text, as the model wrote it."""


@dataclass(frozen=True, slots=True)
class ToolCallPiece:
    """The next piece of a call; names join, and arguments join, to the whole."""

    index: int
    """Which call of the answer, from 0."""
    call_id: str = ""
    """On the first piece of a call."""
    name: str = ""
    arguments: str = ""


@dataclass(slots=True)
class ToolCalls:
    """Joins pieces to calls."""

    _calls: dict[int, list[str]] = field(default_factory=dict)

    def take(self, pieces: Iterable[ToolCallPiece]) -> None:
        """Add pieces, in the order they came."""
        for piece in pieces:
            call = self._calls.setdefault(piece.index, ["", "", ""])
            call[0] = call[0] or piece.call_id
            call[1] += piece.name
            call[2] += piece.arguments

    @property
    def whole(self) -> tuple[ToolCall, ...]:
        """The calls so far, by their index."""
        return tuple(ToolCall(*call) for _, call in sorted(self._calls.items()))
