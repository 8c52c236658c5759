import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.backends.openai_wire import (
    LLAMA_CPP,
    LM_STUDIO,
    OPENAI,
    CompletionReader,
    Dialect,
    encode,
    left_out,
    read_complaint,
    read_models,
)
from jisr.errors import BackendBroken, BackendRefused, InvalidRequest
from jisr.types import (
    Delta,
    FinishReason,
    Message,
    Outbound,
    Role,
    Sampling,
    TokenLogprob,
    Usage,
)


def sent(sampling: Sampling, dialect: Dialect = OPENAI) -> Any:
    messages = (Message(Role.SYSTEM, "Be brief."), Message(Role.USER, "مرحبا"))
    return json.loads(encode(Outbound(messages=messages, sampling=sampling), "m", dialect))


def test_a_turn_becomes_a_payload() -> None:
    assert sent(Sampling()) == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "مرحبا"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.0,
        "max_tokens": 1024,
    }


@pytest.mark.parametrize(
    ("sampling", "fields"),
    [
        (Sampling(temperature=0.7, top_p=0.9), {"temperature": 0.7, "top_p": 0.9}),
        (Sampling(seed=0), {"seed": 0}),
        (Sampling(stop=("a", "b")), {"stop": ["a", "b"]}),
        (Sampling(max_output_tokens=5), {"max_tokens": 5}),
        (Sampling(num_top_logprobs=0), {"logprobs": True, "top_logprobs": 0}),
        (Sampling(json_schema="{}"), {"response_format": {"type": "json_object"}}),
        (
            Sampling(json_schema='{"type": "object"}'),
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "answer", "schema": {"type": "object"}},
                }
            },
        ),
    ],
)
def test_what_was_asked_for_is_sent(sampling: Sampling, fields: dict[str, Any]) -> None:
    payload = sent(sampling)

    assert {name: payload[name] for name in fields} == fields


def test_only_a_family_that_takes_them_is_sent_its_fields() -> None:
    sampling = Sampling(top_k=4, min_p=0.5, grammar="root ::= [0-9]")

    assert sent(sampling, LLAMA_CPP).items() >= {"top_k": 4, "min_p": 0.5}.items()
    assert sent(Sampling(top_k=4, min_p=0.5)).keys() == sent(Sampling()).keys()
    with pytest.raises(InvalidRequest, match="no grammar"):
        sent(sampling, OPENAI)


@pytest.mark.parametrize(
    ("sampling", "dialect", "names"),
    [
        (Sampling(top_k=4, min_p=0.5), OPENAI, ("top_k", "min_p")),
        (Sampling(top_k=4, min_p=0.5), LM_STUDIO, ("min_p",)),
        (Sampling(top_k=4, min_p=0.5), LLAMA_CPP, ()),
        (Sampling(), OPENAI, ()),
    ],
)
def test_what_is_not_sent_is_said(
    sampling: Sampling, dialect: Dialect, names: tuple[str, ...]
) -> None:
    assert left_out(sampling, dialect) == names


def test_a_schema_that_is_not_json_is_the_turns_fault() -> None:
    with pytest.raises(InvalidRequest, match="not JSON"):
        sent(Sampling(json_schema="{"))


def test_a_broken_character_does_not_stop_a_turn() -> None:
    turn = Outbound(messages=(Message(Role.USER, "a\ud83d"),), sampling=Sampling())

    assert json.loads(encode(turn, "m"))["messages"][0]["content"] == "a?"


def chunk(text: str | None = None, finish: str | None = None, **more: Any) -> str:
    delta = {} if text is None else {"content": text}
    shape = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}
    return f"data: {json.dumps(shape)}\n\n"


def read(*events: str, sampling: Sampling | None = None) -> list[Delta]:
    reader = CompletionReader(sampling or Sampling())
    return [delta for event in events for delta in reader.feed(event.encode())]


END = "data: [DONE]\n\n"
STOP = Delta("", finish_reason=FinishReason.STOP)


