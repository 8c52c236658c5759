"""Tools, from the client through the gateway to a cloud and back; only redacted text leaves."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from openai import OpenAI

from jisr.bench.behaviours import Behaviour
from jisr.bench.upstream import ScriptedUpstream
from jisr.privacy.base import Span
from jisr.privacy.sight import Sight
from jisr.types import Wish
from tests.journeys.served import ask, serving, upstream
from tests.runtimes import cloud_at, runtime, saying

NAME = 'Layla "Umm\nAli" حسن\\'
"""A name that JSON must escape."""
TEXT = f"Mail {NAME}, +١ ٢٠٢ ٥٥٥ ٠١٤٣"
MAIL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "mail",
        "description": f"Sends mail for {NAME}.",
        "parameters": {
            "type": "object",
            "properties": {"to": {"type": "string", "enum": [NAME], "default": NAME}},
        },
    },
}
ARGUMENTS = r'{"to": "<PERSON_1>", "الاسم": "\u003cperson_1\u003e", "again": ["PERSON_1"]}'
MEANT = {"to": NAME, "الاسم": NAME, "again": [NAME]}


class Known:
    """Finds one name."""

    def find(self, text: str) -> Iterator[Span]:
        return (Span(*match.span(), "PERSON") for match in re.finditer(re.escape(NAME), text))


@pytest.fixture(scope="module")
def cloud() -> Iterator[ScriptedUpstream]:
    with upstream(Behaviour.CALL, pieces=(ARGUMENTS,)) as server:
        yield server


@pytest.fixture
def url(cloud: ScriptedUpstream) -> Iterator[str]:
    cloud.captured.clear()
    jisr = runtime(device=saying(), cloud=cloud_at(cloud.base_url, "any"), sight=Sight([Known()]))
    with serving(jisr) as url:
        yield url


def body(cloud: ScriptedUpstream) -> Any:
    return json.loads(cloud.captured[-1].partition(b"\r\n\r\n")[2])


def calls_of(answer: Any, is_stream: bool) -> list[tuple[str, str, str]]:
    """Return id, name and arguments of each call of an answer."""
    if not is_stream:
        calls = answer.json()["choices"][0]["message"]["tool_calls"]
        return [(it["id"], it["function"]["name"], it["function"]["arguments"]) for it in calls]
    joined: dict[int, list[str]] = {}
    for event in answer.events():
        for choice in event["choices"]:
            for piece in choice["delta"].get("tool_calls", ()):
                call = joined.setdefault(piece["index"], ["", "", ""])
                call[0] += piece.get("id", "")
                call[1] += piece["function"].get("name", "")
                call[2] += piece["function"]["arguments"]
    return [(call[0], call[1], call[2]) for _, call in sorted(joined.items())]


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11, 64])
def test_calls_come_back_restored_and_valid_wherever_the_stream_is_cut(
    cloud: ScriptedUpstream, url: str, is_stream: bool, size: int
) -> None:
    cloud.script = replace(cloud.script, piece_chars=size)

    answer = ask(url, TEXT, tools=[MAIL], stream=is_stream)

    first, second = calls_of(answer, is_stream)
    assert (first[:2], second[:2]) == (("id-0", "mail"), ("id-1", "mail"))
    assert json.loads(first[2]) == {"text": TEXT}
    assert json.loads(second[2]) == MEANT


def test_only_redacted_text_leaves_with_tools_calls_and_results(
    cloud: ScriptedUpstream, url: str
) -> None:
    made = {"name": "mail", "arguments": json.dumps({"to": NAME})}  # escaped, as many clients do
    history = [
        {"role": "user", "content": TEXT},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "of-layla", "type": "function", "function": made}],
        },
        {"role": "tool", "tool_call_id": "of-layla", "content": json.dumps([NAME])},
        {"role": "tool", "tool_call_id": "of-layla", "content": f"sent to {NAME}"},
    ]

    told = ask(url, messages=history, tools=[MAIL], tool_choice="required").json()

    sent = body(cloud)
    assert "ayla" not in cloud.captured[-1].decode()
    assert "حسن" not in json.dumps(sent, ensure_ascii=False)
    asked, called, listed, said = sent["messages"]
    assert asked["content"] == TEXT.replace(NAME, "<PERSON_1>")
    (call,) = called["tool_calls"]
    assert json.loads(call["function"]["arguments"]) == {"to": "<PERSON_1>"}
    assert json.loads(listed["content"]) == ["<PERSON_1>"]
    assert said == {
        "role": "tool",
        "content": "sent to <PERSON_1>",
        "tool_call_id": call["id"],
    }
    (tool,) = sent["tools"]
    assert tool["function"]["description"] == "Sends mail for <PERSON_1>."
    assert tool["function"]["parameters"]["properties"]["to"] == {
        "type": "string",
        "enum": ["<PERSON_1>"],
        "default": "<PERSON_1>",
    }
    assert sent["tool_choice"] == "required"
    assert told["jisr"]["private_spans"]["PERSON"] >= 4


def test_the_private_name_of_a_tool_comes_back(cloud: ScriptedUpstream, url: str) -> None:
    tool = {"type": "function", "function": {"name": NAME}}

    answer = ask(url, "hi", tools=[tool], stream=True)

    assert body(cloud)["tools"][0]["function"]["name"] == "TOOL_NAME_1"
    assert [name for _, name, _ in calls_of(answer, True)] == [NAME, NAME]


def test_the_official_client_calls_tools_through_the_gateway(url: str) -> None:
    said: list[Any] = [{"role": "user", "content": TEXT}]
    tools: Any = [{"type": "function", "function": {"name": "mail"}}]
    with OpenAI(base_url=f"{url}/v1", api_key="x", max_retries=0) as client:
        ask_client: Any = partial(client.chat.completions.create, model="jisr", tools=tools)
        answer = ask_client(messages=said).choices[0]
        given = [
            {"role": "tool", "tool_call_id": call.id, "content": "sent"}
            for call in answer.message.tool_calls
        ]
        again = list(ask_client(messages=[*said, answer.message, *given], stream=True))

    assert answer.finish_reason == "tool_calls"
    assert len(given) == 2
    assert again[-1].choices[0].finish_reason == "tool_calls"


def test_a_turn_with_tools_that_may_not_leave_is_refused_with_the_reason(
    cloud: ScriptedUpstream, url: str
) -> None:
    answers = [
        ask(url, TEXT, tools=[MAIL], jisr={"private": True}),
        ask(url, TEXT, tools=[MAIL], jisr={"wish": Wish.ONLY_DEVICE}),
    ]

    for answer in answers:
        assert (answer.status, answer.error["code"]) == (403, "no_place")
        assert "takes no tools" in answer.error["message"]
    assert cloud.captured == []


def test_a_server_on_this_machine_that_takes_tools_keeps_them_here() -> None:
    with upstream(Behaviour.CALL, pieces=("{}",)) as server:
        here = cloud_at(server.base_url, "any")
        jisr = runtime(device=saying(), cloud=here, device_takes_tools=True)
        with serving(jisr) as url:
            told = ask(url, TEXT, tools=[MAIL]).json()["jisr"]

    assert (told["place"], told["reason"]) == ("device", "default")
    assert server.captured == []
