"""The guard over HTTP: plane mode, a cloud that dies, a budget that ends, the turn after."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from jisr.bench.behaviours import Behaviour
from jisr.bench.upstream import ScriptedUpstream
from jisr.clock import FakeClock
from jisr.guard.sentences import instead_of_answer
from jisr.guard.verdicts import Action, Verdict
from jisr.places import Limits
from jisr.scripted_checker import ScriptedChecker
from jisr.server.wire_answer import WITHDRAWN
from jisr.types import Wish
from tests.journeys.served import ask, connected, question, seconds_until, send, serving, upstream
from tests.runtimes import Kept, cloud_at, runtime, saying

FRESH = Verdict(
    action=Action.ESCALATE,
    reason="fresh_facts",
    confidence=None,
    confidence_reason="nothing was answered",
    said="I can't know this offline.",
)
UNSURE = Verdict(
    action=Action.ESCALATE, reason="unsure", confidence=0.15, said="I am not sure enough to say."
)
WEATHER = "How warm will it be in Muscat today?"
GENERAL = "What do you call a young goat?"
RULES = {"today": FRESH}
SHOWN = Limits(shows_unchecked=True)
DEVICE_ONLY = {"wish": Wish.ONLY_DEVICE}


@pytest.fixture(scope="module")
def cloud() -> Iterator[ScriptedUpstream]:
    with upstream(pieces=("from ", "above")) as server:
        yield server


def content(events: list[Any]) -> str:
    """What a client that knows nothing of Jisr shows of a stream."""
    return "".join(
        choice["delta"].get("content") or "" for it in events for choice in it["choices"]
    )


def test_plane_mode(cloud: ScriptedUpstream) -> None:
    device = saying(["A kid."])
    jisr = runtime(
        device=device,
        cloud=cloud_at(cloud.base_url),
        limits=Limits(is_offline=True),
        checker=ScriptedChecker(rules=RULES),
    )
    before = cloud.num_requests.total()

    with serving(jisr) as url:
        weather, general = ask(url, WEATHER), ask(url, GENERAL)

    told = weather.json()["jisr"]
    said = "I can't know this offline; one tap asks the cloud once you are online."
    assert weather.text() == said
    assert told["verdict"] == {
        "action": "abstain",
        "reason": "fresh_facts",
        "said": said,
        "claims": [],
    } | {"sentence": told["verdict"]["sentence"]}
    assert (told["place"], told["left_device"], told["confidence"]) == ("device", False, None)
    assert told["confidence_reason"] == "nothing was answered"
    assert general.text() == "A kid."
    assert general.json()["jisr"]["verdict"]["action"] == "keep"
    assert general.json()["jisr"]["confidence"] == 0.9
    assert [it.messages[0].text for it in device.seen] == [GENERAL]
    assert cloud.num_requests.total() == before


@pytest.mark.parametrize("is_stream", [False, True])
def test_a_cloud_that_is_dead_when_it_is_asked_instead(
    cloud: ScriptedUpstream, is_stream: bool
) -> None:
    kept = Kept()
    jisr = runtime(
        device=saying(["a guess"]),
        cloud=cloud_at(cloud.base_url, Behaviour.CLOSE_FIRST),
        checker=ScriptedChecker([UNSURE]),
        recorder=kept,
    )

    with serving(jisr) as url:
        answer = ask(url, GENERAL, stream=is_stream)

    said = instead_of_answer("unsure", "en", {"cloud_failed"}, UNSURE.said)
    assert (answer.status, answer.text()) == (200, said)
    told = answer.events()[-1]["jisr"] if is_stream else answer.json()["jisr"]
    assert (told["place"], told["failed_places"]) == ("device", ["cloud"])
    assert told["verdict"]["action"] == "abstain"
    assert told["withdrawn_model"] == "scripted"
    assert (kept.last.verdict, kept.last.withdrawn_model) == ("abstain", "scripted")


def test_a_cloud_that_dies_in_the_middle_of_its_answer_after_an_escalation(
    cloud: ScriptedUpstream,
) -> None:
    jisr = runtime(
        device=saying(["a guess"]),
        cloud=cloud_at(cloud.base_url, Behaviour.CLOSE_MIDWAY),
        checker=ScriptedChecker([UNSURE]),
    )

    with serving(jisr) as url:
        answer = ask(url, GENERAL, stream=True)

    *before, last = answer.events()
    assert content(before) == "from "
    assert last["error"]["code"] == "backend_broken"
    assert b"guess" not in answer.body


def test_a_budget_that_ends_in_the_middle_of_a_conversation(cloud: ScriptedUpstream) -> None:
    kept = Kept()
    jisr = runtime(
        device=saying(),
        cloud=cloud_at(cloud.base_url),
        checker=ScriptedChecker([UNSURE, UNSURE], rules=RULES),
        limits=Limits(usd_per_day=Decimal(1)),
        recorder=kept,
    )

    with serving(jisr) as url:
        first = ask(url, GENERAL).json()
        kept.spent = Decimal(1)
        history = [
            {"role": "user", "content": GENERAL},
            {"role": "assistant", "content": "from above"},
        ]
        later = [
            ask(url, messages=[*history, {"role": "user", "content": text}]).json()
            for text in ("And a young sheep?", WEATHER)
        ]

    assert first["jisr"]["place"] == "cloud"
    assert [it["jisr"]["place"] for it in later] == ["device", "device"]
    said = [it["choices"][0]["message"]["content"] for it in later]
    assert said == [
        instead_of_answer(it.reason, "en", {"budget"}, it.said) for it in (UNSURE, FRESH)
    ]
    assert [it["jisr"]["verdict"]["action"] for it in later] == ["abstain", "abstain"]


def test_the_turn_after_one_that_was_escalated_goes_to_the_device_again(
    cloud: ScriptedUpstream,
) -> None:
    jisr = runtime(
        device=saying(["a guess"], ["A lamb."]),
        cloud=cloud_at(cloud.base_url),
        checker=ScriptedChecker([UNSURE]),
    )
    history = [
        {"role": "user", "content": GENERAL},
        {"role": "assistant", "content": "from above"},
        {"role": "user", "content": "And a young sheep?"},
    ]

    with serving(jisr) as url:
        first, second = ask(url, GENERAL).json(), ask(url, messages=history).json()

    assert first["jisr"]["place"] == "cloud"
    assert first["choices"][0]["message"]["content"] == "from above"
    assert (first["jisr"]["verdict"]["action"], first["jisr"]["confidence"]) == ("escalate", None)
    assert "said" not in first["jisr"]["verdict"]
    assert second["jisr"]["place"] == "device"
    assert second["choices"][0]["message"]["content"] == "A lamb."


@pytest.mark.parametrize("text", [GENERAL, "ماذا يسمى صغير الماعز؟"])
def test_an_answer_shown_while_it_is_checked_is_withdrawn_in_the_stream(
    cloud: ScriptedUpstream, text: str
) -> None:
    jisr = runtime(
        device=saying(["a ", "guess"], model="small"),
        cloud=cloud_at(cloud.base_url),
        checker=ScriptedChecker([UNSURE]),
        limits=SHOWN,
    )

    with serving(jisr) as url:
        answer = ask(url, text, stream=True)

    events = answer.events()
    states = [it["jisr"]["state"] for it in events if "state" in it.get("jisr", {})]
    assert states == ["checking", "withdrawn"]
    assert events[0]["jisr"] == {"state": "checking"}
    line = WITHDRAWN["en" if text == GENERAL else "ar"]
    assert content(events) == f"a guess\n\n{line}\n\nfrom above"
    assert {(it["id"], it["created"], it["object"]) for it in events} == {
        (events[0]["id"], events[0]["created"], "chat.completion.chunk")
    }
    assert all(len(it["choices"]) == 1 for it in events)
    assert [it["choices"][0]["finish_reason"] for it in events].count("stop") == 1
    assert [it["choices"][0]["delta"].get("role") for it in events].count("assistant") == 1
    assert events[-1]["jisr"]["withdrawn_model"] == "small"


def test_an_answer_shown_while_it_is_checked_and_kept_ends_as_any_other() -> None:
    jisr = runtime(device=saying(["a ", "kid"]), checker=ScriptedChecker(), limits=SHOWN)

    with serving(jisr) as url:
        events = ask(url, GENERAL, stream=True).events()

    assert content(events) == "a kid"
    assert [it.get("jisr", {}).get("state") for it in events] == ["checking", *[None] * 3]
    assert events[-1]["jisr"]["verdict"]["action"] == "keep"


def test_an_answer_that_is_held_shows_that_it_is_checked_and_nothing_that_is_withdrawn(
    cloud: ScriptedUpstream,
) -> None:
    jisr = runtime(
        device=saying(["a guess"]),
        cloud=cloud_at(cloud.base_url),
        checker=ScriptedChecker([UNSURE]),
    )

    with serving(jisr) as url:
        answer = ask(url, GENERAL, stream=True)

    events = answer.events()
    assert b"guess" not in answer.body
    assert events[0]["jisr"] == {"state": "checking"}
    assert answer.body.count(b'"state"') == 1
    assert [it["choices"][0]["delta"].get("role") for it in events].count("assistant") == 1
    assert content(events) == "from above"


def test_a_whole_answer_has_nothing_of_what_was_withdrawn(cloud: ScriptedUpstream) -> None:
    jisr = runtime(
        device=saying(["a guess"]),
        cloud=cloud_at(cloud.base_url),
        checker=ScriptedChecker([UNSURE]),
        limits=SHOWN,
    )

    with serving(jisr) as url:
        assert ask(url, GENERAL).text() == "from above"


def test_a_weak_i_dont_know_handed_out_because_the_verifier_was_off_for_easy_turns(
    cloud: ScriptedUpstream,
) -> None:
    checker = ScriptedChecker([UNSURE] * 3)
    jisr = runtime(
        device=saying(*[["I don't know."]] * 3), cloud=cloud_at(cloud.base_url), checker=checker
    )

    with serving(jisr) as url:
        said = [ask(url, text).text() for text in ("Hi?", "1+1?", GENERAL)]

    assert said == ["from above"] * 3
    assert len(checker.seen) == 3


def test_a_confidence_that_was_a_random_number(cloud: ScriptedUpstream) -> None:
    checker = ScriptedChecker([ValueError("odd")])
    jisr = runtime(device=saying(), cloud=cloud_at(cloud.base_url), checker=checker)

    with serving(jisr) as url:
        failed, kept = (ask(url, GENERAL).json()["jisr"] for _ in range(2))
        there = ask(url, GENERAL, jisr={"wish": Wish.PREFER_CLOUD}).json()["jisr"]

    assert (kept["confidence"], kept["confidence_reason"]) == (0.9, None)
    for told in (failed, there):
        assert told["confidence"] is None
        assert told["confidence_reason"]


def test_a_client_that_leaves_during_the_check_stops_it() -> None:
    checker, kept = ScriptedChecker(waits=True), Kept()
    jisr = runtime(device=saying(), checker=checker, recorder=kept)

    with serving(jisr) as url:
        with connected(url, question(GENERAL, stream=True)):
            seconds_until(lambda: checker.num_checking > 0)
        seconds_until(lambda: checker.num_checking == 0, limit_s=5)
        seconds_until(lambda: bool(kept.records), limit_s=5)

    assert kept.last.error == "cancelled"


def test_where_a_question_would_go_is_told_with_its_kind_and_what_is_expected(
    cloud: ScriptedUpstream,
) -> None:
    jisr = runtime(
        device=saying(),
        cloud=cloud_at(cloud.base_url),
        checker=ScriptedChecker(rules=RULES),
        clock=FakeClock(),
    )

    with serving(jisr) as url:
        told = send(url, question(WEATHER), "/v1/jisr/route").json()
        here = send(url, question(WEATHER, jisr=DEVICE_ONLY), "/v1/jisr/route").json()

    assert (told["place"], told["signals"]["guard_reason"]) == ("cloud", "fresh_facts")
    assert told["signals"]["estimate_device"] is None
    assert told["signals"]["estimate_reason"]
    assert here["place"] == "device"
    assert json.dumps(told["signals"])
