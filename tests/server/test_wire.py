import json
import re
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.errors import InvalidRequest, UnknownModel
from jisr.server.wire import Asked, read
from jisr.types import MAX_SEED, Exact, Goal, JointOptions, Message, Role, Sampling, Wish
from tests.server.asgi import DEFAULTS, HELLO, chat

PLAIN = '"model": "jisr", "messages": [{"role": "user", "content": "x"}]'
DEEP = 100_000
LONG = 4_000_000


def asked(**more: Any) -> Asked:
    return read(chat(**more), DEFAULTS)


def refused(body: bytes | str) -> InvalidRequest:
    raw = body.encode() if isinstance(body, str) else body
    with pytest.raises(InvalidRequest) as caught:
        read(raw, DEFAULTS)
    assert len(str(caught.value)) < 600
    return caught.value


def test_a_request_that_says_little_means_the_defaults() -> None:
    plain = asked()

    assert plain.request.sampling == Sampling(max_output_tokens=64)
    assert plain.request.wish is Wish.PREFER_DEVICE
    assert plain.request.joint == DEFAULTS.joint
    assert not (plain.request.is_private or plain.is_stream or plain.includes_usage)


def test_every_field_that_is_known_arrives() -> None:
    told = asked(
        stream=True,
        stream_options={"include_usage": True},
        temperature=0.5,
        top_p=0.9,
        top_k=40,
        min_p=0.1,
        seed=7,
        stop=["a", "b"],
        max_completion_tokens=9,
        logprobs=True,
        top_logprobs=3,
        jisr={"wish": "prefer_cloud", "private": True, "goal": "cheap", "exact": "strict"},
    )

    assert told.request.sampling == Sampling(
        temperature=0.5,
        top_p=0.9,
        top_k=40,
        min_p=0.1,
        seed=7,
        stop=("a", "b"),
        max_output_tokens=9,
        num_top_logprobs=3,
    )
    assert told.request.wish is Wish.PREFER_CLOUD
    assert told.request.is_private
    assert told.request.joint == JointOptions(Goal.CHEAP, Exact.STRICT)
    assert told.is_stream
    assert told.includes_usage


@pytest.mark.parametrize(
    "more", [{"model": "jisr/joint"}, {"jisr": {"wish": "prefer_joint"}}], ids=["model", "wish"]
)
def test_joint_is_asked_for_by_name_or_by_wish(more: dict[str, Any]) -> None:
    assert asked(**more).request.wish is Wish.PREFER_JOINT


def test_what_a_request_does_not_say_of_joint_the_settings_say() -> None:
    defaults = replace(DEFAULTS, joint=JointOptions(Goal.CHEAP, Exact.STRICT))

    told = read(chat(jisr={"goal": "fast"}), defaults)

    assert told.request.joint == JointOptions(Goal.FAST, Exact.STRICT)


def test_the_name_of_a_model_is_a_wish_that_the_request_cannot_overrule() -> None:
    told = asked(model="jisr/device", jisr={"wish": "only_cloud"})

    assert told.request.wish is Wish.ONLY_DEVICE


def test_a_grammar_is_refused_where_strangers_may_ask() -> None:
    strict = replace(DEFAULTS, allows_grammar=False)
    assert asked(grammar="root ::= [0-9]").request.sampling.grammar == "root ::= [0-9]"

    with pytest.raises(InvalidRequest, match=r"server\.allow_grammar = true") as caught:
        read(chat(grammar="root ::= [0-9]"), strict)

    assert caught.value.param == "grammar"
    assert read(chat(grammar=None), strict).request.sampling.grammar is None


@pytest.mark.parametrize("stop", ["a", ["a"]])
def test_stop_is_one_string_or_several(stop: Any) -> None:
    assert asked(stop=stop).request.sampling.stop == ("a",)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"role": "user", "content": "مرحبا 🙂"}, Message(Role.USER, "مرحبا 🙂")),
        ({"role": "developer", "content": "Be brief."}, Message(Role.SYSTEM, "Be brief.")),
        ({"role": "user", "content": ""}, Message(Role.USER, "")),
        ({"role": "assistant", "content": None}, Message(Role.ASSISTANT, "")),
        ({"role": "assistant", "content": "x", "refusal": None}, Message(Role.ASSISTANT, "x")),
        ({"role": "user", "content": "x", "name": "layla"}, Message(Role.USER, "x")),
        (
            {"role": "user", "content": [{"type": "text", "text": t} for t in ("a", "b")]},
            Message(Role.USER, "ab"),
        ),
    ],
)
def test_messages_are_read_in_every_form(message: Any, expected: Message) -> None:
    assert asked(messages=[message]).request.messages == (expected,)


