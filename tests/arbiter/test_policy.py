from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from jisr.arbiter.policy import LIMITS, RULES, Decision, Reason, decide, explain
from jisr.arbiter.sentences import BARRED, SENTENCES
from jisr.arbiter.signals import Signals
from jisr.errors import NoPlace
from jisr.types import Place, Wish
from tests.arbiter.turns import BROKE, CAN, FAILED_CLOUD, LONG, PLAIN, SIGNALS

DEVICE, CLOUD, JOINT = Place
LOSSY: dict[str, Any] = {"redaction_loss": 0.6, "most_redaction_loss": 0.5}
FAILED_DEVICE: dict[str, Any] = {"failed_places": frozenset({DEVICE})}
FAILED_JOINT: dict[str, Any] = {"failed_places": frozenset({JOINT})}
WISHED: dict[str, Any] = CAN | {"wish": Wish.PREFER_JOINT}
PAYS: dict[str, Any] = CAN | {"wish": Wish.PREFER_CLOUD, "joint_pays": True}
TOOLS: dict[str, Any] = {"needs_tools": True}
LOCAL_CLOUD: dict[str, Any] = {"is_offline": True, "is_cloud_loopback": True}


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        ({}, DEVICE, Reason.DEFAULT),
        ({"wish": Wish.PREFER_CLOUD}, CLOUD, Reason.PREFER_CLOUD),
        ({"wish": Wish.ONLY_CLOUD}, CLOUD, Reason.ONLY_CLOUD),
        ({"wish": Wish.ONLY_DEVICE}, DEVICE, Reason.ONLY_DEVICE),
        # the device's backend says by how much it is too long
        ({"wish": Wish.ONLY_DEVICE} | LONG, DEVICE, Reason.ONLY_DEVICE),
        (FAILED_DEVICE, CLOUD, Reason.DEVICE_FAILED),
        ({"wish": Wish.PREFER_CLOUD} | FAILED_CLOUD, DEVICE, Reason.CLOUD_FAILED),
        ({"wish": Wish.PREFER_CLOUD, "has_cloud": False}, DEVICE, Reason.NO_CLOUD),
        ({"has_device": False}, CLOUD, Reason.NO_DEVICE),
        ({"has_device": False, "cloud_is_healthy": False}, CLOUD, Reason.NO_DEVICE),
        ({"wish": Wish.PREFER_CLOUD, "is_offline": True}, DEVICE, Reason.OFFLINE),
        ({"wish": Wish.PREFER_CLOUD} | LOCAL_CLOUD, CLOUD, Reason.PREFER_CLOUD),
        ({"wish": Wish.PREFER_CLOUD, "must_stay": True}, DEVICE, Reason.PRIVATE),
        # not even to a cloud on this machine
        ({"wish": Wish.PREFER_CLOUD, "must_stay": True} | LOCAL_CLOUD, DEVICE, Reason.PRIVATE),
        ({"must_stay": True} | LONG, DEVICE, Reason.PRIVATE),
        ({"wish": Wish.PREFER_CLOUD} | BROKE, DEVICE, Reason.BUDGET),
        ({"budget_left_usd": Decimal(9), "cost_usd": None} | LONG, DEVICE, Reason.BUDGET),
        # what costs nothing is always paid for
        ({"wish": Wish.PREFER_CLOUD, "cost_usd": Decimal(0)} | BROKE, CLOUD, Reason.PREFER_CLOUD),
        (TOOLS, CLOUD, Reason.NEEDS_TOOLS),
        (TOOLS | {"device_takes_tools": True}, DEVICE, Reason.DEFAULT),
        (TOOLS | PAYS, CLOUD, Reason.NEEDS_TOOLS),  # drafts are made of text only
        (TOOLS | PAYS | {"device_takes_tools": True}, CLOUD, Reason.PREFER_CLOUD),
        (LONG, CLOUD, Reason.TOO_LONG),
        ({"num_prompt_tokens": 4095}, DEVICE, Reason.DEFAULT),
        ({"num_prompt_tokens": 128_000}, DEVICE, Reason.DEFAULT),
        ({"wish": Wish.PREFER_CLOUD, "cloud_is_healthy": False}, DEVICE, Reason.CLOUD_UNHEALTHY),
        ({"wish": Wish.ONLY_CLOUD, "cloud_is_healthy": False}, CLOUD, Reason.ONLY_CLOUD),
        ({"wish": Wish.PREFER_CLOUD} | LOSSY, DEVICE, Reason.REDACTION_LOSS),
        ({"wish": Wish.ONLY_CLOUD} | LOSSY, CLOUD, Reason.ONLY_CLOUD),
        # by default no loss is too much
        ({"wish": Wish.PREFER_CLOUD, "redaction_loss": 1.0}, CLOUD, Reason.PREFER_CLOUD),
    ],
)
def test_the_first_rule_that_applies_decides(
    change: dict[str, Any], place: Place, reason: Reason
) -> None:
    decision = decide(replace(PLAIN, **change))

    assert (decision.place, decision.reason) == (place, reason)


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        (WISHED, JOINT, Reason.PREFER_JOINT),
        # nobody knows yet whether it pays: who prefers it gets it
        (WISHED | {"joint_pays": None}, JOINT, Reason.PREFER_JOINT),
        (WISHED | {"joint_pays": False}, JOINT, Reason.PREFER_JOINT),
        ({"wish": Wish.PREFER_JOINT}, CLOUD, Reason.JOINT_UNAVAILABLE),
        (WISHED | {"joint_is_healthy": False}, CLOUD, Reason.JOINT_UNAVAILABLE),
        (WISHED | {"can_joint": False}, CLOUD, Reason.JOINT_UNAVAILABLE),
        (WISHED | FAILED_JOINT, CLOUD, Reason.JOINT_UNAVAILABLE),
        (WISHED | {"failed_places": frozenset({JOINT, CLOUD})}, DEVICE, Reason.CLOUD_FAILED),
        # what bars the cloud bars joint
        (WISHED | {"has_cloud": False}, DEVICE, Reason.NO_CLOUD),
        (WISHED | {"has_device": False}, CLOUD, Reason.NO_DEVICE),
        (WISHED | {"is_offline": True}, DEVICE, Reason.OFFLINE),
        (WISHED | LOCAL_CLOUD, JOINT, Reason.PREFER_JOINT),
        (WISHED | {"must_stay": True}, DEVICE, Reason.PRIVATE),
        (WISHED | BROKE, DEVICE, Reason.BUDGET),
        (WISHED | {"cloud_is_healthy": False}, DEVICE, Reason.CLOUD_UNHEALTHY),
        # what the device cannot read it cannot draft for
        (WISHED | LONG, CLOUD, Reason.TOO_LONG),
        (PAYS | LONG, CLOUD, Reason.TOO_LONG),
        (PAYS, JOINT, Reason.JOINT_PAYS),
        (PAYS | {"wish": Wish.ONLY_CLOUD}, JOINT, Reason.JOINT_PAYS),
        (PAYS | {"joint_pays": False}, CLOUD, Reason.PREFER_CLOUD),
        (PAYS | {"joint_pays": None}, CLOUD, Reason.PREFER_CLOUD),
        (PAYS | {"can_joint": False}, CLOUD, Reason.PREFER_CLOUD),
        (PAYS | {"joint_is_healthy": False}, CLOUD, Reason.PREFER_CLOUD),
        (PAYS | FAILED_JOINT, CLOUD, Reason.PREFER_CLOUD),
        (PAYS | {"wants_logprobs": True}, CLOUD, Reason.PREFER_CLOUD),
        (WISHED | {"wants_logprobs": True}, JOINT, Reason.PREFER_JOINT),
        (PAYS | FAILED_JOINT | {"wish": Wish.ONLY_CLOUD}, CLOUD, Reason.ONLY_CLOUD),
        # nobody who wants the device is sent beyond it because joint would be fast
        (PAYS | {"wish": Wish.PREFER_DEVICE}, DEVICE, Reason.DEFAULT),
        (PAYS | {"wish": Wish.ONLY_DEVICE}, DEVICE, Reason.ONLY_DEVICE),
    ],
)
def test_joint_is_chosen_only_where_the_cloud_might_be(
    change: dict[str, Any], place: Place, reason: Reason
) -> None:
    decision = decide(replace(PLAIN, **change))

    assert (decision.place, decision.reason) == (place, reason)


