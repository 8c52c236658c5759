import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, replace
from decimal import Decimal
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.arbiter.policy import decide
from jisr.arbiter.signals import Signals, as_plain, of_plain
from jisr.errors import NoPlace
from jisr.question import TaskKind
from jisr.types import Place
from tests.arbiter.turns import SOFT

SHARES = st.floats(0, 1)
AMOUNTS = st.decimals(0, 9, places=6)
KNOWN = st.builds(
    lambda signals, **change: replace(signals, **change),
    SOFT,
    cost_usd=st.none() | AMOUNTS,
    budget_left_usd=st.none() | AMOUNTS,
    failed_places=st.frozensets(st.sampled_from(Place)),
    kind=st.sampled_from(TaskKind),
    features=st.dictionaries(st.sampled_from(["length", "figures"]), SHARES),
    estimate_reason=st.none() | st.sampled_from(["not calibrated", "غير معاير"]),
    on_battery=st.none() | st.booleans(),
    temperature_c=st.none() | st.floats(-40, 120),
)
LEAST: Mapping[str, object] = {
    "wish": "prefer_device",
    "is_offline": False,
    "has_device": True,
    "has_cloud": True,
    "is_cloud_loopback": False,
    "cloud_is_healthy": True,
    "must_stay": False,
    "num_prompt_tokens": 12,
    "max_output_tokens": 256,
    "device_context_tokens": 4096,
    "cloud_context_tokens": 8192,
    "cost_usd": "0.0010",
    "budget_left_usd": None,
}


@given(KNOWN)
def test_signals_come_back_from_json_as_they_were(signals: Signals) -> None:
    assert of_plain(json.loads(json.dumps(as_plain(signals)))) == signals


def test_money_stays_exact() -> None:
    signals = replace(of_plain(LEAST), cost_usd=Decimal("0.1234567890123456789"))

    assert as_plain(signals)["cost_usd"] == "0.1234567890123456789"
    assert of_plain(as_plain(signals)).cost_usd == signals.cost_usd


def test_what_is_missing_is_as_by_default_and_what_is_unknown_is_passed_over() -> None:
    signals = of_plain({**LEAST, "a_signal_of_tomorrow": [1, 2]})

    assert signals.kind == "other"
    assert signals.estimate_device is None
    assert signals.features == {}
    assert signals == of_plain(LEAST)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"wish": "whatever"}, "whatever"),
        ({"cost_usd": "much"}, "cost_usd"),
        ({"cost_usd": 0.1}, "cost_usd"),
        ({"cost_usd": "NaN"}, "cost_usd"),
        ({"cost_usd": "-1"}, "cost_usd"),
        ({"budget_left_usd": "9" * 100}, "budget_left_usd"),
        ({"budget_left_usd": "1e999999999"}, "budget_left_usd"),
        ({"failed_places": 3}, "failed_places"),
        ({"failed_places": "cloud"}, "failed_places"),
        ({"failed_places": ["moon"]}, "moon"),
        ({"failed_places": [["cloud"]]}, "failed_places"),
        ({"wish": ["prefer_device"]}, "wish"),
        ({"is_offline": "no"}, "is_offline"),
        ({"is_offline": 0}, "is_offline"),
        ({"must_stay": None}, "must_stay"),
        ({"num_prompt_tokens": 1.5}, "num_prompt_tokens"),
        ({"num_prompt_tokens": True}, "num_prompt_tokens"),
        ({"num_prompt_tokens": -1}, "num_prompt_tokens"),
        ({"device_context_tokens": 10**400}, "device_context_tokens"),
        ({"estimate_device": 1.1}, "estimate_device"),
        ({"estimate_device": nan}, "estimate_device"),
        ({"quality": None}, "quality"),
        ({"check_doubts": -0.1}, "check_doubts"),
        ({"device_ms": inf}, "device_ms"),
        ({"device_ms": 10**400}, "device_ms"),
        ({"device_ms": -1.0}, "device_ms"),
        ({"temperature_c": "hot"}, "temperature_c"),
        ({"kind": 3}, "kind"),
        ({"features": ["length"]}, "features"),
        ({"features": {"length": nan}}, "features"),
        ({"features": {"length": "long"}}, "features"),
    ],
)
def test_a_value_that_is_none_of_its_kind_is_refused(
    change: Mapping[str, object], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        of_plain({**LEAST, **change})


def test_signals_without_what_has_no_default_are_refused() -> None:
    with pytest.raises(ValueError, match="num_prompt_tokens"):
        of_plain({name: it for name, it in LEAST.items() if name != "num_prompt_tokens"})


def test_signals_can_be_told_apart_in_a_set() -> None:
    assert len({of_plain(LEAST), replace(of_plain(LEAST), features={"length": 1.0})}) == 2


def test_what_may_be_below_0_is_read_again() -> None:
    signals = of_plain({**LEAST, "budget_left_usd": "-0.5", "temperature_c": -12.5})

    assert (signals.budget_left_usd, signals.temperature_c) == (Decimal("-0.5"), -12.5)


PLAIN_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text()
    | st.sampled_from(["NaN", "-1", "Infinity", "1e99999", "9" * 80, "cloud", "prefer_device"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)
NAMES = st.sampled_from([it.name for it in fields(Signals)])


@given(st.dictionaries(NAMES, PLAIN_VALUES, min_size=1, max_size=4))
def test_damage_is_refused_or_can_be_decided_from(damage: Mapping[str, Any]) -> None:
    try:
        signals = of_plain({**LEAST, **damage})
    except ValueError:
        return
    with suppress(NoPlace):
        decide(signals)
    assert of_plain(as_plain(signals)) == signals


@given(PLAIN_VALUES)
def test_what_is_no_record_at_all_is_refused(plain: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        of_plain(plain)
