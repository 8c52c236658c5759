from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.arbiter.policy import DEFAULT, Policy, decide, explain
from jisr.arbiter.rules import LIMITS, RULES, SWITCHES, Reason
from jisr.arbiter.signals import Signals
from jisr.arbiter.utility import Weights
from jisr.errors import NoPlace
from jisr.types import Place, Wish
from tests.arbiter.test_policy import BROKE, CAN, FAILED_CLOUD, LONG, PLAIN, SIGNALS

DEVICE, CLOUD, JOINT = Place
KNOWS: dict[str, Any] = {"estimate_device": 0.9, "estimate_cloud": 0.8}
MIGHT: dict[str, Any] = {"estimate_device": 0.6, "estimate_cloud": 0.75, "cost_usd": None}
LACKS: dict[str, Any] = {"estimate_device": 0.05, "estimate_cloud": 0.9}
DRAFTS: dict[str, Any] = CAN | {
    "joint_pays": True,
    "joint_ms_per_token": 10.0,
    "alone_ms_per_token": 40.0,
    "device_ms": 4000.0,
    "cloud_ms": 4000.0,
}
FRESH: dict[str, Any] = {"guard_reason": "fresh"}
WITHDRAWN: dict[str, Any] = {"withdrawn": True}
FAR_TOO_LONG: dict[str, Any] = {"num_prompt_tokens": 128_000, "device_context_tokens": None}


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        (KNOWS, DEVICE, Reason.DEFAULT),
        (MIGHT, DEVICE, Reason.DEVICE_CHECKED),
        (LACKS, CLOUD, Reason.CLOUD_BETTER),
        (LACKS | DRAFTS, JOINT, Reason.JOINT_BETTER),
        # a joint answer that cannot be had is the cloud's
        (LACKS | DRAFTS | {"wants_logprobs": True}, CLOUD, Reason.CLOUD_BETTER),
        (LACKS | DRAFTS | {"can_joint": False}, CLOUD, Reason.CLOUD_BETTER),
        (KNOWS | DRAFTS, DEVICE, Reason.DEFAULT),
        # half an estimate is none
        (LACKS | {"estimate_device": None}, DEVICE, Reason.DEFAULT),
        (LACKS | {"estimate_cloud": None}, DEVICE, Reason.DEFAULT),
        (KNOWS | FRESH, CLOUD, Reason.GUARD),
        (KNOWS | WITHDRAWN, CLOUD, Reason.WITHDRAWN),
        (WITHDRAWN, CLOUD, Reason.WITHDRAWN),
        (LACKS | FRESH, CLOUD, Reason.GUARD),
        # the cloud's context is too short for it as well
        (LACKS | FAR_TOO_LONG, DEVICE, Reason.DEFAULT),
        (WITHDRAWN | FAR_TOO_LONG, DEVICE, Reason.DEFAULT),
        # limits and wishes come first
        (LACKS | {"wish": Wish.ONLY_DEVICE}, DEVICE, Reason.ONLY_DEVICE),
        (WITHDRAWN | {"wish": Wish.ONLY_DEVICE}, DEVICE, Reason.ONLY_DEVICE),
        (FRESH | {"is_offline": True}, DEVICE, Reason.OFFLINE),
        (LACKS | {"is_offline": True}, DEVICE, Reason.OFFLINE),
        (LACKS | {"must_stay": True}, DEVICE, Reason.PRIVATE),
        (WITHDRAWN | {"must_stay": True}, DEVICE, Reason.PRIVATE),
        (LACKS | BROKE, DEVICE, Reason.BUDGET),
        (LACKS | FAILED_CLOUD, DEVICE, Reason.CLOUD_FAILED),
        (LACKS | {"has_cloud": False}, DEVICE, Reason.NO_CLOUD),
        (LACKS | {"cloud_is_healthy": False}, DEVICE, Reason.CLOUD_UNHEALTHY),
        (KNOWS | LONG, CLOUD, Reason.TOO_LONG),
        (KNOWS | {"wish": Wish.PREFER_CLOUD}, CLOUD, Reason.PREFER_CLOUD),
        (KNOWS | {"wish": Wish.ONLY_CLOUD}, CLOUD, Reason.ONLY_CLOUD),
        (LACKS | CAN | {"wish": Wish.PREFER_JOINT}, JOINT, Reason.PREFER_JOINT),
    ],
)
def test_what_is_expected_decides_where_no_limit_and_no_wish_does(
    change: dict[str, Any], place: Place, reason: Reason
) -> None:
    decision = decide(replace(PLAIN, **change))

    assert (decision.place, decision.reason) == (place, reason)


