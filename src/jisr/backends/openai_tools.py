"""Tools on the client side of OpenAI's chat wire: offered, called, and what they gave back.

With `openai_wire`, it is where OpenAI's field names stand. Everything is pure.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from jisr.backends.surrogates import Mender
from jisr.errors import BackendBroken, InvalidRequest
from jisr.tools import Tool, Toolbox, ToolCall, ToolCallPiece
from jisr.types import Message, Role

MAX_CALLS = 128
"""Most calls that one answer may make."""


def message_fields(message: Message) -> dict[str, Any]:
    """Return a message, with its calls or the call it answers."""
    fields: dict[str, Any] = {"role": str(message.role), "content": message.text}
    if message.tool_calls:
        fields["content"] = message.text or None
        fields["tool_calls"] = [_call_fields(call) for call in message.tool_calls]
    if message.role is Role.TOOL:
        fields["tool_call_id"] = message.call_id
    return fields


def toolbox_fields(toolbox: Toolbox) -> dict[str, Any]:
    """Return what a request says of its tools; nothing if there are none.

    Raises:
        InvalidRequest: What a tool takes is not said in JSON.
    """
    if not toolbox.tools:
        return {}
    fields: dict[str, Any] = {"tools": [_tool_fields(tool) for tool in toolbox.tools]}
    if toolbox.only:
        fields["tool_choice"] = {"type": "function", "function": {"name": toolbox.only}}
    else:
        fields["tool_choice"] = str(toolbox.mode)
    if toolbox.is_parallel is not None:
        fields["parallel_tool_calls"] = toolbox.is_parallel
    return fields


def _call_fields(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.call_id, "type": "function", "function": function}


def _tool_fields(tool: Tool) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    if tool.parameters is not None:
        try:
            function["parameters"] = json.loads(tool.parameters)
        except ValueError:
            raise InvalidRequest("What a tool takes is not said in JSON.", param="tools") from None
    if tool.is_strict is not None:
        function["strict"] = tool.is_strict
    return {"type": "function", "function": function}


class CallReader:
    """Reads the calls of one streamed completion."""

    def __init__(self) -> None:
        self._indexes: dict[str, int] = {}
        self._arguments: defaultdict[int, Mender] = defaultdict(Mender)

    @property
    def has_any(self) -> bool:
        """Whether any call has come."""
        return bool(self._arguments)

    def read(self, shape: Any) -> tuple[ToolCallPiece, ...]:
        """Return the pieces that one event brings.

        Raises:
            BackendBroken: There are too many calls.
        """
        return tuple(self._pieces(shape or ()))

    def end(self) -> tuple[ToolCallPiece, ...]:
        """Return what is left of characters that were cut."""
        left = ((index, mender.end()) for index, mender in self._arguments.items())
        return tuple(ToolCallPiece(index, arguments=text) for index, text in left if text)

    def _pieces(self, shape: Any) -> Iterator[ToolCallPiece]:
        for entry in shape:
            function = entry.get("function") or {}
            call_id = str(entry.get("id") or "")
            index = self._index(entry.get("index"), call_id)
            arguments = function.get("arguments") or ""
            if not isinstance(arguments, str):  # some servers send them as they are meant
                arguments = json.dumps(arguments, ensure_ascii=False)
            text = self._arguments[index].mend(arguments)
            yield ToolCallPiece(index, call_id, str(function.get("name") or ""), text)

    def _index(self, told: Any, call_id: str) -> int:
        """Return which call a piece is of; servers that do not tell send each with its id."""
        index = told
        if not isinstance(index, int):
            newest = max(self._arguments, default=0)
            index = self._indexes.setdefault(call_id, len(self._indexes)) if call_id else newest
        if not 0 <= index < MAX_CALLS:
            raise BackendBroken(f"The service called more than {MAX_CALLS} tools at once.")
        return index