@given(st.text())
def test_any_text_arrives_as_it_was(text: str) -> None:
    assert asked(messages=[{"role": "user", "content": text}]).request.messages[0].text == text


@pytest.mark.parametrize(
    "harmless",
    [
        {"n": 1},
        {"frequency_penalty": 0},
        {"presence_penalty": 0.0},
        {"logit_bias": {}},
        {"tools": []},
        {"tool_choice": "none"},
        {"user": "u-1"},
        {"store": False},
        {"metadata": {"a": "b"}},
        {"response_format": {"type": "text"}},
        {"seed": None},
        {"stream": None},
    ],
)
def test_what_changes_nothing_is_taken(harmless: dict[str, Any]) -> None:
    assert asked(**harmless).request == asked().request


def test_json_may_be_asked_for_with_a_schema_or_without() -> None:
    schema = {"type": "object", "properties": {"مدينة": {"type": "string"}}}
    form = {"type": "json_schema", "json_schema": {"name": "city", "schema": schema}}

    assert json.loads(asked(response_format=form).request.sampling.json_schema or "") == schema
    plain = asked(response_format={"type": "json_object"})
    assert plain.request.sampling.json_schema == "{}"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("hello", "not JSON"),
        (b'{"model": "\xff"}', "not JSON"),
        (b'{"model": "\xed\xa0\x80"}', "not JSON"),  # a surrogate in UTF-8
        ('{"model": "\\ud800"}', "not JSON"),  # half a character
        ('{"model": "\\udc00\\ud800"}', "not JSON"),
        ("[" * DEEP, "recursion"),
        ('{"a":' * DEEP, "recursion"),
        (f'{{{PLAIN}, "max_tokens": {"9" * 5000}}}', "out of range"),
        ("null", "object"),
        ("[]", "object"),
        ('"text"', "object"),
    ],
)
def test_what_is_no_json_object_is_refused(body: bytes | str, words: str) -> None:
    assert words in str(refused(body))


@pytest.mark.parametrize(
    ("field", "param", "words"),
    [
        ('"temperature": NaN', "temperature", "finite"),
        ('"temperature": 1e999', "temperature", "finite"),
        ('"temperature": -1', "temperature", "from 0 to 5"),
        ('"temperature": 9', "temperature", "from 0 to 5"),
        ('"temperature": "0"', "temperature", "number"),
        ('"top_p": 0', "top_p", "above 0"),
        ('"top_p": -Infinity', "top_p", "finite"),
        ('"min_p": 2', "min_p", "from 0 to 1"),
        ('"top_k": -1', "top_k", "0 or more"),
        ('"top_k": 1.5', "top_k", "integer"),
        ('"max_tokens": 0', "max_tokens", "1 or more"),
        ('"max_tokens": -5', "max_tokens", "1 or more"),
        ('"max_tokens": true', "max_tokens", "integer"),
        ('"max_tokens": "5"', "max_tokens", "integer"),
        ('"max_tokens": NaN', "max_tokens", "integer"),
        (f'"seed": {MAX_SEED + 1}', "seed", "2^63"),
        ('"seed": -1', "seed", "from 0"),
        ('"seed": ' + "9" * 300, "seed", "2^63"),
        ('"logprobs": true, "top_logprobs": 21', "top_logprobs", "from 0 to 20"),
        ('"stop": [""]', "stop", "not empty"),
        ('"stop": ' + json.dumps(["x"] * 17), "stop", "at most 16"),
        ('"n": 2', "n", "should be 1"),
        ('"tools": [{"type": "function"}]', "tools.0.function", "missing"),
        ('"tools": [{"type": "custom"}]', "tools.0.type", "'function'"),
        ('"tool_choice": "always"', "tool_choice", "required"),
        ('"stream": "yes"', "stream", "boolean"),
        ('"jisr": {"wish": "cloud"}', "jisr.wish", "prefer_cloud"),
        ('"response_format": {"type": "xml"}', "response_format.type", "json_object"),
        (
            '"response_format": {"type": "json_schema"}',
            "response_format.json_schema",
            "missing",
        ),
        (
            '"response_format": {"type": "json_schema", "json_schema": {"schema": {"a": NaN}}}',
            "response_format.json_schema.schema",
            "JSON does not know",
        ),
        ('"response_format": {"type": "json_object"}, "grammar": "x"', "grammar", "left out"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_its_name(field: str, param: str, words: str) -> None:
    error = refused(f"{{{PLAIN}, {field}}}")

    assert (error.param, words in str(error)) == (param, True), error


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        ([], "messages"),
        ("hello", "messages"),
        ([1], "messages.0"),
        ([{"content": "x"}], "messages.0.role"),
        ([{"role": "robot", "content": "x"}], "messages.0.role"),
        ([{"role": "user", "content": 7}], "messages.0.content"),
        ([*HELLO, {"role": "user", "content": [{"type": "image_url"}]}], "messages.1.content"),
    ],
)
def test_messages_that_cannot_be_are_refused_by_their_place(messages: Any, param: str) -> None:
    error = refused(json.dumps({"model": "jisr", "messages": messages}))

    assert (error.param or "").startswith(param)


@pytest.mark.parametrize(
    ("field", "nearest"),
    [
        ("temprature", "temperature"),
        ("max_token", "max_tokens"),
        ("max_output_tokens", "max_tokens"),
        ("streaming", "stream"),
        ("top-p", "top_p"),
    ],
)
def test_an_unknown_field_is_answered_with_the_nearest_name(field: str, nearest: str) -> None:
    more: Any = {field: 1}
    error = refused(chat(**more))

    assert error.param == field
    assert f"Did you mean {nearest}?" in str(error)


def test_an_unknown_field_like_no_other_is_named_alone() -> None:
    assert str(refused(chat(zzz=1))) == "There is no field 'zzz'."


@pytest.mark.parametrize("missing", ["model", "messages"])
def test_what_is_missing_is_named_and_the_rest_not_quoted(missing: str) -> None:
    body = {"model": "jisr", "messages": [{"role": "user", "content": "a secret"}]}
    del body[missing]

    assert str(refused(json.dumps(body))) == f"{missing} is missing."


def test_an_unknown_model_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownModel, match="try jisr, jisr/device, jisr/cloud"):
        asked(model="gpt-4o")


