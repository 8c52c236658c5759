from jisr.privacy.leaving import texts_of
from jisr.tools import Tool, Toolbox, ToolCall
from jisr.types import Message, Request, Role, Sampling

MAIL = Tool("mail", "Sends mail.", r'{"properties": {"to": {"default": "\u0639\u0644\u064a"}}}')


def test_every_text_of_a_plain_turn_could_leave() -> None:
    messages = (Message(Role.USER, "a"), Message(Role.USER, "b"))
    turn = Request(messages=messages, sampling=Sampling(stop=("c",), json_schema="{}"))
    other = Request(messages=messages[:1], sampling=Sampling(grammar="root ::= x"))

    assert list(texts_of(turn)) == ["a", "b", "c", "{}"]
    assert list(texts_of(other)) == ["a", "root ::= x"]


def test_calls_results_and_tools_are_seen_as_what_they_say() -> None:
    turn = Request(
        messages=(
            Message(Role.ASSISTANT, "", (ToolCall("id-7", "mail", r'{"to": "A\nB"}'),)),
            Message(Role.TOOL, r'["\u0639\u0644\u064a"]', call_id="id-7"),
            Message(Role.TOOL, "sent to Ali", call_id="id-7"),
        ),
        toolbox=Toolbox(tools=(MAIL, Tool("now")), only="mail"),
    )

    assert list(texts_of(turn)) == [
        "",
        "mail",
        '{"to": "A\nB"}',
        '["علي"]',
        "sent to Ali",
        "mail",
        "Sends mail.",
        '{"properties": {"to": {"default": "علي"}}}',
        "now",
        "",
        "mail",
    ]
