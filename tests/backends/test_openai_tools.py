import json
from typing import Any

import pytest

from jisr.backends.openai_tools import MAX_CALLS, message_fields, toolbox_fields
from jisr.backends.openai_wire import CompletionReader, at_once, encode
from jisr.errors import BackendBroken, InvalidRequest
from jisr.tools import Tool, Toolbox, ToolCall, ToolCallPiece, ToolCalls, ToolMode
from jisr.types import Delta, FinishReason, Message, Outbound, Role, Sampling

CALL = ToolCall("call00001", "mail", '{"to": "علي"}')
MAIL = Tool("mail", "Sends mail.", '{"type": "object"}', is_strict=True)
CALL_FIELDS = {
    "id": "call00001",
    "type": "function",
    "function": {"name": "mail", "arguments": '{"to": "علي"}'},
}


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        (Message(Role.USER, "hi"), {"role": "user", "content": "hi"}),
        (
            Message(Role.ASSISTANT, "", (CALL,)),
            {"role": "assistant", "content": None, "tool_calls": [CALL_FIELDS]},
        ),
        (
            Message(Role.ASSISTANT, "I write.", (CALL,)),
            {"role": "assistant", "content": "I write.", "tool_calls": [CALL_FIELDS]},
        ),
        (
            Message(Role.TOOL, "sent", call_id="call00001"),
            {"role": "tool", "content": "sent", "tool_call_id": "call00001"},
        ),
    ],
)
def test_calls_and_results_are_written_as_openai_has_them(message: Message, fields: Any) -> None:
    assert message_fields(message) == fields


@pytest.mark.parametrize(
    ("toolbox", "fields"),
    [
        (Toolbox(), {}),
        (
            Toolbox(tools=(MAIL, Tool("now"))),
            {
                "tools": [
                    {
                        "type": "function",
                        "function": {
                            "name": "mail",
                            "description": "Sends mail.",
                            "parameters": {"type": "object"},
                            "strict": True,
                        },
                    },
                    {"type": "function", "function": {"name": "now"}},
                ],
                "tool_choice": "auto",
            },
        ),
    ],
)
def test_tools_are_offered_as_openai_has_them(toolbox: Toolbox, fields: Any) -> None:
    assert toolbox_fields(toolbox) == fields


@pytest.mark.parametrize(
    ("how", "fields"),
    [
        ({"mode": ToolMode.REQUIRED}, {"tool_choice": "required"}),
        ({"mode": ToolMode.NONE, "is_parallel": False}, {"parallel_tool_calls": False}),
        ({"only": "now"}, {"tool_choice": {"type": "function", "function": {"name": "now"}}}),
    ],
)
def test_how_tools_may_be_called_is_sent(how: dict[str, Any], fields: dict[str, Any]) -> None:
    turn = Outbound(messages=(), sampling=Sampling(), toolbox=Toolbox(tools=(Tool("now"),), **how))
    sent = json.loads(encode(turn, "m"))

    assert {name: sent[name] for name in fields} == fields


def test_a_schema_that_is_no_json_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="not said in JSON"):
        toolbox_fields(Toolbox(tools=(Tool("now", parameters="{"),)))


def event(delta: Any, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return f"data: {json.dumps({'choices': [choice]})}\n\n".encode()


def read(*events: bytes) -> tuple[list[Delta], tuple[ToolCall, ...]]:
    reader, calls = CompletionReader(Sampling()), ToolCalls()
    deltas = [delta for it in (*events, b"data: [DONE]\n\n") for delta in reader.feed(it)]
    for delta in deltas:
        calls.take(delta.tool_calls)
    return deltas, calls.whole


def piece(index: int | None, arguments: Any = "", **more: Any) -> dict[str, Any]:
    name = more.pop("name", None)
    function = {"arguments": arguments} | ({"name": name} if name else {})
    told = {} if index is None else {"index": index}
    return {**told, "function": function, **more}


def test_streamed_calls_are_read_piece_by_piece() -> None:
    deltas, calls = read(
        event({"role": "assistant", "content": None}),
        event({"tool_calls": [piece(0, id="a", name="mail")]}),
        event({"tool_calls": [piece(0, '{"to": '), piece(1, id="b", name="now")]}),
        event({"tool_calls": [piece(0, '"Ali"}'), piece(1, "{}")]}),
        event({}, "tool_calls"),
    )

    assert calls == (ToolCall("a", "mail", '{"to": "Ali"}'), ToolCall("b", "now", "{}"))
    assert deltas[0] == Delta("", tool_calls=(ToolCallPiece(0, "a", "mail"),))
    assert deltas[-1].finish_reason is FinishReason.TOOL_CALLS


def test_servers_that_number_nothing_or_say_stop_are_understood() -> None:
    deltas, calls = read(
        event({"tool_calls": [piece(None, {"to": "علي"}, id="a", name="mail")]}),
        event({"tool_calls": [piece(None, "{", id="b", name="now")]}),
        event({"tool_calls": [piece(None, "}")]}),
        event({}, "stop"),
    )

    assert calls == (ToolCall("a", "mail", '{"to": "علي"}'), ToolCall("b", "now", "{}"))
    assert deltas[-1].finish_reason is FinishReason.TOOL_CALLS


def test_a_character_that_was_cut_is_joined_in_its_own_call() -> None:
    _, calls = read(
        event({"tool_calls": [piece(0, '"\ud83d', id="a"), piece(1, '"\ud83c', id="b")]}),
        event({"content": "x"}),
        event({"tool_calls": [piece(0, '\ude00"')]}),
        event({}, "tool_calls"),
    )

    assert [call.arguments for call in calls] == ['"😀"', '"\ufffd']


def test_calls_that_came_at_one_moment_are_one_delta() -> None:
    pieces = (ToolCallPiece(0, "a", "mail"), ToolCallPiece(0, arguments="{}"))
    last = Delta("", finish_reason=FinishReason.TOOL_CALLS)

    assert list(at_once([*(Delta("", tool_calls=(it,)) for it in pieces), last])) == [
        Delta("", tool_calls=pieces),
        last,
    ]


@pytest.mark.parametrize(
    "calls", [7, [7], [{"index": -1}], [{"index": MAX_CALLS}], [{"function": 7}]]
)
def test_calls_that_cannot_be_are_an_error(calls: Any) -> None:
    with pytest.raises(BackendBroken):
        read(event({"tool_calls": calls}), event({}, "tool_calls"))