@pytest.mark.parametrize(
    "body",
    [
        f'{{{PLAIN}, "{"temp" * (LONG // 4)}": 1}}',
        f'{{"model": "{"x" * LONG}", "messages": [{{"role": "user", "content": "x"}}]}}',
        f'{{"model": "jisr", "messages": [{"1," * LONG}1]}}',
        f'{{"model": "jisr", "messages": [{{"role": "user", "content": [{"1," * LONG}1]}}]}}',
        f'{{{PLAIN}, "stop": [{"1," * LONG}1]}}',
        f'{{{PLAIN}, "seed": "{"1 " * LONG}"}}',
    ],
    ids=["field", "model", "messages", "parts", "stops", "value"],
)
def test_something_huge_is_refused_quickly_and_in_few_words(body: str) -> None:
    start = time.perf_counter()
    error = refused(body)

    assert len(str(error)) < 250
    assert not re.search(r"(.)\1{80}", str(error))
    assert time.perf_counter() - start < 3


def test_a_conversation_is_named_within_its_client_and_user() -> None:
    body = chat(jisr={"conversation": "mail-7"})
    ids = [read(body, DEFAULTS, client).request.conversation_id for client in ("a", "b", "a")]
    other_user = chat(jisr={"conversation": "mail-7"}, user="u")
    ids.append(read(other_user, DEFAULTS, "a").request.conversation_id)

    assert all(it and it.endswith("/mail-7") for it in ids)
    assert ids[0] == ids[2]
    assert len(set(ids)) == 3
    assert asked().request.conversation_id is None


@pytest.mark.parametrize("name", ["", "a b", "../x", "a/b", "x\n", "محادثة", "x" * 65, 1])
def test_a_name_that_no_conversation_can_have_is_refused(name: object) -> None:
    assert refused(chat(jisr={"conversation": name})).param == "jisr.conversation"


@given(st.binary())
def test_no_bytes_do_anything_but_be_refused(body: bytes) -> None:
    refused(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("messages", "temperature", "stop", "seed", "response_format", "jisr", "max_tokens", "n")


@given(st.sampled_from(FIELDS), json_values)
def test_any_value_of_a_field_is_read_or_refused(field: str, value: Any) -> None:
    try:
        asked(**{field: value})
    except InvalidRequest as error:
        assert str(error)
