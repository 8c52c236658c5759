from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.arbiter.signals import Signals
from jisr.arbiter.utility import DEFAULT, Option, Preference, Weights, prefer
from jisr.types import Place
from tests.arbiter.turns import DRAFTS, PLAIN, SOFT

FREE = Weights(leaving=0, risk=0)
"""Nothing is lost by leaving."""
KNOWN = replace(PLAIN, cost_usd=Decimal("0.002"), estimate_device=0.6, estimate_cloud=0.5)


NOTHING_GIVEN: dict[str, Any] = {"check_catches": 1.0, "check_doubts": 1.0}


def chosen(weights: Weights = DEFAULT, **change: Any) -> Preference:
    found = prefer(replace(KNOWN, **change), weights)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "change",
    [
        {"estimate_device": None},
        {"estimate_cloud": None},
        {"estimate_device": None, "estimate_cloud": None, "quality": 1.0},
    ],
)
def test_what_is_not_known_is_not_preferred(change: dict[str, Any]) -> None:
    assert prefer(replace(KNOWN, **change)) is None


@pytest.mark.parametrize(
    ("change", "option"),
    [
        ({}, Option.DEVICE_CHECKED),
        ({"estimate_device": 0.95, "estimate_cloud": 0.92}, Option.DEVICE_CHECKED),
        ({"estimate_device": 0.05, "estimate_cloud": 0.8}, Option.CLOUD),
        ({"estimate_device": 0.6, "estimate_cloud": 0.75}, Option.DEVICE_CHECKED),
        # what is withdrawn is not sent to a cloud that hardly knows better
        ({"estimate_cloud": 0.05}, Option.DEVICE),
        # hardly better is not worth leaving for, until quality is all that counts
        ({"estimate_device": 0.0, "estimate_cloud": 0.03}, Option.DEVICE),
        ({"estimate_device": 0.0, "estimate_cloud": 0.03, "quality": 1.0}, Option.CLOUD),
        # nothing is worth anything where quality is not
        ({"estimate_device": 0.05, "estimate_cloud": 0.9, "quality": 0.0}, Option.DEVICE),
        # a dear cloud must be much better
        ({"estimate_device": 0.05, "estimate_cloud": 0.8, "cost_usd": Decimal(1)}, Option.DEVICE),
        # a price that is not known is not counted
        ({"estimate_device": 0.05, "estimate_cloud": 0.8, "cost_usd": None}, Option.CLOUD),
        # what redaction takes away the cloud cannot answer
        ({"estimate_device": 0.3, "estimate_cloud": 0.8, "redaction_loss": 0.9}, Option.DEVICE),
        # nor is it asked where what leaves tells whom it is about
        ({"estimate_device": 0.05, "estimate_cloud": 0.25, "risk": 1.0}, Option.DEVICE),
        (
            {
                "estimate_device": 0.05,
                "estimate_cloud": 0.25,
                "risk": 1.0,
                "is_cloud_loopback": True,
            },
            Option.CLOUD,
        ),
        # a device that is slow, or wastes the last of a battery, is spared
        ({"device_ms": 60_000.0, "cloud_ms": 2000.0}, Option.CLOUD),
        ({"device_joules": 400.0}, Option.DEVICE_CHECKED),
        ({"device_joules": 400.0, "on_battery": True, "battery_share": 0.05}, Option.CLOUD),
        # one time alone says nothing
        ({"device_ms": 60_000.0}, Option.DEVICE_CHECKED),
        # a check that lets nothing pass makes the device first a wasted run, even a free one
        (NOTHING_GIVEN | {"cost_usd": Decimal(0)}, Option.CLOUD),
        (NOTHING_GIVEN | {"estimate_device": 0.9}, Option.CLOUD),
        (NOTHING_GIVEN | {"estimate_cloud": 0.05}, Option.DEVICE),
        # one that doubts hardly anything that is right, and finds what is wrong, is worth much
        (
            {
                "estimate_device": 0.3,
                "estimate_cloud": 0.5,
                "check_catches": 1.0,
                "check_doubts": 0.0,
            },
            Option.DEVICE_CHECKED,
        ),
        (
            {
                "estimate_device": 0.3,
                "estimate_cloud": 0.6,
                "check_catches": 0.1,
                "check_doubts": 0.1,
            },
            Option.CLOUD,
        ),
    ],
)
def test_the_way_that_is_worth_most_is_preferred(change: dict[str, Any], option: Option) -> None:
    found = chosen(**change)

    assert found.option is option
    assert found.utilities[option] == max(found.utilities.values())


