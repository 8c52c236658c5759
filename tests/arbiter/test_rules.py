from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from jisr.arbiter.policy import DEFAULT, Policy, decide, explain
from jisr.arbiter.rules import LIMITS, RULES, SWITCHES, Reason
from jisr.arbiter.signals import Signals
from jisr.arbiter.utility import Weights
from jisr.errors import NoPlace
from jisr.types import Place, Wish
from tests.arbiter.turns import (
    BROKE,
    CAN,
    DRAFTS,
    FAILED_CLOUD,
    LACKS,
    LONG,
    PLAIN,
    POLICIES,
    SOFT,
)

DEVICE, CLOUD, JOINT = Place
DEVICE, CLOUD, JOINT = Place
KNOWS: dict[str, Any] = {"estimate_device": 0.9, "estimate_cloud": 0.8}
MIGHT: dict[str, Any] = {"estimate_device": 0.6, "estimate_cloud": 0.75, "cost_usd": None}
FRESH: dict[str, Any] = {"guard_reason": "fresh"}
WITHDRAWN: dict[str, Any] = {"withdrawn": True}
FAR_TOO_LONG: dict[str, Any] = {"num_prompt_tokens": 128_000, "device_context_tokens": None}
PAYS: dict[str, Any] = CAN | {"joint_pays": True}
UNSAID: dict[str, Any] = WITHDRAWN | {"estimate_cloud_after": 0.03}
"""The cloud would hardly know it either."""


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        (KNOWS, DEVICE, Reason.DEVICE_CHECKED),
        (KNOWS | {"estimate_cloud": 0.02}, DEVICE, Reason.DEVICE_BETTER),
        (MIGHT, DEVICE, Reason.DEVICE_CHECKED),
        (LACKS, CLOUD, Reason.CLOUD_BETTER),
        (LACKS | DRAFTS, JOINT, Reason.JOINT_BETTER),
        # a joint answer that cannot be had is the cloud's
        (LACKS | DRAFTS | {"wants_logprobs": True}, CLOUD, Reason.CLOUD_BETTER),
        (LACKS | DRAFTS | {"can_joint": False}, CLOUD, Reason.CLOUD_BETTER),
        (KNOWS | DRAFTS, DEVICE, Reason.DEVICE_CHECKED),
        # half an estimate is none
        (LACKS | {"estimate_device": None}, DEVICE, Reason.DEFAULT),
        (LACKS | {"estimate_cloud": None}, DEVICE, Reason.DEFAULT),
        (KNOWS | FRESH, CLOUD, Reason.GUARD),
        (KNOWS | WITHDRAWN, CLOUD, Reason.WITHDRAWN),
        (WITHDRAWN, CLOUD, Reason.WITHDRAWN),
        # the cloud is asked only where that is worth something
        (UNSAID, DEVICE, Reason.DEFAULT),
        (KNOWS | UNSAID, DEVICE, Reason.DEFAULT),
        (UNSAID | {"is_cloud_loopback": True, "cost_usd": None}, CLOUD, Reason.WITHDRAWN),
        (UNSAID | {"estimate_cloud_after": 0.9}, CLOUD, Reason.WITHDRAWN),
        (UNSAID | {"estimate_cloud_after": 0.9, "redaction_loss": 1.0}, DEVICE, Reason.DEFAULT),
        (UNSAID | {"estimate_cloud_after": 0.9, "cost_usd": Decimal(1)}, DEVICE, Reason.DEFAULT),
        (LACKS | WITHDRAWN | {"estimate_cloud": 0.02}, DEVICE, Reason.DEFAULT),
        # what leaves is drafted for where that pays
        (WITHDRAWN | PAYS, JOINT, Reason.WITHDRAWN_JOINT),
        (WITHDRAWN | PAYS | {"wants_logprobs": True}, CLOUD, Reason.WITHDRAWN),
        (UNSAID | PAYS, DEVICE, Reason.DEFAULT),
        (FRESH | PAYS, JOINT, Reason.GUARD_JOINT),
        (FRESH | PAYS | {"joint_pays": False}, CLOUD, Reason.GUARD),
        (FRESH | PAYS | {"failed_places": frozenset({JOINT})}, CLOUD, Reason.GUARD),
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
        # what is part of a rule is off with it
        (Policy(off=frozenset({Reason.GUARD})), FRESH | PAYS, Reason.DEFAULT),
        (Policy(off=frozenset({Reason.WITHDRAWN})), WITHDRAWN | PAYS, Reason.DEFAULT),
        (Policy(off=frozenset({Reason.WITHDRAWN})), LACKS | WITHDRAWN, Reason.DEFAULT),
        (Policy(off=frozenset({Reason.WITHDRAWN_JOINT})), WITHDRAWN | PAYS, Reason.WITHDRAWN),
        (Policy(weights=Weights(money_per_usd=1000)), LACKS, Reason.DEVICE_BETTER),
        (Policy(quality=0.0), LACKS, Reason.DEVICE_BETTER),
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
