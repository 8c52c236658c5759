import asyncio
from typing import Any

import pytest

from tests.runtimes import BALANCED, runtime, saying
from tests.server.asgi import app, call, chat

PATH = "/v1/jisr/preview"
STAYING = BALANCED.staying(["IBAN_CODE"])
IBAN = "DE89370400440532013000"


def previewed(text: str, **jisr: Any) -> dict[str, Any]:
    cloud = saying()
    jisr_ = runtime(device=saying(), cloud=cloud, policy=STAYING)
    answer = asyncio.run(call(app(jisr_), PATH, chat(text, jisr=jisr)))
    assert (answer.status, cloud.seen) == (200, [])
    shown: dict[str, Any] = answer.json()
    return shown


def test_what_was_written_stands_beside_what_would_leave() -> None:
    text = "I am ali@example.com, aged 34."
    told = previewed(text, wish="only_cloud")

    assert told["messages"] == [{"role": "user", "content": text}]
    assert told["outbound"] == [
        {"role": "user", "content": "I am <EMAIL_ADDRESS_1>, aged 30 to 39."}
    ]
    assert (told["place"], told["reason"], told["purpose"]) == ("cloud", "only_cloud", "answer")
    assert told["sentence_arabic"]


def test_every_finding_says_where_what_and_why_it_is_and_what_leaves_in_its_place() -> None:
    text = "I am ali@example.com, aged 34."
    email, age = previewed(text)["findings"]

    assert text[email["start"] : email["end"]] == email["text"] == "ali@example.com"
    assert (email["message"], email["entity_type"]) == (0, "EMAIL_ADDRESS")
    assert (email["action"], email["leaves_as"]) == ("replace", "<EMAIL_ADDRESS_1>")
    assert (age["action"], age["leaves_as"]) == ("generalise", "30 to 39")
    assert all(it["why"] and 0 < it["score"] <= 1 for it in (email, age))


def test_a_turn_that_stays_says_why_and_shows_nothing_that_leaves() -> None:
    told = previewed(f"pay {IBAN}", wish="only_cloud")

    assert (told["outbound"], told["place"], told["must_stay"]) == (None, None, True)
    assert told["stay_reason"] == "it holds IBAN_CODE, which your policy keeps here"
    assert "IBAN_CODE" in told["stay_reason_arabic"]
    (finding,) = told["findings"]
    assert (finding["action"], finding["leaves_as"]) == ("stay", None)


def test_what_would_leave_if_it_were_allowed_can_be_seen_before() -> None:
    told = previewed(f"pay {IBAN}", wish="only_cloud", allow=True)

    assert told["outbound"][0]["content"] == "pay <IBAN_CODE_1>"


def test_the_purpose_of_a_request_is_read() -> None:
    told = previewed("I am aged 34.", purpose="translate")

    assert told["outbound"][0]["content"] == "I am aged <AGE_1>."
    assert told["purpose"] == "translate"


def test_what_tools_are_told_is_shown_too() -> None:
    tool = {"type": "function", "function": {"name": "mail", "description": "to ali@example.com"}}
    body = chat("Hello", tools=[tool])
    answer = asyncio.run(call(app(runtime(cloud=saying())), PATH, body))

    (finding,) = answer.json()["findings"]
    assert (finding["message"], finding["start"], finding["end"]) == (None, None, None)
    assert finding["text"] == "ali@example.com"


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (chat("hi", jisr={"purpose": "spy"}), 400)]
)
def test_a_request_that_is_none_is_refused_as_by_the_chat(body: bytes, status: int) -> None:
    assert asyncio.run(call(app(runtime(cloud=saying())), PATH, body)).status == status