@pytest.mark.parametrize(
    ("change", "limits"),
    [
        ({"wish": Wish.ONLY_CLOUD, "is_offline": True}, ["only_cloud", "offline"]),
        (PAYS | {"wish": Wish.ONLY_CLOUD, "is_offline": True}, ["only_cloud", "offline"]),
        (WISHED | {"has_device": False, "must_stay": True}, ["no_device", "private"]),
        ({"wish": Wish.ONLY_CLOUD, "must_stay": True}, ["only_cloud", "private"]),
        ({"wish": Wish.ONLY_CLOUD, "has_cloud": False}, ["only_cloud", "no_cloud"]),
        ({"wish": Wish.ONLY_CLOUD} | BROKE, ["only_cloud", "budget"]),
        ({"wish": Wish.ONLY_CLOUD} | FAILED_CLOUD, ["only_cloud", "cloud_failed"]),
        ({"wish": Wish.ONLY_DEVICE, "has_device": False}, ["no_device", "only_device"]),
        ({"wish": Wish.ONLY_DEVICE} | FAILED_DEVICE, ["device_failed", "only_device"]),
        ({"has_device": False, "has_cloud": False}, ["no_device", "no_cloud"]),
        ({"has_device": False, "must_stay": True}, ["no_device", "private"]),
        ({"is_offline": True} | FAILED_DEVICE, ["device_failed", "offline"]),
        ({"failed_places": frozenset(Place)}, ["device_failed", "cloud_failed"]),
    ],
)
def test_limits_that_collide_are_named_with_a_remedy(
    change: dict[str, Any], limits: list[str]
) -> None:
    with pytest.raises(NoPlace) as caught:
        decide(replace(PLAIN, **change))

    assert [name for name in BARRED if BARRED[name] in str(caught.value)] == sorted(
        limits, key=list(BARRED).index
    )


