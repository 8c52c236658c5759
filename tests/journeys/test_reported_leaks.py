"""Faults of gateways that redact, each as users reported it: none of them is ours."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from jisr.bench.behaviours import Behaviour
from jisr.bench.upstream import ScriptedUpstream
from jisr.errors import BackendBroken
from jisr.privacy.base import Span
from jisr.privacy.sight import Sight
from jisr.types import Wish
from tests.journeys.served import ask, serving, upstream
from tests.runtimes import cloud_at, runtime, saying

ONLY_CLOUD = {"wish": Wish.ONLY_CLOUD}
TEXT = "Mail layla.hassan@example.com or call +44 20 7946 0958, IBAN DE89 3704 0044 0532 0130 00."
SECRETS = ("layla", "7946", "DE89", "0532")


@pytest.fixture
def cloud() -> Iterator[ScriptedUpstream]:
    with upstream(Behaviour.ECHO) as server:
        yield server


def bodies(cloud: ScriptedUpstream) -> list[Any]:
    return [json.loads(raw.partition(b"\r\n\r\n")[2]) for raw in cloud.captured]


class Raising:
    """A recognizer whose model is gone."""

    def find(self, text: str) -> Iterator[Span]:
        raise RuntimeError(f"no analyzer for {text}")


@pytest.mark.parametrize("is_stream", [False, True])
def test_a_guardrail_that_lets_everything_through_when_its_analyzer_fails(
    cloud: ScriptedUpstream, is_stream: bool
) -> None:
    broken = Sight([Raising()])
    jisr = runtime(device=saying(["here"]), cloud=cloud_at(cloud.base_url, "any"), sight=broken)

    with serving(jisr) as url:
        refused = ask(url, TEXT, stream=is_stream, jisr=ONLY_CLOUD)
        stayed = ask(url, TEXT, stream=is_stream, jisr={"wish": Wish.PREFER_CLOUD})

    assert (refused.status, refused.error["code"]) == (403, "no_place")
    assert "must stay on the device" in refused.error["message"]
    assert not any(secret in refused.error["message"] for secret in SECRETS)
    assert stayed.text() == "here"
    assert cloud.captured == []


def test_arguments_of_tools_that_keep_their_placeholders(cloud: ScriptedUpstream) -> None:
    tool = {"type": "function", "function": {"name": "mail"}}
    cloud.script = replace(cloud.script, pieces=('{"to": "<EMAIL_ADDRESS_1>"}',), piece_chars=1)

    with serving(runtime(cloud=cloud_at(cloud.base_url, Behaviour.CALL))) as url:
        choice = ask(url, TEXT, tools=[tool], jisr=ONLY_CLOUD).json()["choices"][0]

    first, second = [it["function"]["arguments"] for it in choice["message"]["tool_calls"]]
    assert json.loads(first) == {"text": TEXT}
    assert json.loads(second) == {"to": "layla.hassan@example.com"}


def test_a_placeholder_of_one_request_that_is_filled_in_the_next(cloud: ScriptedUpstream) -> None:
    said = "<EMAIL_ADDRESS_1> <EMAIL_ADDRESS_2> EMAIL_ADDRESS_1"
    answers: dict[str, str] = {}

    with serving(runtime(cloud=cloud_at(cloud.base_url, Behaviour.SLOW))) as url:
        cloud.script = replace(cloud.script, pieces=tuple(said), pause_s=0.001)

        def converse(mail: str) -> None:
            answers[mail] = ask(url, f"I am {mail}.", stream=True, jisr=ONLY_CLOUD).text()

        mails = [f"user{n}@example.com" for n in range(12)]
        threads = [threading.Thread(target=converse, args=(mail,)) for mail in mails]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        stranger = ask(url, "Who am I?", jisr=ONLY_CLOUD).text()

    assert answers == {mail: f"{mail} <EMAIL_ADDRESS_2> {mail}" for mail in mails}
    assert stranger == said


@pytest.mark.parametrize(
    "pieces",
    [
        ("", "<", "", "EMAIL", "_ADDRESS_1>", ""),
        ("<EMAIL_ADDRESS_1", ">", "<EMAIL_ADDRESS_1"),
        ("<" * 500, ">" * 500),
        ("&lt", ";EMAIL_ADDRESS", "_", "1", "&", "gt", ";"),
        ("\\", "<", "EMAIL\\", "_ADDRESS\\", "_1\\", ">"),
        ("[EMAIL_ADDRESS_1", "](mailto:", "%3", "CEMAIL_ADDRESS_1%3", "E)"),
        ("مرحبا ", "<EMAIL", "_ADDRESS_", "١", ">"),
        ("EMAIL_ADDRESS_1",),
    ],
)
def test_a_stream_that_breaks_where_a_placeholder_is_cut(
    cloud: ScriptedUpstream, pieces: tuple[str, ...]
) -> None:
    cloud.script = replace(cloud.script, pieces=pieces, pause_s=0.001)

    with serving(runtime(cloud=cloud_at(cloud.base_url, Behaviour.SLOW))) as url:
        cut = ask(url, TEXT, stream=True, jisr=ONLY_CLOUD)
        cloud.script = replace(cloud.script, pieces=("".join(pieces),))
        whole = ask(url, TEXT, jisr=ONLY_CLOUD)

    assert (cut.status, whole.status) == (200, 200)
    assert cut.text() == whole.text()
    assert cut.events()[-1]["jisr"]["place"] == "cloud"


@pytest.mark.parametrize(
    "text",
    [
        "Show the C4 model of an app on EKS that keeps files in S3; Python 3.12.4, k8s v1.31.",
        "ارسم مخططات C4 لتطبيق على EKS يحفظ ملفاته في S3.",
    ],
)
def test_false_alarms_on_names_of_services(cloud: ScriptedUpstream, text: str) -> None:
    with serving(runtime(cloud=cloud_at(cloud.base_url, "any"))) as url:
        answer = ask(url, text, jisr=ONLY_CLOUD)

    assert bodies(cloud)[0]["messages"] == [{"role": "user", "content": text}]
    assert answer.json()["jisr"]["private_spans"] == {}


def test_a_router_that_sends_private_text_raw_when_it_escalates(cloud: ScriptedUpstream) -> None:
    device = saying([BackendBroken("The engine could not go on.")])

    with serving(runtime(device=device, cloud=cloud_at(cloud.base_url, "any"))) as url:
        answer = ask(url, TEXT)

    assert answer.json()["jisr"]["reason"] == "device_failed"
    assert answer.text() == TEXT
    assert not any(secret in json.dumps(bodies(cloud)) for secret in SECRETS)