def test_a_way_is_worth_what_the_formula_says() -> None:
    signals = replace(
        KNOWN,
        estimate_device=0.4,
        estimate_cloud=0.8,
        quality=0.6,
        device_ms=5000.0,
        cloud_ms=2000.0,
        device_joules=100.0,
        risk=0.5,
    )
    found = prefer(signals)
    assert found is not None
    device = 5 * 0.01 + 100 * 0.0001
    cloud = 0.002 * 10 + 2 * 0.01 + 0.1 + 0.2 * 0.5
    withdrawn = 0.4 * 0.2 + 0.6 * 0.7
    alone = device + 5 * 0.01 * 0.1
    checked = alone + withdrawn * cloud
    right = 0.4 * 0.8 + 0.7 * (0.2 * 0.4 + 0.7 * 0.4) + 0.3 * withdrawn * 0.8

    assert found.utilities == pytest.approx(
        {
            Option.DEVICE: 0.6 * 0.4 * 0.8 - 0.4 * alone,
            Option.DEVICE_CHECKED: 0.6 * right - 0.4 * checked,
            Option.CLOUD: 0.6 * 0.8 - 0.4 * cloud,
        }
    )


@pytest.mark.parametrize("device_ms", [100.0, 1500.0, 2900.0, 3100.0, 4500.0, 6000.0])
def test_a_thrown_away_run_is_charged_up_to_its_break_even(device_ms: float) -> None:
    weights = replace(FREE, check_time=0, check_catches=0.5, check_doubts=0.5)
    found = chosen(weights, device_ms=device_ms, cloud_ms=6000.0, cost_usd=None, quality=0.0)

    pays = 1 - device_ms / 6000.0 - 0.5 > 0
    assert (found.utilities[Option.DEVICE_CHECKED] > found.utilities[Option.CLOUD]) == pays


@pytest.mark.parametrize(
    ("change", "factor"),
    [
        ({}, 1.0),
        ({"device_load": 0.3}, 1.0),
        ({"device_load": 2.0}, 2.0),
        ({"temperature_c": 84.0}, 1.0),
        ({"temperature_c": 91.0}, 1.5),
        ({"temperature_c": 91.0, "device_load": 2.0}, 3.0),
    ],
)
def test_a_hot_or_busy_device_takes_longer(change: dict[str, Any], factor: float) -> None:
    free_check = Weights(check_time=0)
    found = chosen(free_check, quality=0.0, device_ms=1000.0, cloud_ms=1000.0, **change)

    assert found.utilities[Option.DEVICE] == pytest.approx(-0.01 * factor)


@pytest.mark.parametrize(
    ("change", "option"),
    [
        (DRAFTS, Option.JOINT),
        (DRAFTS | {"joint_pays": None}, Option.CLOUD),
        (DRAFTS | {"has_joint": False}, Option.CLOUD),
        (DRAFTS | {"joint_ms_per_token": 50.0}, Option.CLOUD),
        # drafting drains the battery
        (
            DRAFTS | {"device_joules": 500.0, "on_battery": True, "estimate_device": 0.01},
            Option.CLOUD,
        ),
        (DRAFTS | {"estimate_device": 0.9}, Option.DEVICE_CHECKED),
    ],
)
def test_joint_takes_the_cloud_s_place_where_it_is_worth_more(
    change: dict[str, Any], option: Option
) -> None:
    found = chosen(**{"estimate_device": 0.05, "estimate_cloud": 0.9} | change)

    assert found.option is option
    assert (found.place is Place.JOINT) == (option is Option.JOINT)


