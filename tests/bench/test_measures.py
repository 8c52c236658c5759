"""Each measure against a case that can be reckoned by hand, and against chance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.bench.measures import auroc, brier, calibration_error, curve, risk_over_coverage

WEAK = [True, False, False, True]
STRONG = [True, True, True, True]


def test_an_oracle_wins_the_whole_gap_with_the_calls_that_it_takes() -> None:
    found = curve([0.0, 1.0, 0.9, 0.1], WEAK, STRONG)

    assert found.accuracies.tolist() == [0.5, 0.75, 1.0, 1.0, 1.0]
    assert found.apgr == pytest.approx((0.25 + 0.75 + 1.0 + 1.0) / 4)
    assert (found.cpt(0.5), found.cpt(0.8)) == (0.25, 0.5)


def test_the_wrong_order_wins_last() -> None:
    assert curve([1.0, 0.0, 0.1, 0.9], WEAK, STRONG).apgr == pytest.approx(0.25)


def test_a_share_of_calls_wins_a_share_of_the_gap_and_has_its_price() -> None:
    found = curve([0.0, 1.0, 0.9, 0.1], WEAK, STRONG, [4.0, 1.0, 3.0, 8.0])

    assert (found.pgr(0.25), found.pgr(0.5)) == (0.5, 1.0)
    assert found.cost_per_right(0.0) == 0.0
    assert found.cost_per_right(0.5) == pytest.approx((1 + 3) / 4)
    assert found.cost_per_right(1.0) == pytest.approx((1 + 3 + 4 + 8) / 4)


def test_without_prices_or_right_answers_nothing_is_said_of_costs() -> None:
    assert curve([0.0], [False], [True]).cost_per_right(1.0) is None
    assert curve([0.0], [False], [False], [1.0]).cost_per_right(1.0) is None


def test_one_score_for_all_is_chance() -> None:
    assert curve([3.0] * 4, WEAK, STRONG).apgr == pytest.approx(0.5)


def test_a_cloud_that_is_no_better_has_no_gap_to_win() -> None:
    found = curve([0.0, 1.0], [True, False], [False, True])

    assert (found.apgr, found.cpt(0.5)) == (None, None)


def test_ties_count_half() -> None:
    assert auroc([0.2, 0.2, 0.9], [False, True, True]) == pytest.approx(0.75)
    assert auroc([1.0, 1.0], [False, True]) == 0.5


def test_without_both_outcomes_nothing_is_told_apart() -> None:
    assert auroc([0.1, 0.2], [True, True]) is None
    assert auroc([], []) is None


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_it_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[int, bool]]) -> None:
    right = [score for score, is_right in rows if is_right]
    wrong = [score for score, is_right in rows if not is_right]
    pairs = [(a > b) + 0.5 * (a == b) for a in right for b in wrong]

    found = auroc([score for score, _ in rows], [is_right for _, is_right in rows])

    assert found == (pytest.approx(np.mean(pairs)) if pairs else None)


def test_what_comes_true_as_often_as_said_has_no_error() -> None:
    chances = [0.25] * 100
    is_right = [number % 4 == 0 for number in range(100)]

    assert calibration_error(chances, is_right) < 0.06
    assert calibration_error([0.9] * 100, [False] * 100) == pytest.approx(0.9)
    assert brier([1.0, 0.0], [True, False]) == 0.0
    assert brier([0.5], [True]) == 0.25


def test_the_surest_are_given_first() -> None:
    found = risk_over_coverage([0.9, 0.1, 0.5], [True, False, False])

    assert found == [(1 / 3, 0.0), (2 / 3, 0.5), (1.0, pytest.approx(2 / 3))]
