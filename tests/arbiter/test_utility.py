from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.arbiter.signals import Signals
from jisr.arbiter.utility import DEFAULT, Option, Preference, Weights, escalation, prefer
from jisr.types import Place, Wish

FREE = Weights(leaving=0, risk=0)
"""Nothing is lost by leaving."""
KNOWN = Signals(
    wish=Wish.PREFER_DEVICE,
    is_offline=False,
    has_device=True,
    has_cloud=True,
    is_cloud_loopback=False,
    cloud_is_healthy=True,
    must_stay=False,
    num_prompt_tokens=100,
    max_output_tokens=256,
    device_context_tokens=4096,
    cloud_context_tokens=8192,
    cost_usd=Decimal("0.002"),
    budget_left_usd=None,
    estimate_device=0.6,
    estimate_cloud=0.5,
)
JOINT: dict[str, Any] = {
    "has_joint": True,
    "joint_pays": True,
    "joint_ms_per_token": 20.0,
    "alone_ms_per_token": 40.0,
    "device_ms": 4000.0,
    "cloud_ms": 4000.0,
}


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
        ({}, Option.DEVICE),
        ({"estimate_device": 0.95, "estimate_cloud": 0.92}, Option.DEVICE),
        ({"estimate_device": 0.05, "estimate_cloud": 0.8}, Option.CLOUD),
        ({"estimate_device": 0.6, "estimate_cloud": 0.75}, Option.DEVICE_CHECKED),
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
        ({"estimate_device": 0.3, "estimate_cloud": 0.8, "redaction_loss": 0.7}, Option.DEVICE),
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
        ({"device_joules": 400.0}, Option.DEVICE),
        ({"device_joules": 400.0, "on_battery": True, "battery_share": 0.05}, Option.CLOUD),
        # one time alone says nothing
        ({"device_ms": 60_000.0}, Option.DEVICE),
    ],
)
def test_the_way_that_is_worth_most_is_preferred(change: dict[str, Any], option: Option) -> None:
    found = chosen(**change)

    assert found.option is option
    assert found.utilities[option] == max(found.utilities.values())
    assert found.checks == (option is Option.DEVICE_CHECKED)


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
    cloud = 0.002 * 10 + 2 * 0.01 + 0.05 + 0.2 * 0.5
    withdrawn = 0.4 * 0.2 + 0.6 * 0.7
    checked = device + 5 * 0.01 * 0.1 + withdrawn * cloud
    right = 0.4 * 0.8 + 0.7 * (0.2 * 0.4 + 0.7 * 0.4) + 0.3 * withdrawn * 0.8

    assert found.utilities == pytest.approx(
        {
            Option.DEVICE: 0.6 * 0.4 - 0.4 * device,
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
    found = chosen(quality=0.0, device_ms=1000.0, cloud_ms=1000.0, **change)

    assert found.utilities[Option.DEVICE] == pytest.approx(-0.01 * factor)


@pytest.mark.parametrize(
    ("change", "option"),
    [
        (JOINT, Option.JOINT),
        (JOINT | {"joint_pays": None}, Option.CLOUD),
        (JOINT | {"has_joint": False}, Option.CLOUD),
        (JOINT | {"joint_ms_per_token": 50.0}, Option.CLOUD),
        # drafting drains the battery
        (
            JOINT | {"device_joules": 500.0, "on_battery": True, "estimate_device": 0.01},
            Option.CLOUD,
        ),
        (JOINT | {"estimate_device": 0.9}, Option.DEVICE),
    ],
)
def test_joint_takes_the_cloud_s_place_where_it_is_worth_more(
    change: dict[str, Any], option: Option
) -> None:
    found = chosen(**{"estimate_device": 0.05, "estimate_cloud": 0.9} | change)

    assert found.option is option
    assert (found.place is Place.JOINT) == (option is Option.JOINT)


SHARES = st.floats(0, 1)
MONEY = st.none() | st.decimals(0, 1, places=4)
TIMES = st.none() | st.floats(0, 1e5)
SIGNALS = st.builds(
    lambda **change: replace(KNOWN, **change),
    estimate_device=SHARES,
    estimate_cloud=SHARES,
    quality=SHARES,
    cost_usd=MONEY,
    device_ms=TIMES,
    cloud_ms=TIMES,
    device_joules=TIMES,
    risk=SHARES,
    redaction_loss=SHARES,
    on_battery=st.none() | st.booleans(),
    battery_share=st.none() | SHARES,
    has_joint=st.booleans(),
    joint_pays=st.none() | st.booleans(),
    joint_ms_per_token=TIMES,
    alone_ms_per_token=TIMES,
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


@given(SHARES)
def test_an_answer_is_withdrawn_the_oftener_the_likelier_it_is_wrong(right: float) -> None:
    assert DEFAULT.check_doubts - 1e-9 <= escalation(right) <= DEFAULT.check_catches + 1e-9
    assert escalation(right) >= escalation(min(1.0, right + 0.1))


def test_every_weight_and_its_default_is_told_of() -> None:
    page = (Path(__file__).parents[2] / "docs" / "arbiter.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| `")]
    told = {cells[1].strip(): cells[2] for cells in rows}

    for weight in fields(Weights):
        row = next(names for names in told if f"`{weight.name}`" in names)
        at = [name.strip("` ") for name in row.split(",")].index(weight.name)
        assert float(told[row].split(",")[at]) == weight.default
