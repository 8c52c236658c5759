"""The regression finds what the data hold, and no more."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jisr.arbiter.fit import Logistic, fit


def drawn(num_rows: int, *, seed: int = 7) -> tuple[list[dict[str, float]], list[bool]]:
    """Return rows where only `tells` tells, by a known law."""
    random = np.random.default_rng(seed)
    rows = [{"tells": float(a), "noise": float(b)} for a, b in random.normal(size=(num_rows, 2))]
    chances = [1 / (1 + np.exp(-(1.5 * row["tells"] - 0.5))) for row in rows]
    return rows, [bool(random.random() < chance) for chance in chances]


def test_what_tells_weighs_and_what_does_not_does_not() -> None:
    model = fit(*drawn(4000), ridge=1.0)

    weights = dict(zip(model.names, model.weights, strict=True))
    assert weights["tells"] == pytest.approx(1.5, abs=0.15)
    assert weights["noise"] == pytest.approx(0.0, abs=0.1)
    assert model.intercept == pytest.approx(-0.5, abs=0.15)


def test_the_probabilities_are_those_that_come_true() -> None:
    model = fit(*drawn(2000), ridge=1.0)
    rows, is_right = drawn(4000, seed=8)

    found = np.array([model.probability(row) for row in rows])
    for low in (0.1, 0.3, 0.5, 0.7):
        within = (found >= low) & (found < low + 0.2)
        assert np.mean(np.array(is_right)[within]) == pytest.approx(found[within].mean(), abs=0.06)


def test_without_anything_right_the_probability_is_small_and_not_zero() -> None:
    rows, _ = drawn(200)

    model = fit(rows, [False] * len(rows), ridge=1.0)

    assert 0 < model.probability(rows[0]) < 0.02


def test_a_strong_ridge_leaves_the_mean() -> None:
    rows, is_right = drawn(500)

    model = fit(rows, is_right, ridge=1e9)

    assert model.probability(rows[0]) == pytest.approx(np.mean(is_right), abs=0.01)


def test_a_feature_that_is_missing_is_taken_for_usual() -> None:
    model = Logistic(("a",), (2.0,), (1.0,), (3.0,), 0.0)

    assert model.probability({}) == model.probability({"a": 2.0}) == 0.5


def test_an_outlier_counts_as_far_and_no_farther() -> None:
    model = Logistic(("a",), (0.0,), (1.0,), (1.0,), 0.0)

    assert model.probability({"a": 1e12}) == model.probability({"a": 5.0})


def test_nothing_teaches_nothing() -> None:
    with pytest.raises(ValueError, match="rows"):
        fit([], [], ridge=1.0)
    with pytest.raises(ValueError, match="outcomes"):
        fit([{"a": 1.0}], [True, False], ridge=1.0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-1e9, 1e9), st.floats(-1, 1), st.booleans()), min_size=1, max_size=30
    )
)
def test_whatever_it_is_given_it_says_a_probability(
    rows: list[tuple[float, float, bool]],
) -> None:
    features = [{"a": a, "b": b} for a, b, _ in rows]

    model = fit(features, [is_right for _, _, is_right in rows], ridge=4.0)

    assert all(0 < model.probability(row) < 1 for row in features)
