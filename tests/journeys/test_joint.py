"""Joint turns over HTTP: what is asked for, what is told, and what the other end is shown."""

import pytest

from jisr.errors import BackendUnavailable
from jisr.places import Limits
from jisr.types import Outbound
from tests.journeys.served import ask, send, serving
from tests.journeys.test_privacy import RESTORED, SAID, SECRETS, TEXT
from tests.runtimes import BALANCED, OFFER, drafting, runtime, saying

CUT = 7


@pytest.mark.parametrize("is_stream", [False, True])
def test_joint_drafts_from_the_redacted_prompt_and_the_values_are_put_back(
    is_stream: bool,
) -> None:
    joint = drafting(*(SAID[at : at + CUT] for at in range(0, len(SAID), CUT)))

    with serving(runtime(device=saying(), cloud=saying(), joint=joint)) as url:
        answer = ask(url, TEXT, model="jisr/joint", stream=is_stream)

    (outbound,) = joint.seen
    assert isinstance(outbound, Outbound)
    assert "<EMAIL_ADDRESS_1>" in outbound.messages[0].text
    assert not [secret for secret in SECRETS if secret in repr(outbound)]
    assert answer.text() == RESTORED
    told = (answer.events()[-1] if is_stream else answer.json())["jisr"]
    assert (told["place"], told["reason"], told["left_device"]) == ("joint", "prefer_joint", True)
    assert told["private_spans"]["EMAIL_ADDRESS"] == 2
    assert (told["joint"]["drafted"], told["joint"]["accepted"]) == (60, 41)
    assert (told["joint"]["goal"], told["joint"]["exact"]) == ("fast", "fast")
    assert told["joint"]["fallback"] is None


def test_who_asks_for_the_cloud_gets_it_with_drafts_where_that_pays() -> None:
    jisr = runtime(device=saying(["here"]), cloud=saying(), joint=drafting("big"), offer=OFFER)

    with serving(jisr) as url:
        there = ask(url, model="jisr/cloud").json()
        here = ask(url).json()

    assert there["choices"][0]["message"]["content"] == "big"
    assert (there["jisr"]["place"], there["jisr"]["reason"]) == ("joint", "joint_pays")
    assert here["choices"][0]["message"]["content"] == "here"
    assert (here["jisr"]["place"], here["jisr"]["joint"]) == ("device", None)


def test_what_is_known_of_joint_is_among_the_signals() -> None:
    jisr = runtime(device=saying(), cloud=saying(), joint=drafting(), offer=OFFER)
    body = b'{"model": "jisr/joint", "messages": [{"role": "user", "content": "hi"}]}'

    with serving(jisr) as url:
        told = send(url, body, "/v1/jisr/route").json()

    assert (told["place"], told["reason"]) == ("joint", "prefer_joint")
    signals = told["signals"]
    assert (signals["has_joint"], signals["can_joint"], signals["joint_pays"]) == (True, True, True)
    assert (signals["joint_ms_per_token"], signals["alone_ms_per_token"]) == (20.0, 50.0)


@pytest.mark.parametrize("is_stream", [False, True])
def test_a_joint_turn_that_gives_nothing_is_answered_by_the_cloud_once(is_stream: bool) -> None:
    joint = saying([BackendUnavailable("the link is gone")])
    jisr = runtime(device=saying(["here"]), cloud=saying(["there"]), joint=joint)

    with serving(jisr) as url:
        answer = ask(url, model="jisr/joint", stream=is_stream)

    assert answer.text() == "there"
    told = (answer.events()[-1] if is_stream else answer.json())["jisr"]
    assert (told["place"], told["reason"]) == ("cloud", "joint_unavailable")
    assert (told["failed_places"], told["joint"]) == (["joint"], None)


def test_a_joint_turn_that_breaks_off_ends_with_an_error_and_repeats_nothing() -> None:
    cloud = saying(["there"])
    joint = saying(["half", BackendUnavailable("the link is gone")])

    with serving(runtime(device=saying(), cloud=cloud, joint=joint)) as url:
        answer = ask(url, model="jisr/joint", stream=True)

    *_, last = answer.events()
    assert last["error"]["code"] == "backend_unavailable"
    assert cloud.seen == []


@pytest.mark.parametrize(
    ("limits", "stay", "more", "reason"),
    [
        (Limits(), (), {"jisr": {"private": True}}, "private"),
        (Limits(), ("IBAN_CODE",), {}, "private"),
        (Limits(is_offline=True), (), {}, "offline"),
    ],
)
def test_a_turn_that_must_stay_is_not_drafted_for_others(
    limits: Limits, stay: tuple[str, ...], more: dict[str, object], reason: str
) -> None:
    joint = drafting("big")
    jisr = runtime(
        device=saying(["here"]),
        cloud=saying(),
        joint=joint,
        offer=OFFER,
        limits=limits,
        policy=BALANCED.staying(stay),
    )

    with serving(jisr) as url:
        answer = ask(url, TEXT, model="jisr/joint", **more).json()

    assert (answer["jisr"]["place"], answer["jisr"]["reason"]) == ("device", reason)
    assert joint.seen == []
    assert jisr.joint_offer is None
