import json
from typing import Any

import pytest

from jisr.errors import PrivacyError
from jisr.privacy.base import Span
from jisr.privacy.plan import Action, Plan, Planned, replacing
from jisr.privacy.recognizers.email_address import EmailRecognizer
from jisr.privacy.redact import redact
from jisr.privacy.sight import Sight
from jisr.privacy.vault import Vault
from jisr.tools import Tool, Toolbox, ToolCall, ToolMode
from jisr.types import Message, Outbound, Request, Role
from tests.privacy.examples import Digits

SIGHT = Sight([Digits()])


def turn(*messages: Message, **toolbox: Any) -> Request:
    return Request(messages=messages, toolbox=Toolbox(**toolbox))


def redacted(request: Request, vault: Vault | None = None) -> Outbound:
    return redact(request, SIGHT.look(request), Vault() if vault is None else vault)


def called(arguments: str, name: str = "dial", call_id: str = "c") -> Message:
    return Message(Role.ASSISTANT, "", (ToolCall(call_id, name, arguments),))


def arguments_of(outbound: Outbound) -> list[str]:
    return [call.arguments for message in outbound.messages for call in message.tool_calls]


def test_a_value_has_one_placeholder_in_text_arguments_results_and_tools() -> None:
    tool = Tool("dial", "Calls 113.", '{"properties": {"to": {"enum": ["113"], "minLength": 3}}}')
    outbound = redacted(
        turn(
            Message(Role.USER, "call 113"),
            called('{"to": "113"}'),
            Message(Role.TOOL, '{"called": ["113", 115]}', call_id="c"),
            Message(Role.TOOL, "113 is busy", call_id="c"),
            tools=(tool,),
        )
    )

    assert [message.text for message in outbound.messages] == [
        "call <NUMBER_1>",
        "",
        '{"called": ["<NUMBER_1>", "<NUMBER_2>"]}',
        "<NUMBER_1> is busy",
    ]
    assert arguments_of(outbound) == ['{"to": "<NUMBER_1>"}']
    (sent,) = outbound.toolbox.tools
    assert sent.description == "Calls <NUMBER_1>."
    assert sent.parameters is not None
    assert json.loads(sent.parameters)["properties"]["to"]["enum"] == ["<NUMBER_1>"]


def test_what_is_escaped_in_json_is_seen_and_kept_escaped() -> None:
    vault = Vault()
    text = r'{"note": "\u0661\u0661\u0663 \"x\"\n", "path": "C:\\115"}'

    (sent,) = arguments_of(redacted(turn(called(text)), vault))

    assert json.loads(sent) == {"note": '<NUMBER_1> "x"\n', "path": "C:\\<NUMBER_2>"}
    assert vault.restore("<NUMBER_1>") == "١١٣"


def test_a_number_that_is_replaced_becomes_a_string_and_other_json_stays() -> None:
    assert arguments_of(redacted(turn(called('{"n": -1.5e3, "ok": true, "x": null}')))) == [
        '{"n": "<NUMBER_1>", "ok": true, "x": null}'
    ]


@pytest.mark.parametrize("text", ['{"to": "113', "call 113", ""])
def test_arguments_that_are_no_json_are_redacted_as_text(text: str) -> None:
    assert arguments_of(redacted(turn(called(text)))) == [text.replace("113", "<NUMBER_1>")]


def test_lookalikes_in_json_are_kept_apart() -> None:
    vault = Vault()
    request = turn(called('{"a": "a@b.co EMAIL_ADDRESS_1"}'))

    (sent,) = arguments_of(redact(request, Sight([EmailRecognizer()]).look(request), vault))

    assert sent == '{"a": "<EMAIL_ADDRESS_1> <LITERAL_1>"}'
    assert vault.restore(sent) == '{"a": "a@b.co EMAIL_ADDRESS_1"}'


def test_the_private_name_of_a_tool_is_replaced_by_one_that_services_take() -> None:
    vault = Vault()
    request = turn(
        called("{}", "dial_113"), tools=(Tool("dial_113"), Tool("dial")), only="dial_113"
    )

    outbound = redacted(request, vault)

    assert [tool.name for tool in outbound.toolbox.tools] == ["TOOL_NAME_1", "dial"]
    assert outbound.toolbox.only == "TOOL_NAME_1"
    assert outbound.messages[0].tool_calls[0].name == "TOOL_NAME_1"
    assert vault.restore("TOOL_NAME_1") == "dial_113"


def test_a_tool_that_is_named_like_a_placeholder_is_kept_apart() -> None:
    vault = Vault()

    outbound = redacted(turn(Message(Role.USER, "113"), tools=(Tool("NUMBER_1"),)), vault)

    assert outbound.toolbox.tools[0].name == "TOOL_NAME_1"
    assert vault.restore("TOOL_NAME_1 NUMBER_1") == "NUMBER_1 113"


def test_calls_are_numbered_anew_and_results_still_belong_to_them() -> None:
    outbound = redacted(
        turn(
            called("{}", call_id="call_113_of_ali"),
            called("{}", call_id="other"),
            Message(Role.TOOL, "", call_id="call_113_of_ali"),
        )
    )

    assert [call.call_id for m in outbound.messages for call in m.tool_calls] == [
        "call00001",
        "call00002",
    ]
    assert outbound.messages[2].call_id == "call00001"


def test_how_tools_may_be_called_goes_along() -> None:
    outbound = redacted(turn(tools=(Tool("a"),), mode=ToolMode.REQUIRED, is_parallel=False))

    assert outbound.toolbox == Toolbox(
        tools=(Tool("a"),), mode=ToolMode.REQUIRED, is_parallel=False
    )


def test_a_span_over_several_strings_covers_each_and_says_nothing_for_a_part() -> None:
    request = turn(called('{"a": "Sara", "b": "Omar"}'))
    (view,) = [text for text in SIGHT.look(request).spans if text.startswith("{")]
    plan = replacing(SIGHT.look(request))
    start, end = view.index("ara"), view.index("mar")
    span = Planned(Span(start, end, "NUMBER"), Action.GENERALISE, "people")

    outbound = redact(request, Plan({**plan.spans, view: (span,)}), Vault())

    assert arguments_of(outbound) == ['{"a": "S<NUMBER_1>", "<NUMBER_2>": "<NUMBER_3>mar"}']


@pytest.mark.parametrize(
    "message", [called("{}", "dial_113"), called('{"to": "113"}'), called('{"to": 113}')]
)
def test_what_must_stay_stays_in_calls_too(message: Message) -> None:
    request = turn(message)
    spans = {
        text: tuple(Planned(span, Action.STAY) for span in spans)
        for text, spans in SIGHT.look(request).spans.items()
    }

    with pytest.raises(PrivacyError, match="may not leave") as caught:
        redact(request, Plan(spans), Vault())

    assert "113" not in str(caught.value)
