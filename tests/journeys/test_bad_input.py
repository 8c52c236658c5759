"""Whatever is sent is answered: clearly, quickly, and without keeping others waiting."""

import json
import threading
import time
from typing import Any

import pytest

from tests.journeys.served import Home, ask, question, send, serving
from tests.runtimes import runtime, saying
from tests.server.asgi import Answer

PLAIN = '"model": "jisr", "messages": [{"role": "user", "content": "x"}]'
TEN_MB = 10 * 2**20
TWO_MB = 2 * 2**20


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"model": "\xff"}', "not JSON"),
        (b'{"model": "jisr", "messages": [{"role": "user", "content": "\\ud83d"}]}', "not JSON"),
        (b"[" * 100_000, "recursion"),
        (f'{{{PLAIN}, "temperature": NaN}}'.encode(), "finite"),
        (f'{{{PLAIN}, "temperature": 1e999}}'.encode(), "finite"),
        (f'{{{PLAIN}, "max_tokens": -1}}'.encode(), "1 or more"),
        (f'{{{PLAIN}, "max_tokens": {"9" * 5000}}}'.encode(), "out of range"),
        (f'{{{PLAIN}, "seed": {"9" * 40}}}'.encode(), "2^63"),
        (f'{{{PLAIN}, "stream": "yes"}}'.encode(), "boolean"),
        (f'{{{PLAIN}, "temprature": 1}}'.encode(), "Did you mean temperature?"),
        (b'{"model": "jisr", "messages": []}', "at least one message"),
        (b'{"model": "jisr"}', "messages is missing"),
        (b'{"model": "jisr", "messages": "hi"}', "messages"),
    ],
)
def test_a_body_that_is_no_request_is_a_400_that_says_why(
    home: Home, body: bytes, words: str
) -> None:
    answer = send(home.url, body)

    assert answer.status == 400
    assert answer.error["type"] == "invalid_request_error"
    assert words in answer.error["message"]


def test_an_unknown_model_is_a_404_that_names_those_there_are(home: Home) -> None:
    answer = ask(home.url, model="gpt-4o")

    assert (answer.status, answer.error["code"]) == (404, "model_not_found")
    assert "jisr/device" in answer.error["message"]


@pytest.mark.parametrize("text", ["", " ", "\x00", "\u202e", "<|im_end|>", "🙂" * 50])
def test_an_odd_prompt_is_a_prompt(home: Home, text: str) -> None:
    assert ask(home.url, text, max_tokens=2).status == 200


def test_huge_numbers_that_may_be_are_taken(home: Home) -> None:
    answer = ask(home.url, "Hi", temperature=5, top_k=10**30, seed=2**63 - 1, max_tokens=2)

    assert answer.status == 200
    assert ask(home.url, "Say hi.", max_tokens=10**30, stop=["i"]).status == 200


def test_a_prompt_beyond_the_context_says_by_how_much(home: Home) -> None:
    answer = ask(home.url, "word " * 3000, model="jisr/device")

    assert (answer.status, answer.error["code"]) == (400, "context_length_exceeded")
    assert answer.error["param"] == "messages"
    assert "more than fit into the context of 1024" in answer.error["message"]


def test_a_prompt_that_fits_the_cloud_only_goes_there(home: Home) -> None:
    told = ask(home.url, "word " * 3000).json()

    assert (told["jisr"]["place"], told["jisr"]["reason"]) == ("cloud", "too_long")
    assert told["choices"][0]["message"]["content"] == "from the cloud"


@pytest.mark.parametrize("word", ["word ", "كلمة ", "1234567890 ", "a@b.co "])
def test_ten_megabytes_are_refused_quickly_while_others_are_answered(home: Home, word: str) -> None:
    body = question(word * (TEN_MB // len(word.encode())))
    answers: list[Answer] = []
    start = time.perf_counter()
    sender = threading.Thread(target=lambda: answers.append(send(home.url, body)))
    sender.start()
    waits = []
    while sender.is_alive():
        before = time.perf_counter()
        assert send(home.url, path="/healthz", method="GET").status == 200
        waits.append(time.perf_counter() - before)
    sender.join()

    assert (answers[0].status, answers[0].error["code"]) == (400, "context_length_exceeded")
    assert time.perf_counter() - start < 5
    assert max(waits) < 2


def test_megabytes_go_to_a_cloud_that_takes_them() -> None:
    cloud = saying(["read it all"])
    jisr = runtime(cloud=cloud, cloud_context_tokens=4_000_000)

    with serving(jisr, max_body_bytes=16 * 2**20) as url:
        answer = ask(url, "x" * TWO_MB)

    assert answer.text() == "read it all"
    assert len(cloud.seen[0].messages[0].text) == TWO_MB


def test_twenty_megabytes_are_too_many(home: Home) -> None:
    answer = send(home.url, question("x" * (20 * 2**20)))

    assert (answer.status, answer.error["code"]) == (413, "body_too_large")
    assert ask(home.url).status == 200


def test_a_schema_that_cannot_be_is_refused(home: Home) -> None:
    deep: dict[str, Any] = {}
    for _ in range(90):
        deep = {"type": "object", "properties": {"a": deep}, "required": ["a"]}
    form = {"type": "json_schema", "json_schema": {"schema": {"type": "no such type"}}}

    refused = ask(home.url, response_format=form)
    answered = ask(home.url, response_format=form | {"json_schema": {"schema": deep}})

    assert (refused.status, refused.error["type"]) == (400, "invalid_request_error")
    assert answered.status in (200, 400)


def test_a_grammar_that_cannot_be_is_refused(home: Home) -> None:
    answer = ask(home.url, grammar="root ::= (((")

    assert (answer.status, answer.error["type"]) == (400, "invalid_request_error")


def test_the_server_is_well_after_all_this(home: Home) -> None:
    health = send(home.url, path="/healthz", method="GET").json()

    assert health["status"] == "ok"
    assert (health["device"]["running"], health["device"]["waiting"]) == (0, 0)
    assert json.loads(ask(home.url).body)["choices"]
