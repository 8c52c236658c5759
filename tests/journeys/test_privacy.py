"""What leaves the device, byte by byte, and what comes back to whom."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from jisr.bench.behaviours import Behaviour
from jisr.bench.upstream import ScriptedUpstream
from jisr.places import Limits
from jisr.types import Wish
from tests.journeys.served import ask, serving, upstream
from tests.runtimes import BALANCED, cloud_at, runtime, saying

TEXT = (
    "Mail layla.hassan@example.com, call +1 202-555-0143, pay 4111 1111 1111 1111 "
    "or DE89 3704 0044 0532 0130 00, شكرا layla.hassan@example.com 🙂"
)
SECRETS = ("layla", "hassan@", "555-0143", "5550143", "4111 1111", "41111111", "DE89", "0532 0130")
ONLY_CLOUD = {"wish": Wish.ONLY_CLOUD}
SAID = "<EMAIL_ADDRESS_1> مع <PHONE_NUMBER_1>, <credit_card_1> &lt;IBAN_CODE_1&gt; <OTHER_1>"
RESTORED = (
    "layla.hassan@example.com مع +1 202-555-0143, 4111 1111 1111 1111 "
    "DE89 3704 0044 0532 0130 00 <OTHER_1>"
)


@pytest.fixture(scope="module")
def cloud() -> Iterator[ScriptedUpstream]:
    with upstream(Behaviour.ECHO) as server:
        yield server


@pytest.fixture
def url(cloud: ScriptedUpstream) -> Iterator[str]:
    cloud.captured.clear()
    with serving(runtime(cloud=cloud_at(cloud.base_url, "any"))) as url:
        yield url


def sent(cloud: ScriptedUpstream) -> str:
    return b"".join(cloud.captured).decode()


@pytest.mark.parametrize("is_stream", [False, True])
def test_no_private_value_is_in_the_bytes_that_leave_and_all_are_in_the_answer(
    cloud: ScriptedUpstream, url: str, is_stream: bool
) -> None:
    answer = ask(url, TEXT, stream=is_stream)

    assert answer.text() == TEXT
    assert "شكرا" in sent(cloud)
    assert not [secret for secret in SECRETS if secret in sent(cloud)]
    told = (answer.events()[-1] if is_stream else answer.json())["jisr"]
    assert told["private_spans"] == {
        "CREDIT_CARD": 1,
        "EMAIL_ADDRESS": 2,
        "IBAN_CODE": 1,
        "PHONE_NUMBER": 1,
    }
    assert told["left_device"] is True


def test_stop_strings_schemas_and_history_are_redacted_too(
    cloud: ScriptedUpstream, url: str
) -> None:
    secret = "layla.hassan@example.com"
    schema = {"type": "string", "enum": [secret]}
    form = {"type": "json_schema", "json_schema": {"schema": schema}}

    ask(url, "hi", stop=[secret], response_format=form)
    ask(url, messages=[{"role": r, "content": secret} for r in ("system", "assistant", "user")])

    assert sent(cloud).count("EMAIL_ADDRESS_1") == 5
    assert "layla" not in sent(cloud)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11, 19])
def test_an_answer_is_restored_wherever_the_network_cuts_it(
    cloud: ScriptedUpstream, size: int
) -> None:
    pieces = tuple(SAID[at : at + size] for at in range(0, len(SAID), size))
    cloud.script = replace(cloud.script, pieces=pieces, pause_s=0.0)

    with serving(runtime(cloud=cloud_at(cloud.base_url, Behaviour.SLOW))) as url:
        answer = ask(url, TEXT, stream=True)

    assert answer.text() == RESTORED


def test_conversations_at_once_never_see_each_others_values(url: str) -> None:
    texts = [f"I am user{n:02}@example.com, +1 202-555-01{n:02}." for n in range(16)]
    answers: dict[str, str] = {}

    def converse(text: str) -> None:
        answers[text] = ask(url, text, stream=True).text()

    threads = [threading.Thread(target=converse, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == {text: text for text in texts}


def test_a_placeholder_of_one_conversation_means_nothing_in_the_next(url: str) -> None:
    ask(url, "I am layla.hassan@example.com.")

    assert ask(url, "Who is <EMAIL_ADDRESS_1>?").text() == "Who is <EMAIL_ADDRESS_1>?"


def test_a_private_turn_that_may_only_go_to_the_cloud_is_refused(cloud: ScriptedUpstream) -> None:
    cloud.captured.clear()
    jisr = runtime(
        device=saying(["here"]),
        cloud=cloud_at(cloud.base_url, "any"),
        policy=BALANCED.staying(["IBAN_CODE"]),
    )

    with serving(jisr) as url:
        marked = ask(url, jisr={**ONLY_CLOUD, "private": True})
        found = ask(url, TEXT, jisr=ONLY_CLOUD)
        preferred = ask(url, TEXT, jisr={"wish": Wish.PREFER_CLOUD})

    for refused in (marked, found):
        assert (refused.status, refused.error["code"]) == (403, "no_place")
        assert "must stay on the device" in refused.error["message"]
        assert "DE89" not in refused.error["message"]
    assert preferred.json()["jisr"]["reason"] == "private"
    assert cloud.captured == []


def test_while_offline_the_cloud_is_never_contacted(cloud: ScriptedUpstream) -> None:
    cloud.captured.clear()
    connections = cloud.num_connections_ever
    jisr = runtime(
        device=saying(["here"]),
        cloud=cloud_at(cloud.base_url, "any"),
        limits=Limits(is_offline=True),
    )

    with serving(jisr) as url:
        answered = ask(url, jisr={"wish": Wish.PREFER_CLOUD})
        refused = ask(url, model="jisr/cloud")

    assert answered.json()["jisr"]["reason"] == "offline"
    assert (refused.status, refused.error["code"]) == (403, "no_place")
    assert (cloud.captured, cloud.num_connections_ever) == ([], connections)