def test_a_decision_tells_which_rules_were_asked() -> None:
    decision = decide(replace(PLAIN, is_offline=True))

    assert [asked.rule for asked in decision.asked] == [rule.reason for rule in RULES[:6]]
    assert [asked.has_applied for asked in decision.asked] == [False] * 5 + [True]
    assert all(asked.question.endswith("?") for asked in decision.asked)


def test_a_private_turn_says_why_it_stays() -> None:
    decision = decide(replace(PLAIN, must_stay=True, stay_reason="it holds a bank account"))

    assert decision.sentence == (
        "It stays on the device, because it is private. (it holds a bank account)"
    )


def test_why_it_stays_is_said_in_arabic_too() -> None:
    signals = replace(PLAIN, must_stay=True, stay_reason="a card", stay_reason_arabic="فيه بطاقة")

    assert explain(decide(signals), "ar").endswith("(فيه بطاقة)")
    assert explain(decide(replace(signals, stay_reason_arabic="")), "ar").endswith("(a card)")


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_said_in_english_and_arabic(reason: Reason) -> None:
    decision = Decision(Place.DEVICE, reason)

    assert explain(decision).isascii()
    assert "\u0600" < explain(decision, "ar")[0] < "\u06ff"
    assert explain(decision, "fr") == explain(decision, "en")


def test_every_reason_is_a_rule_and_has_its_words() -> None:
    assert [rule.reason for rule in RULES] == list(Reason)
    assert list(SENTENCES) == list(Reason)
    assert set(BARRED) == {reason for limits in LIMITS.values() for reason, _ in limits}


def place_of(signals: Signals) -> Place | None:
    try:
        return decide(signals).place
    except NoPlace:
        return None


@given(SIGNALS)
def test_a_turn_that_must_stay_stays(signals: Signals) -> None:
    assert place_of(replace(signals, must_stay=True)) in (Place.DEVICE, None)


@given(SIGNALS)
def test_nothing_leaves_while_offline(signals: Signals) -> None:
    offline = replace(signals, is_offline=True, is_cloud_loopback=False)

    assert place_of(offline) in (Place.DEVICE, None)


@given(SIGNALS)
def test_only_one_place_is_never_overruled(signals: Signals) -> None:
    assert place_of(replace(signals, wish=Wish.ONLY_DEVICE)) in (Place.DEVICE, None)
    assert place_of(replace(signals, wish=Wish.ONLY_CLOUD)) is not Place.DEVICE


@given(SIGNALS)
def test_joint_never_takes_the_place_of_the_device(signals: Signals) -> None:
    without = place_of(replace(signals, has_joint=False))

    assert place_of(signals) == without or (place_of(signals), without) == (JOINT, CLOUD)


@given(SIGNALS)
def test_no_money_is_spent_over_the_budget(signals: Signals) -> None:
    broke = replace(signals, budget_left_usd=Decimal(0), cost_usd=Decimal("0.01"))

    assert place_of(broke) in (Place.DEVICE, None)


@given(SIGNALS)
def test_a_place_is_there_and_has_not_failed(signals: Signals) -> None:
    place = place_of(signals)

    assert place not in signals.failed_places
    assert place is not Place.DEVICE or signals.has_device
    assert place in (DEVICE, None) or signals.has_cloud
    assert place is not JOINT or (signals.has_joint and signals.has_device and signals.can_joint)
