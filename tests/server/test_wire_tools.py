import json
from dataclasses import replace
from typing import Any

import pytest

from jisr.errors import InvalidRequest
from jisr.server.wire import read
from jisr.server.wire_answer import Chunks, completion
from jisr.tools import Tool, Toolbox, ToolCall, ToolCallPiece, ToolMode
from jisr.turn import TurnEnded
from jisr.types import Delta, FinishReason, Message, Request, Role
from tests.ledger.records import PLAIN
from tests.server.asgi import DEFAULTS, chat

MAIL = {
    "type": "function",
    "function": {
        "name": "mail",
        "description": "Sends mail.",
        "parameters": {"type": "object", "properties": {"إلى": {"type": "string"}}},
        "strict": True,
    },
}
NOW = {"type": "function", "function": {"name": "now"}}
CALL = {"id": "c1", "type": "function", "function": {"name": "mail", "arguments": '{"a": 1}'}}


def asked(**more: Any) -> Request:
    return read(chat(**more), DEFAULTS).request


def test_tools_arrive_as_they_were_offered() -> None:
    toolbox = asked(tools=[MAIL, NOW], parallel_tool_calls=False).toolbox

    assert toolbox == Toolbox(
        tools=(
            Tool(
                "mail",
                "Sends mail.",
                '{"type": "object", "properties": {"إلى": {"type": "string"}}}',
                is_strict=True,
            ),
            Tool("now"),
        ),
        is_parallel=False,
    )


@pytest.mark.parametrize(
    ("choice", "mode", "only"),
    [
        (None, ToolMode.AUTO, ""),
        ("none", ToolMode.NONE, ""),
        ("required", ToolMode.REQUIRED, ""),
        ({"type": "function", "function": {"name": "now"}}, ToolMode.AUTO, "now"),
    ],
)
def test_how_tools_may_be_called_arrives(choice: Any, mode: ToolMode, only: str) -> None:
    toolbox = asked(tools=[NOW], tool_choice=choice).toolbox

    assert (toolbox.mode, toolbox.only) == (mode, only)


def test_calls_and_their_results_arrive_as_history() -> None:
    said = {"role": "assistant", "content": None, "tool_calls": [CALL], "refusal": None}
    given = {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "sent"}]}

    assert asked(messages=[said, given]).messages == (
        Message(Role.ASSISTANT, "", (ToolCall("c1", "mail", '{"a": 1}'),)),
        Message(Role.TOOL, "sent", call_id="c1"),
    )


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0.tool_call_id"),
        (
            {"messages": [{"role": "user", "content": "x", "tool_call_id": "c"}]},
            "messages.0.tool_call_id",
        ),
        (
            {"messages": [{"role": "user", "content": "x", "tool_calls": [CALL]}]},
            "messages.0.tool_calls",
        ),
        ({"tools": [NOW], "tool_choice": MAIL | {"function": {"name": "mail"}}}, "tool_choice"),
        ({"tools": [{"function": {"name": ""}}]}, "tools.0.function.name"),
        ({"tools": [{"function": {"name": "a", "parameters": {"a": float("nan")}}}]}, "tools"),
    ],
)
def test_what_cannot_be_is_refused_by_its_place(more: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        asked(**more)

    assert caught.value.param == param


def test_a_whole_answer_holds_its_calls() -> None:
    made = (ToolCall("c1", "mail", '{"to": "علي"}'),)
    told: Any = completion(
        TurnEnded(replace(PLAIN, finish_reason=FinishReason.TOOL_CALLS)), "", (), 0, made
    )

    assert told["choices"][0] == {
        "index": 0,
        "message": {
            "role": "assistant",
            "content": None,
            "refusal": None,
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "mail", "arguments": '{"to": "علي"}'},
                }
            ],
        },
        "logprobs": None,
        "finish_reason": "tool_calls",
    }


@pytest.mark.parametrize(
    ("delta", "added"),
    [
        (
            Delta("", tool_calls=(ToolCallPiece(0, "c1", "mail"),)),
            {
                "tool_calls": [
                    {
                        "index": 0,
                        "id": "c1",
                        "type": "function",
                        "function": {"name": "mail", "arguments": ""},
                    }
                ]
            },
        ),
        (
            Delta("ok", tool_calls=(ToolCallPiece(1, arguments="{}"),)),
            {"content": "ok", "tool_calls": [{"index": 1, "function": {"arguments": "{}"}}]},
        ),
    ],
)
def test_a_chunk_holds_the_pieces_of_calls(delta: Delta, added: Any) -> None:
    line = Chunks("t", "m", 0).next(delta)

    assert json.loads(line.removeprefix(b"data: "))["choices"][0]["delta"] == added