def test_pieces_finish_reason_and_usage_become_deltas() -> None:
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 2,
        "prompt_tokens_details": {"cached_tokens": 4},
    }
    told = f'data: {{"choices": [], "usage": {json.dumps(usage)}}}\n\n'
    deltas = read(chunk(""), chunk("a"), chunk("b"), chunk(finish="stop"), told, END)

    assert deltas == [
        Delta("a"),
        Delta("b"),
        Delta(
            "",
            finish_reason=FinishReason.STOP,
            usage=Usage(input_tokens=9, output_tokens=2, cached_tokens=4),
        ),
    ]


def test_an_end_that_is_marked_without_a_reason_is_an_end_and_told_so() -> None:
    assert read(chunk("a"), END) == [Delta("a"), replace(STOP, missing=("finish_reason",))]


@pytest.mark.parametrize(
    "events",
    [
        [END],
        [chunk(""), END],
        [f"data: {json.dumps({'choices': [{'delta': {'tool_calls': [{'index': 0}]}}]})}\n\n", END],
    ],
)
def test_an_end_without_a_reason_after_nothing_or_after_calls_is_a_fault(
    events: list[str],
) -> None:
    with pytest.raises(BackendBroken, match="broke off before its end"):
        read(*events)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("stop", FinishReason.STOP),
        ("length", FinishReason.LENGTH),
        ("eos", FinishReason.STOP),
        ("max_tokens", FinishReason.LENGTH),
    ],
)
def test_finish_reasons_are_mapped(word: str, reason: FinishReason) -> None:
    assert read(chunk("a", finish=word), END)[-1].finish_reason is reason


@pytest.mark.parametrize(
    "usage",
    [None, {}, {"prompt_tokens": "7"}, {"prompt_tokens": -1, "completion_tokens": 2}],
)
def test_usage_that_is_no_count_is_not_told(usage: Any) -> None:
    assert read(chunk("a", finish="stop", usage=usage), END) == [Delta("a"), STOP]


def test_what_comes_after_the_end_is_read_over() -> None:
    assert read(chunk(finish="stop"), END + chunk("late") + END) == [STOP]


def test_a_filtered_answer_is_a_refusal() -> None:
    with pytest.raises(BackendRefused, match="filter"):
        read(chunk("a"), chunk(finish="content_filter"))


@pytest.mark.parametrize(
    "event",
    [
        "data: {\n\n",
        "data: 7\n\n",
        "data: null\n\n",
        'data: {"choices": 7}\n\n',
        'data: {"choices": [7]}\n\n',
        'data: {"choices": [{"delta": {"content": 7}}]}\n\n',
        'data: {"choices": [{"delta": {"content": ["a"]}}]}\n\n',
        'data: {"choices": [{"delta": {}, "finish_reason": ["stop"]}]}\n\n',
        'data: {"usage": 7, "choices": []}\n\n',
        'data: {"error": "The model fell over."}\n\n',
        "data: " + "[" * 100_000 + "\n\n",
        END,
    ],
)
def test_what_cannot_be_understood_is_an_error(event: str) -> None:
    with pytest.raises(BackendBroken):
        read(event)


def test_an_error_event_is_quoted_on_one_short_line() -> None:
    said = json.dumps({"error": {"message": "Over\nloaded \x1b[31m" + "!" * 1000}})

    with pytest.raises(BackendBroken) as caught:
        read(f"data: {said}\n\n")

    assert str(caught.value).startswith("The service broke off: Over loaded [31m!!!")
    assert len(str(caught.value)) < 260


@pytest.mark.parametrize(
    "said",
    [
        {"error": {"message": "The key sk-1 has no credit."}},
        {"error": "sk-1"},
        {"choices": "sk-1"},
        {"choices": 7, "note": "." * 40 + "sk-1"},
    ],
)
def test_a_key_that_the_service_repeats_is_struck_out(said: Any) -> None:
    reader = CompletionReader(Sampling(), secret="sk-1")

    with pytest.raises(BackendBroken, match=r"\[key\]") as caught:
        list(reader.feed(f"data: {json.dumps(said)}\n\n".encode()))

    assert "sk-1" not in str(caught.value)


