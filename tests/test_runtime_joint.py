"""Joint turns in the runtime: when they are, what is told of them, and what comes after them."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from jisr.backends.scripted import ScriptedBackend
from jisr.errors import BackendUnavailable
from jisr.places import Limits
from jisr.types import (
    Exact,
    Goal,
    JointOffer,
    JointOptions,
    Outbound,
    Place,
    Request,
    Sampling,
    Wish,
)
from tests.runtimes import JOINT_USE, OFFER, Kept, asked, drafting, runtime, saying, text_of
from tests.turns import DOWN, EMAIL, places, record_of, told


def test_a_joint_turn_is_redacted_and_restored_as_one_to_the_cloud_is() -> None:
    device, cloud, joint = saying(), saying(), drafting("Ask <EMAIL_", "ADDRESS_1>.")
    jisr = runtime(device=device, cloud=cloud, joint=joint)
    options = JointOptions(Goal.CHEAP, Exact.STRICT)

    answer = told(jisr, asked(f"I am {EMAIL}.", wish=Wish.PREFER_JOINT, joint=options))

    (outbound,) = joint.seen
    assert isinstance(outbound, Outbound)
    assert [it.text for it in outbound.messages] == ["I am <EMAIL_ADDRESS_1>."]
    assert outbound.joint == options
    assert text_of(answer) == f"Ask {EMAIL}."
    assert (device.seen, cloud.seen) == ([], [])


def test_the_record_of_a_joint_turn_tells_what_it_took() -> None:
    jisr = runtime(device=saying(), cloud=saying(), joint=drafting("hello"))

    record = record_of(told(jisr, asked(wish=Wish.PREFER_JOINT)))

    assert (record.place, record.reason) == (Place.JOINT, "prefer_joint")
    assert (record.model, record.joint, record.left_device) == ("large", JOINT_USE, True)
    assert record.usd == record.usd_cloud_only
    assert list(record.stages)[-3:] == ["outbound", "generate", "restore"]


def test_a_joint_turn_with_a_cloud_on_this_machine_has_not_left() -> None:
    jisr = runtime(device=saying(), cloud=saying(), joint=drafting("a"), is_cloud_loopback=True)

    assert not record_of(told(jisr, asked(wish=Wish.PREFER_JOINT))).left_device


def failing_joint(*said: str) -> ScriptedBackend:
    return saying([*said, BackendUnavailable("the link is gone")])


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish.PREFER_JOINT, [("joint", "prefer_joint"), ("cloud", "joint_unavailable")]),
        (Wish.PREFER_CLOUD, [("joint", "joint_pays"), ("cloud", "prefer_cloud")]),
        (Wish.ONLY_CLOUD, [("joint", "joint_pays"), ("cloud", "only_cloud")]),
    ],
)
def test_where_joint_gives_nothing_the_cloud_answers_and_then_the_device(
    wish: Wish, expected: list[tuple[str, str]]
) -> None:
    cloud = saying(["fine"], DOWN)
    jisr = runtime(device=saying(["here"]), cloud=cloud, joint=failing_joint(), offer=OFFER)

    answer = told(jisr, asked(wish=wish))

    assert places(answer) == expected
    assert text_of(answer) == "fine"
    assert record_of(answer).failed_places == (Place.JOINT,)
    assert record_of(answer).joint is None
    if wish is not Wish.ONLY_CLOUD:
        answer = told(jisr, asked(wish=wish))
        assert places(answer) == [*expected, ("device", "cloud_failed")]
        assert text_of(answer) == "here"
        assert record_of(answer).failed_places == (Place.JOINT, Place.CLOUD)


def test_what_joint_has_shown_no_other_place_repeats() -> None:
    device, cloud, kept = saying(), saying(), Kept()
    jisr = runtime(device=device, cloud=cloud, joint=failing_joint("half"), recorder=kept)

    with pytest.raises(BackendUnavailable):
        told(jisr, asked(wish=Wish.PREFER_JOINT))

    assert (device.seen, cloud.seen) == ([], [])
    assert (kept.last.place, kept.last.error) == (Place.JOINT, "backend_unavailable")


def test_what_was_set_aside_for_a_joint_turn_that_gave_nothing_is_there_for_the_cloud() -> None:
    limits = Limits(usd_per_day=Decimal("0.001"))  # enough for one turn and not for two
    jisr = runtime(device=saying(), cloud=saying(), joint=failing_joint(), limits=limits)

    answer = told(jisr, asked(wish=Wish.PREFER_JOINT))

    assert places(answer)[-1] == ("cloud", "joint_unavailable")


@pytest.mark.parametrize(
    "sampling", [Sampling(json_schema="{}"), Sampling(grammar='root ::= "a"')], ids=["json", "gbnf"]
)
def test_a_form_that_cannot_be_kept_jointly_is_left_to_the_cloud(sampling: Sampling) -> None:
    joint = drafting("hello")
    jisr = runtime(device=saying(), cloud=saying(), joint=joint, offer=OFFER)

    told_ = [
        places(told(jisr, asked(wish=wish, sampling=sampling)))
        for wish in (Wish.PREFER_JOINT, Wish.PREFER_CLOUD)
    ]

    assert told_ == [[("cloud", "joint_unavailable")], [("cloud", "prefer_cloud")]]
    assert joint.seen == []


def test_log_probabilities_of_a_joint_turn_are_said_to_be_missing() -> None:
    jisr = runtime(device=saying(), cloud=saying(), joint=drafting("hello"))
    request = asked(wish=Wish.PREFER_JOINT, sampling=Sampling(num_top_logprobs=1))

    assert record_of(told(jisr, request)).missing == ("logprobs",)


def test_who_wants_the_cloud_and_log_probabilities_gets_both_even_if_joint_would_pay() -> None:
    jisr = runtime(device=saying(), cloud=saying(), joint=drafting("hello"), offer=OFFER)
    request = asked(wish=Wish.ONLY_CLOUD, sampling=Sampling(num_top_logprobs=1))

    assert places(told(jisr, request)) == [("cloud", "only_cloud")]


def test_a_joint_place_that_is_not_well_is_passed_over() -> None:
    joint = drafting("hello")
    joint.is_well = False

    answer = told(
        runtime(device=saying(), cloud=saying(), joint=joint), asked(wish=Wish.PREFER_JOINT)
    )

    assert places(answer) == [("cloud", "joint_unavailable")]


@pytest.mark.parametrize(
    ("offer", "options", "expected"),
    [
        (OFFER, JointOptions(), (True, 20.0, 50.0)),
        (replace(OFFER, joint_ms=60.0), JointOptions(), (False, 60.0, 50.0)),
        (replace(OFFER, joint_ms=60.0), JointOptions(Goal.CHEAP), (True, 60.0, 50.0)),
        (None, JointOptions(), (None, None, None)),
    ],
)
def test_the_arbiter_sees_what_the_cloud_offers(
    offer: JointOffer | None, options: JointOptions, expected: tuple[object, ...]
) -> None:
    jisr = runtime(device=saying(), cloud=saying(), joint=drafting("a"), offer=offer)

    signals, _ = asyncio.run(jisr.decide(asked(wish=Wish.PREFER_CLOUD, joint=options)))

    told_ = (signals.joint_pays, signals.joint_ms_per_token, signals.alone_ms_per_token)
    assert told_ == expected
    assert jisr.joint_offer == offer


@pytest.mark.parametrize(
    ("limits", "request_"),
    [
        (Limits(is_offline=True), asked(wish=Wish.PREFER_JOINT)),
        (Limits(), asked(wish=Wish.PREFER_JOINT, is_private=True)),
        (Limits(), asked(wish=Wish.ONLY_DEVICE)),
        (Limits(), asked()),
    ],
    ids=["offline", "private", "only device", "device"],
)
def test_the_link_is_not_looked_at_for_a_turn_that_stays(limits: Limits, request_: Request) -> None:
    joint = drafting("a")
    jisr = runtime(device=saying(), cloud=saying(), joint=joint, offer=OFFER, limits=limits)

    answer = told(jisr, request_)

    assert record_of(answer).place is Place.DEVICE
    assert (jisr.joint_offer, joint.seen) == (None, [])
