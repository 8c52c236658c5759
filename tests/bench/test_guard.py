"""Confidence is held against what came true, and a set risk against what was realised."""

import pytest

from jisr.bench.asking import Timed
from jisr.bench.guard import RISKS, added_shares, figures, splits, tables
from jisr.bench.judged import Judged
from jisr.thresholds import threshold
from tests.bench.routed import judged_rows


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    return judged_rows(60)


@pytest.fixture(scope="module")
def found(judged: list[Judged]) -> dict[str, float]:
    return figures(judged, threshold, 0.3, seed=0)


def test_who_is_as_sure_as_right_is_told_apart(found: dict[str, float]) -> None:
    assert found["auroc"] > 0.6
    assert 0 <= found["ece"] < 0.15
    assert {"auroc_number", "auroc_short", "brier_grounded", "auroc_by_self_check"} <= found.keys()


def test_what_is_given_and_withheld_adds_up(found: dict[str, float]) -> None:
    assert 0 <= found["answerable_right_share"] <= found["answerable_answered_share"] <= 1
    assert 0 <= found["short_wrong_share"] <= found["short_given_share"] <= 1
    assert found["unanswerable_withheld_share"] >= 0.7


def test_the_set_risk_is_kept(found: dict[str, float]) -> None:
    assert found["risk_kept_share"] >= 0.95


def test_every_risk_is_tried_in_every_split(judged: list[Judged]) -> None:
    parted = splits([row for row in judged if row.row.kind == "short"], threshold, seed=0)

    assert len(parted) == 200 * len(RISKS)
    assert all(row["realised"] == 0 for row in parted if row["coverage"] == 0)


def test_the_tables_hold_risk_by_coverage_and_by_what_was_set(judged: list[Judged]) -> None:
    told = tables(judged, threshold, seed=0)

    assert {row["kind"] for row in told} >= {"all", "short", "grounded"}
    assert {row["measure"] for row in told} == {"coverage", "risk"}


def test_the_median_turn_says_what_is_added() -> None:
    turns = [("short", 100.0, 10.0), ("short", 1000.0, 20.0), ("number", 50.0, 40.0)]

    found = added_shares([Timed(*turn) for turn in turns])

    assert found["added_time_share"] == pytest.approx(0.1)
    assert found["added_time_share_number"] == pytest.approx(0.8)
    assert added_shares([]) == {}
