"""Turns as the arbiter sees them, for the tests of all that decides from them."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from jisr.arbiter.policy import Policy
from jisr.arbiter.rules import SWITCHES
from jisr.arbiter.signals import Signals
from jisr.arbiter.utility import Weights
from jisr.types import Place, Wish

PLAIN = Signals(
    wish=Wish.PREFER_DEVICE,
    is_offline=False,
    has_device=True,
    has_cloud=True,
    is_cloud_loopback=False,
    cloud_is_healthy=True,
    must_stay=False,
    num_prompt_tokens=100,
    max_output_tokens=1024,
    device_context_tokens=4096,
    cloud_context_tokens=128_000,
    cost_usd=Decimal("0.01"),
    budget_left_usd=None,
)
BROKE: dict[str, Any] = {"budget_left_usd": Decimal(0)}
LONG: dict[str, Any] = {"num_prompt_tokens": 4096}
FAILED_CLOUD: dict[str, Any] = {"failed_places": frozenset({Place.CLOUD})}
CAN: dict[str, Any] = {"has_joint": True, "joint_is_healthy": True}
LACKS: dict[str, Any] = {"estimate_device": 0.05, "estimate_cloud": 0.9}
DRAFTS: dict[str, Any] = CAN | {
    "joint_pays": True,
    "joint_ms_per_token": 10.0,
    "alone_ms_per_token": 40.0,
    "device_ms": 4000.0,
    "cloud_ms": 4000.0,
}

MONEY = st.none() | st.decimals(0, 9, places=2)
LENGTHS = st.integers(0, 200_000)
SIGNALS = st.builds(
    Signals,
    wish=st.sampled_from(Wish),
    num_prompt_tokens=LENGTHS,
    max_output_tokens=LENGTHS,
    device_context_tokens=LENGTHS,
    cloud_context_tokens=LENGTHS,
    cost_usd=MONEY,
    budget_left_usd=MONEY,
    has_joint=st.booleans(),
    joint_is_healthy=st.booleans(),
    can_joint=st.booleans(),
    wants_logprobs=st.booleans(),
    joint_pays=st.none() | st.booleans(),
    failed_places=st.frozensets(st.sampled_from(Place)),
)
SHARES = st.none() | st.floats(0, 1)
SOFT = st.builds(
    lambda signals, **change: replace(signals, **change),
    SIGNALS,
    estimate_device=SHARES,
    estimate_cloud=SHARES,
    quality=st.floats(0, 1),
    guard_reason=st.none() | st.just("fresh"),
    estimate_cloud_after=SHARES,
    check_catches=SHARES,
    check_doubts=SHARES,
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