@pytest.mark.parametrize(
    ("policy", "change", "reason"),
    [
        (Policy(off=frozenset({Reason.CLOUD_BETTER})), LACKS, Reason.DEFAULT),
        (Policy(off=frozenset({Reason.DEVICE_CHECKED})), MIGHT, Reason.DEFAULT),
        (Policy(off=frozenset({Reason.JOINT_BETTER})), LACKS | DRAFTS, Reason.CLOUD_BETTER),
        (Policy(off=frozenset({Reason.GUARD})), FRESH, Reason.DEFAULT),
        (Policy(weights=Weights(money_per_usd=1000)), LACKS, Reason.DEFAULT),
        (Policy(quality=0.0), LACKS, Reason.DEFAULT),
        (Policy(quality=1.0), LACKS | {"quality": 0.0}, Reason.CLOUD_BETTER),
    ],
)
def test_a_policy_may_decide_otherwise(
    policy: Policy, change: dict[str, Any], reason: Reason
) -> None:
    assert decide(replace(PLAIN, **change), policy).reason is reason


def test_a_rule_that_is_off_is_not_asked() -> None:
    asked = decide(PLAIN, Policy(off=frozenset({Reason.TOO_LONG}))).asked

    assert Reason.TOO_LONG not in [it.rule for it in asked]
    assert len(asked) == len(RULES) - 1


def test_no_limit_can_be_switched_off() -> None:
    limits = {reason for limits in LIMITS.values() for reason, _ in limits}

    assert SWITCHES.isdisjoint(limits | {Reason.DEFAULT, Reason.PREFER_CLOUD, Reason.PREFER_JOINT})
    assert {rule.reason for rule in RULES if rule.options} <= SWITCHES


def test_the_reason_is_said_in_both_languages() -> None:
    decision = decide(replace(PLAIN, **LACKS))

    assert decision.sentence == (
        "It goes to the cloud, because the cloud is expected to be enough better here."
    )
    assert explain(decision, "ar").endswith("أفضل هنا بما يكفي.")


SHARES = st.none() | st.floats(0, 1)
SOFT = st.builds(
    lambda signals, **change: replace(signals, **change),
    SIGNALS,
    estimate_device=SHARES,
    estimate_cloud=SHARES,
    quality=st.floats(0, 1),
    guard_reason=st.none() | st.just("fresh"),
    withdrawn=st.booleans(),
    joint_ms_per_token=st.none() | st.floats(0, 100),
    alone_ms_per_token=st.none() | st.floats(0, 100),
)
POLICIES = st.builds(
    Policy,
    weights=st.builds(Weights, leaving=st.floats(0, 1), money_per_usd=st.floats(0, 100)),
    off=st.frozensets(st.sampled_from(sorted(SWITCHES))),
    quality=SHARES,
)


def place_of(signals: Signals, policy: Policy = DEFAULT) -> Place | None:
    try:
        return decide(signals, policy).place
    except NoPlace:
        return None


@given(SOFT, POLICIES)
def test_no_expectation_and_no_policy_moves_what_must_stay(
    signals: Signals, policy: Policy
) -> None:
    offline = replace(signals, is_offline=True, is_cloud_loopback=False)
    broke = replace(signals, **BROKE)

    assert place_of(replace(signals, must_stay=True), policy) in (DEVICE, None)
    assert place_of(offline, policy) in (DEVICE, None)
    assert place_of(replace(signals, wish=Wish.ONLY_DEVICE), policy) in (DEVICE, None)
    assert place_of(replace(signals, wish=Wish.ONLY_CLOUD), policy) is not DEVICE
    assert broke.cost_usd == 0 or place_of(broke, policy) in (DEVICE, None)


@given(SOFT)
def test_without_an_estimate_and_a_guard_everything_is_as_by_rules(signals: Signals) -> None:
    unknown = replace(signals, estimate_cloud=None, guard_reason=None, withdrawn=False)
    usual = replace(unknown, estimate_device=None, quality=0.5)

    assert place_of(unknown) == place_of(usual)


@given(SOFT)
def test_joint_takes_no_turn_from_the_device(signals: Signals) -> None:
    without = place_of(replace(signals, has_joint=False))

    assert place_of(signals) == without or (place_of(signals), without) == (JOINT, CLOUD)
