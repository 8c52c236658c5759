from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.arbiter.policy import DEFAULT, Policy, decide
from jisr.arbiter.replay import NO_PLACE, NOWHERE, Replayed, replay
from jisr.arbiter.rules import Reason
from jisr.arbiter.signals import as_plain
from jisr.arbiter.utility import Weights
from jisr.errors import NoPlace
from jisr.types import Wish
from tests.arbiter.turns import LACKS, PLAIN, POLICIES, SOFT

TIMES: dict[str, Any] = {"device_ms": 3000.0, "cloud_ms": 1000.0}
STINGY = Policy(weights=Weights(money_per_usd=1e6))


def row(
    place: str = "device",
    reason: str = "default",
    change: Mapping[str, Any] | None = None,
    **of: Any,
) -> dict[str, object]:
    """A recorded turn that was decided from the plain signals and a change of them."""
    signals = as_plain(replace(PLAIN, **(change or {})))
    usual = {"turn_id": "turn_1", "usd": Decimal(0), "usd_cloud_only": Decimal("0.003")}
    return {**usual, "place": place, "reason": reason, "signals": signals, **of}


def test_turns_stay_where_the_same_policy_had_them() -> None:
    found = replay([row(), row("cloud", "cloud_better", LACKS | TIMES)])

    assert found.places == {("device", "device"): 1, ("cloud", "cloud"): 1}
    assert (found.num_turns, found.num_moved, found.changes) == (2, 0, [])
    assert (found.more_usd, found.more_ms) == (Decimal(0), 0.0)


def test_a_turn_that_would_have_stayed_saves_what_it_cost() -> None:
    turn = row("cloud", "cloud_better", LACKS | TIMES, usd=Decimal("0.003"))
    found = replay([turn, row()], STINGY)

    assert found.places == {("cloud", "device"): 1, ("device", "device"): 1}
    assert found.reasons[("cloud_better", "device_better")] == 1
    assert (found.more_usd, found.more_ms) == (Decimal("-0.003"), 2000.0)
    assert [(it.turn_id, it.old_reason, it.new_reason) for it in found.changes] == [
        ("turn_1", "cloud_better", "device_better")
    ]


def test_a_turn_that_would_have_left_costs_what_its_tokens_do_there() -> None:
    found = replay([row(change=LACKS | TIMES)])

    assert found.places == {("device", "cloud"): 1}
    assert (found.more_usd, found.more_ms) == (Decimal("0.003"), -2000.0)


@pytest.mark.parametrize(
    ("of", "more_usd", "num_unpriced"),
    [
        # without the tokens, what was expected of them
        ({"usd_cloud_only": None}, Decimal("0.01"), 0),
        ({"usd": "0.001"}, Decimal("0.002"), 0),
        ({"usd": None}, Decimal(0), 1),
    ],
)
def test_a_price_that_is_not_known_is_told_apart(
    of: dict[str, Any], more_usd: Decimal, num_unpriced: int
) -> None:
    found = replay([row(change=LACKS | TIMES, **of)])

    assert (found.more_usd, found.num_unpriced) == (more_usd, num_unpriced)


def test_a_time_that_is_not_known_is_told_apart() -> None:
    found = replay([row(change=LACKS | {"cloud_ms": 1000.0})])

    assert (found.more_ms, found.num_untimed) == (0, 1)


def test_a_withdrawn_answer_is_withdrawn_again() -> None:
    found = replay([row("cloud", "withdrawn", TIMES | {"withdrawn": True})])

    assert found.changes == []
    assert found.places == {("cloud", "cloud"): 1}


def test_to_ask_the_cloud_at_once_saves_the_run_that_was_thrown_away() -> None:
    found = replay([row("cloud", "withdrawn", LACKS | TIMES | {"withdrawn": True})])

    assert found.reasons == {("withdrawn", "cloud_better"): 1}
    assert (found.num_moved, found.more_ms) == (0, -3000.0)
    assert not found.changes[0].moves


def test_a_policy_without_the_rule_leaves_a_withdrawn_turn_here() -> None:
    turn = row("cloud", "withdrawn", TIMES | {"withdrawn": True}, usd=Decimal("0.003"))
    found = replay([turn], Policy(off=frozenset({Reason.WITHDRAWN})))

    assert found.places == {("cloud", "device"): 1}
    assert (found.more_usd, found.more_ms) == (Decimal("-0.003"), -1000.0)


def test_a_turn_may_be_left_without_a_place() -> None:
    change = TIMES | {"wish": Wish.ONLY_CLOUD, "is_offline": True}
    found = replay([row("cloud", "only_cloud", change, usd=Decimal("0.003"))])

    assert found.places == {("cloud", NOWHERE): 1}
    assert found.reasons == {("only_cloud", NO_PLACE): 1}


def test_turns_that_cannot_be_decided_again_are_counted() -> None:
    old = row() | {"signals": {}}
    broken = row() | {"signals": {"wish": "prefer_device"}}
    found = replay([old, broken, row()])

    assert (found.num_turns, found.num_skipped, found.num_unreadable) == (1, 1, 1)


def test_of_no_turns_there_is_nothing_to_tell() -> None:
    assert replay([]) == Replayed()


@given(st.lists(SOFT, max_size=5), POLICIES, POLICIES)
def test_what_a_policy_decided_it_decides_again(
    turns: list[Any], policy: Policy, other: Policy
) -> None:
    rows = []
    for signals in turns:
        plain = as_plain(replace(signals, withdrawn=False))
        try:
            decision = decide(replace(signals, withdrawn=False), policy)
        except NoPlace:
            continue
        rows.append(
            row(decision.place.value, decision.reason.value) | {"signals": plain, "usd": None}
        )

    assert replay(rows, policy).changes == []
    assert replay(rows, other).num_turns == len(rows)
    assert sum(replay(rows, other).places.values()) == len(rows)


def test_the_default_policy_is_the_one_that_comes_with_it() -> None:
    rows = [row(change=LACKS | TIMES)]

    assert replay(rows) == replay(rows, DEFAULT)
