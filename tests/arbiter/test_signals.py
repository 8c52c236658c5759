import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.arbiter.signals import Signals, as_plain, of_plain
from jisr.question import TaskKind
from jisr.types import Place, Wish

SHARES = st.floats(0, 1)
AMOUNTS = st.decimals(0, 9, places=6)
SIGNALS = st.builds(
    Signals,
    wish=st.sampled_from(Wish),
    cost_usd=st.none() | AMOUNTS,
    budget_left_usd=st.none() | AMOUNTS,
    failed_places=st.frozensets(st.sampled_from(Place)),
    kind=st.sampled_from(TaskKind),
    features=st.dictionaries(st.sampled_from(["length", "figures"]), SHARES),
    estimate_device=st.none() | SHARES,
    estimate_cloud=st.none() | SHARES,
    estimate_reason=st.none() | st.sampled_from(["not calibrated", "غير معاير"]),
    quality=SHARES,
    on_battery=st.none() | st.booleans(),
    withdrawn=st.booleans(),
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


@given(SIGNALS)
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
        ({"cost_usd": "much"}, "no signals"),
        ({"failed_places": 3}, "no signals"),
        ({"failed_places": ["moon"]}, "moon"),
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
