"""What an answer of a real model holds, streamed and not."""

import json

import pytest

from jisr.backends.device import DeviceBackend
from tests.journeys.served import Home, ask, send
from tests.server.test_app import KEYS

CITY = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 12}, "is_big": {"type": "boolean"}},
    "required": ["city", "is_big"],
    "additionalProperties": False,
}
FORM = {"type": "json_schema", "json_schema": {"name": "city", "schema": CITY}}


@pytest.mark.parametrize("is_stream", [False, True])
def test_an_answer_says_where_it_came_from_and_what_it_used(home: Home, is_stream: bool) -> None:
    answer = ask(home.url, stream=is_stream, stream_options={"include_usage": True})

    last = answer.events()[-1] if is_stream else answer.json()
    told, usage = last["jisr"], last["usage"]
    assert answer.text()
    assert set(told) == KEYS
    assert (told["place"], told["reason"]) == ("device", "default")
    assert told["left_device"] is False
    assert told["usd"] == "0"
    assert told["joules"]["estimated"] > 0
    assert set(told["stages"]) == {"receive", "sight", "decide", "generate", "check"}
    assert 0 < told["ttft_ms"] <= told["stages"]["generate"]
    assert usage["prompt_tokens"] > 5
    assert 1 <= usage["completion_tokens"] <= 2


def test_a_stream_without_usage_tells_how_it_came_about_and_no_usage(home: Home) -> None:
    *before, last = ask(home.url, stream=True).events()

    assert "usage" not in last
    assert last["choices"][0]["finish_reason"] in ("stop", "length")
    assert set(last["jisr"]) == KEYS
    assert [event["jisr"] for event in before if "jisr" in event] == [{"state": "checking"}]


def test_a_streamed_answer_is_the_one_that_is_not_streamed(home: Home) -> None:
    assert ask(home.url, stream=True).text() == ask(home.url).text()


def test_the_model_is_named_by_its_place(home: Home) -> None:
    here = ask(home.url, model="jisr/device").json()
    there = ask(home.url, model="jisr/cloud").json()

    assert here["model"] == here["jisr"]["model"] != "jisr/device"
    assert (there["model"], there["jisr"]["place"]) == ("ok", "cloud")
    assert there["choices"][0]["message"]["content"] == "from the cloud"


@pytest.mark.parametrize("is_stream", [False, True])
def test_an_answer_follows_its_json_schema(home: Home, is_stream: bool) -> None:
    answer = ask(home.url, "Which city?", stream=is_stream, response_format=FORM, max_tokens=60)

    city = json.loads(answer.text())
    assert set(city) == {"city", "is_big"}
    assert isinstance(city["is_big"], bool)


@pytest.mark.parametrize("is_stream", [False, True])
def test_log_probabilities_cover_the_text(home: Home, is_stream: bool) -> None:
    answer = ask(home.url, stream=is_stream, logprobs=True, top_logprobs=2, max_tokens=6)

    events = answer.events() if is_stream else [answer.json()]
    told = [choice.get("logprobs") for event in events for choice in event["choices"]]
    tokens = [token for it in told if it for token in it["content"]]
    raw = b"".join(bytes(token["bytes"]) for token in tokens)
    assert raw.decode().startswith(answer.text())
    assert all(token["logprob"] <= 0 and len(token["top_logprobs"]) == 2 for token in tokens)
    assert all(  # greedy: the chosen token is the likeliest
        token["bytes"] == token["top_logprobs"][0]["bytes"] for token in tokens
    )


def test_arabic_goes_in_as_it_is_and_comes_out_whole(home: Home) -> None:
    said = "قل: مرحبا بالعالم 🙂"

    answer = ask(home.url, f"Repeat: {said}", stream=True, max_tokens=12)

    assert answer.status == 200
    assert "\ufffd" not in answer.body.decode("utf-8").rstrip("\ufffd")


def test_a_follow_up_reads_its_history_from_the_cache(home: Home) -> None:
    first = ask(home.url, "Name three colours, please, in one line.")
    history = [
        {"role": "user", "content": "Name three colours, please, in one line."},
        {"role": "assistant", "content": first.text()},
    ]
    body = {"model": "jisr", "messages": [*history, {"role": "user", "content": "More."}]}

    usage = send(home.url, json.dumps(body).encode()).json()["usage"]

    assert usage["prompt_tokens_details"]["cached_tokens"] >= first.json()["usage"]["prompt_tokens"]


def test_every_turn_is_in_the_ledger_without_its_text(home: Home) -> None:
    told = ask(home.url, "A very particular question.").json()["jisr"]

    record = home.assembled.ledger.turns(1)[0]
    assert record.turn_id == told["turn_id"]
    assert record.usage
    assert "particular" not in repr(record)


def test_the_model_on_the_device_is_a_real_one(home: Home) -> None:
    device = home.assembled.runtime.device

    assert device
    assert isinstance(device.backend, DeviceBackend)