@pytest.mark.parametrize(
    "endless", [chunk("word"), chunk(""), ": note\n" * 100, chunk("x" * 10_000)]
)
def test_an_endless_answer_is_cut_off(endless: str) -> None:
    reader = CompletionReader(Sampling(max_output_tokens=4))

    with pytest.raises(BackendBroken, match="far longer"):
        for _ in range(100_000):
            list(reader.feed(endless.encode()))


def test_a_long_answer_that_was_asked_for_is_not() -> None:
    events = [chunk("word ")] * 5000

    assert len(read(*events, sampling=Sampling(max_output_tokens=5000))) == 5000


def logprob_chunk(*entries: Any) -> str:
    shape = {"delta": {"content": "é"}, "logprobs": {"content": list(entries)}}
    return f"data: {json.dumps({'choices': [shape]})}\n\n"


ENTRIES = (
    {"token": "?", "bytes": [0xC3], "logprob": -0.1, "top_logprobs": []},
    {
        "token": "b",
        "bytes": None,
        "logprob": -2,
        "top_logprobs": [{"token": "x", "bytes": [120], "logprob": -0.3}],
    },
)


def test_log_probabilities_are_read_with_their_bytes() -> None:
    deltas = read(logprob_chunk(*ENTRIES), sampling=Sampling(num_top_logprobs=1))

    told = (TokenLogprob(b"\xc3", -0.1), TokenLogprob(b"b", -2.0, ((b"x", -0.3),)))
    assert deltas == [Delta("é", told)]


def test_log_probabilities_nobody_asked_for_are_left_out() -> None:
    assert read(logprob_chunk(*ENTRIES)) == [Delta("é")]


def test_a_character_cut_between_two_chunks_is_joined() -> None:
    deltas = read(chunk("a\ud83d"), chunk("\ude42b"), chunk(finish="stop"), END)

    assert deltas == [Delta("a"), Delta("🙂b"), STOP]


@given(st.lists(st.text(st.characters(), max_size=3), max_size=6))
def test_no_delta_ever_holds_half_a_character(pieces: list[str]) -> None:
    deltas = read(*(chunk(piece) for piece in pieces), chunk(finish="stop"), END)
    text = "".join(delta.text for delta in deltas)

    assert all(delta.text.encode() is not None for delta in deltas)
    assert text == "".join(pieces).encode("utf-16-le", "surrogatepass").decode(
        "utf-16-le", "replace"
    )


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        (b'{"error": {"message": "No.", "code": "x", "type": "y"}}', "No.", "x y"),
        (b'{"error": {"message": "No.", "code": 400}}', "No.", "400"),
        (b'{"error": "No."}', "No.", ""),
        (b'{"message": "No."}', "No.", ""),
        (b'{"error": {"message": "Key sk-1 is wrong"}}', "Key [key] is wrong", ""),
        (b"<html>", "", ""),
        (b"[1]", "", ""),
        (b"\xff", "", ""),
        (b"", "", ""),
    ],
)
def test_a_complaint_is_read(body: bytes, message: str, code: str) -> None:
    complaint = read_complaint(body, secret="sk-1")

    assert (complaint.message, complaint.code) == (message, code)


def test_models_and_their_family_are_read() -> None:
    rows = {"data": [{"id": "a"}, {"id": "b", "owned_by": "llamacpp"}]}
    served = read_models(json.dumps(rows).encode())

    assert (served.models, served.dialect) == (("a", "b"), LLAMA_CPP)
    assert read_models(b'{"data": null}').models == ()


@pytest.mark.parametrize("body", [b"", b"[]", b'{"data": 7}', b'{"data": [7]}', b"<html>"])
def test_what_is_no_list_of_models_is_an_error(body: bytes) -> None:
    with pytest.raises(BackendBroken):
        read_models(body)