SHARES = st.floats(0, 1)
TIMES = st.none() | st.floats(0, 1e5)
SIGNALS = st.builds(
    lambda signals, **change: replace(signals, withdrawn=False, **change),
    SOFT,
    estimate_device=SHARES,
    estimate_cloud=SHARES,
    device_ms=TIMES,
    cloud_ms=TIMES,
    device_joules=TIMES,
    risk=SHARES,
    redaction_loss=SHARES,
    on_battery=st.none() | st.booleans(),
    battery_share=st.none() | SHARES,
)


def told(signals: Signals) -> Preference:
    found = prefer(signals)
    assert found is not None
    return found


@given(SIGNALS)
def test_joint_never_takes_the_device_s_place(signals: Signals) -> None:
    alone = told(replace(signals, has_joint=False)).option

    assert told(signals).option in (alone, Option.JOINT)
    assert told(signals).option is not Option.JOINT or alone is Option.CLOUD


@given(SIGNALS, SHARES)
def test_a_better_cloud_is_never_worth_less(signals: Signals, more: float) -> None:
    better = replace(signals, estimate_cloud=max(more, signals.estimate_cloud or 0.0))
    before, after = told(signals).utilities, told(better).utilities

    assert after[Option.CLOUD] >= before[Option.CLOUD]
    assert after[Option.DEVICE_CHECKED] >= before[Option.DEVICE_CHECKED] - 1e-12
    assert after[Option.DEVICE] == before[Option.DEVICE]


@given(SIGNALS, st.decimals(0, 9, places=4))
def test_a_dearer_cloud_is_never_worth_more(signals: Signals, more: Decimal) -> None:
    dearer = replace(signals, cost_usd=(signals.cost_usd or Decimal(0)) + more)
    before, after = told(signals).utilities, told(dearer).utilities

    assert all(after[option] <= before[option] + 1e-12 for option in before)


@given(SIGNALS)
def test_the_cloud_is_in_the_plan_just_where_it_is_worth_asking_after_a_withdrawal(
    signals: Signals,
) -> None:
    plan = told(signals).utilities
    after = told(replace(signals, withdrawn=True, estimate_cloud_after=None)).utilities

    assert after[Option.DEVICE] == 0
    if Option.DEVICE_CHECKED in plan and abs(after[Option.CLOUD]) > 1e-9:
        gain = plan[Option.DEVICE_CHECKED] - plan[Option.DEVICE]
        assert gain * after[Option.CLOUD] >= -1e-12


@given(SIGNALS)
def test_a_withdrawn_answer_costs_nothing_any_more(signals: Signals) -> None:
    after = replace(signals, withdrawn=True, estimate_cloud_after=signals.estimate_cloud)

    found, before = told(after).utilities, told(signals).utilities
    assert found[Option.CLOUD] == before[Option.CLOUD]
    assert Option.DEVICE_CHECKED not in found


def test_what_is_expected_after_the_answer_is_enough_to_ask_or_not() -> None:
    unknown = replace(KNOWN, estimate_device=None, estimate_cloud=None, withdrawn=True)

    assert prefer(unknown) is None
    assert told(replace(unknown, estimate_cloud_after=0.05)).option is Option.DEVICE
    assert told(replace(unknown, estimate_cloud_after=0.4)).option is Option.CLOUD


def test_a_withdrawn_answer_tells_of_the_cloud_as_far_as_both_find_the_same_hard() -> None:
    signals = replace(KNOWN, withdrawn=True, quality=1.0, check_catches=1.0, check_doubts=0.0)

    # of 0.4 that are wrong here: 0.5 - 0.5 are right there if all alike, 0.2 if not at all
    alike, apart = (prefer(signals, Weights(alike=it)) for it in (1.0, 0.0))
    assert alike and apart
    assert alike.utilities[Option.CLOUD] == pytest.approx(0.0)
    assert apart.utilities[Option.CLOUD] == pytest.approx(0.5)


def test_every_weight_and_its_default_is_told_of() -> None:
    page = (Path(__file__).parents[2] / "docs" / "arbiter.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| `")]
    told = {cells[1].strip(): cells[2] for cells in rows}

    for weight in fields(Weights):
        row = next(names for names in told if f"`{weight.name}`" in names)
        at = [name.strip("` ") for name in row.split(",")].index(weight.name)
        assert float(told[row].split(",")[at]) == weight.default
