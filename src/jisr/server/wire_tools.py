"""Tools on the server side of OpenAI's chat wire: offered, called, and what they gave back.

With `wire` and `wire_answer`, it is where OpenAI's field names stand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from jisr.errors import InvalidRequest
from jisr.tools import Tool, Toolbox, ToolCall, ToolCallPiece, ToolMode


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class CalledFunction(_Model):
    """What was called."""

    name: str
    arguments: str = ""


class Called(_Model):
    """A call in a message of the assistant."""

    id: str
    type: Literal["function"] = "function"
    function: CalledFunction


class OfferedFunction(_Model):
    """What can be called."""

    name: Annotated[str, Field(min_length=1)]
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class Offered(_Model):
    """A tool that is offered."""

    type: Literal["function"] = "function"
    function: OfferedFunction


class ChosenFunction(_Model):
    """What must be called."""

    name: str


class Chosen(_Model):
    """The one tool that must be called."""

    type: Literal["function"] = "function"
    function: ChosenFunction


MODELS = (CalledFunction, Called, OfferedFunction, Offered, ChosenFunction, Chosen)
Choice = Literal["none", "auto", "required"] | Chosen


def read_calls(calls: Iterable[Called] | None) -> tuple[ToolCall, ...]:
    """Return the calls of a message."""
    return tuple(ToolCall(it.id, it.function.name, it.function.arguments) for it in calls or ())


def read_toolbox(
    offered: tuple[Offered, ...] | None, choice: Choice | None, is_parallel: bool | None
) -> Toolbox:
    """Return the tools of a request.

    Raises:
        InvalidRequest: One must be called that is not offered, or a schema holds a number that
            JSON does not know.
    """
    if not offered:
        return Toolbox()
    tools = tuple(_tool(it.function) for it in offered)
    only = choice.function.name if isinstance(choice, Chosen) else ""
    if only and only not in {tool.name for tool in tools}:
        raise InvalidRequest("tool_choice names a tool that is not offered.", param="tool_choice")
    mode = ToolMode(choice) if isinstance(choice, str) else ToolMode.AUTO
    return Toolbox(tools=tools, mode=mode, only=only, is_parallel=is_parallel)


def _tool(function: OfferedFunction) -> Tool:
    parameters = None
    if function.parameters is not None:
        try:
            parameters = json.dumps(function.parameters, ensure_ascii=False, allow_nan=False)
        except ValueError:
            raise InvalidRequest(
                "What a tool takes holds a number that JSON does not know.", param="tools"
            ) from None
    return Tool(function.name, function.description or "", parameters, function.strict)


def calls(made: Iterable[ToolCall]) -> list[dict[str, object]]:
    """Return calls as a whole message has them."""
    return [
        {
            "id": call.call_id,
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments},
        }
        for call in made
    ]


def pieces(made: Iterable[ToolCallPiece]) -> list[dict[str, object]]:
    """Return pieces of calls as chunks of a stream have them."""
    return [_piece(piece) for piece in made]


def _piece(piece: ToolCallPiece) -> dict[str, object]:
    function = {"arguments": piece.arguments}
    if piece.name:
        function = {"name": piece.name, **function}
    first = {"id": piece.call_id, "type": "function"} if piece.call_id else {}
    return {"index": piece.index, **first, "function": function}
