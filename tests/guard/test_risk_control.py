"""The share of wrong answers among those given, and whether it is kept."""

import random
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.guard.risk_control import least_confidence, tail

ROWS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=150)
RISKS = st.sampled_from([0.05, 0.1, 0.2, 0.3, 0.5])
DELTAS = st.sampled_from([0.01, 0.05, 0.2])


def least(rows: list[tuple[float, bool]], risk: float, delta: float) -> float | None:
    return least_confidence(
        [row[0] for row in rows], [row[1] for row in rows], risk=risk, delta=delta
    )


def drawn(random_numbers: random.Random, size: int) -> list[tuple[float, bool]]:
    """Answers with a confidence that is exactly how often such answers are right."""
    confidences = [0.2 + 0.79 * random_numbers.random() ** 0.8 for _ in range(size)]
    return [(it, random_numbers.random() < it) for it in confidences]


@given(st.integers(1, 60), st.data(), st.floats(0.01, 0.99))
def test_the_tail_is_the_sum_of_the_binomial_terms(
    num_given: int, draw: st.DataObject, risk: float
) -> None:
    num_wrong = draw.draw(st.integers(0, num_given))
    terms = (
        comb(num_given, count) * risk**count * (1 - risk) ** (num_given - count)
        for count in range(num_wrong + 1)
    )
    assert tail(num_wrong, num_given, risk) == pytest.approx(sum(terms))


@given(st.integers(0, 20_000), st.integers(0, 20_000), st.floats(0, 1))
def test_the_tail_is_a_probability_whatever_the_size(
    num_wrong: int, num_given: int, risk: float
) -> None:
    assert 0 <= tail(num_wrong, num_given, min(risk, 0.999)) <= 1


@given(ROWS, RISKS, DELTAS)
def test_few_of_the_known_answers_that_are_given_are_wrong(
    rows: list[tuple[float, bool]], risk: float, delta: float
) -> None:
    threshold = least(rows, risk, delta)
    shown = [
        right for confidence, right in rows if threshold is not None and confidence >= threshold
    ]
    assert shown.count(False) <= risk * len(shown)
    assert threshold is None or threshold in {confidence for confidence, _ in rows}


@given(ROWS, RISKS, DELTAS, st.randoms(use_true_random=False))
def test_the_order_of_the_answers_changes_nothing(
    rows: list[tuple[float, bool]], risk: float, delta: float, random_numbers: random.Random
) -> None:
    shuffled = list(rows)
    random_numbers.shuffle(shuffled)
    assert least(shuffled, risk, delta) == least(rows, risk, delta)


@given(ROWS, RISKS, DELTAS)
def test_only_the_order_of_the_confidences_counts(
    rows: list[tuple[float, bool]], risk: float, delta: float
) -> None:
    ranks = {value: rank for rank, value in enumerate(sorted({it for it, _ in rows}))}
    threshold = least(rows, risk, delta)
    by_rank = least([(float(ranks[it]), right) for it, right in rows], risk, delta)
    assert by_rank == (None if threshold is None else ranks[threshold])


def test_right_answers_are_given_and_wrong_ones_are_not() -> None:
    right = [(0.5 + number / 1000, True) for number in range(200)]
    wrong = [(0.4 - number / 1000, False) for number in range(200)]
    threshold = least(right + wrong, 0.1, 0.05)
    assert threshold is not None
    assert 0.38 < threshold <= 0.5
    assert least(wrong, 0.1, 0.05) is None


@pytest.mark.parametrize(("risk", "expected"), [(1.0, 0.0), (0.0, None)])
def test_of_the_ends_of_the_scale_all_or_nothing_is_given(
    risk: float, expected: float | None
) -> None:
    assert least([(0.9, True)] * 50, risk, 0.05) == expected


def test_too_few_known_answers_promise_nothing() -> None:
    assert least([(0.9, True)] * 10, 0.1, 0.05) is None
    assert least([], 0.1, 0.05) is None


@pytest.mark.parametrize(("risk", "delta"), [(-0.1, 0.1), (1.1, 0.1), (0.1, 0.0), (0.1, 1.0)])
def test_numbers_out_of_range_are_refused(risk: float, delta: float) -> None:
    with pytest.raises(ValueError, match="risk must be"):
        least([(0.9, True)], risk, delta)


def test_answers_without_a_confidence_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        least_confidence([0.5], [True, False], risk=0.1, delta=0.1)


@pytest.mark.parametrize("risk", [0.1, 0.2, 0.3])
def test_the_true_share_is_kept_but_for_delta(risk: float) -> None:
    random_numbers = random.Random(5)
    population = [it for it, _ in drawn(random_numbers, 2_000)]
    num_broken = 0
    for _ in range(200):
        threshold = least(drawn(random_numbers, 300), risk, 0.05)
        shown = [1 - it for it in population if threshold is not None and it >= threshold]
        num_broken += bool(shown) and sum(shown) / len(shown) > risk
    assert num_broken <= 0.05 * 200


@pytest.mark.parametrize("risk", [0.1, 0.2, 0.3])
def test_the_realised_share_on_the_other_half_is_kept(risk: float) -> None:
    random_numbers = random.Random(3)
    rows = drawn(random_numbers, 800)
    num_kept = 0
    for _ in range(200):
        random_numbers.shuffle(rows)
        known, other = rows[:400], rows[400:]
        threshold = least(known, risk, 0.01)
        shown = [right for it, right in other if threshold is not None and it >= threshold]
        num_kept += shown.count(False) <= risk * len(shown)
    assert num_kept >= 0.95 * 200
