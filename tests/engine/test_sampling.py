import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.engine.llama import Logits
from jisr.engine.noise import gumbel
from jisr.engine.sampling import choose, likeliest, log_probabilities, survivors
from jisr.types import Sampling

# rounded: two that differ by less than a probability can show are in no order to be held to
ROUNDED = st.floats(-40, 40).map(lambda value: round(value, 4))
VALUES = st.one_of(st.sampled_from([-math.inf, -4.0, 0.0, 0.5, 1.0, 9.0]), ROUNDED)
ROWS = st.lists(VALUES, min_size=1, max_size=300).filter(lambda row: max(row) > -math.inf)
SAMPLINGS = st.builds(
    Sampling,
    temperature=st.floats(0.01, 5) | st.sampled_from([1.0, 1e-300, 5e-324]),
    top_k=st.integers(0, 20) | st.just(10**9),
    top_p=st.floats(0.01, 1) | st.sampled_from([1.0, 5e-324]),
    min_p=st.floats(0, 1) | st.just(0.0),
)
NEAR = 1e-9
"""Tokens this near to a threshold may fall on either side of it."""


def row(values: list[float]) -> Logits:
    return np.array(values, np.float32)


def slow_survivors(logits: Logits, sampling: Sampling, slack: float) -> set[int]:
    """The definition, one token at a time; `slack` moves every threshold."""
    best = float(logits.max())
    order = sorted(range(logits.size), key=lambda i: (-logits[i], i))
    order = order[: sampling.top_k or None]
    weights = {i: math.exp((float(logits[i]) - best) / sampling.temperature) for i in order}
    total = sum(weights.values())
    kept, before = {order[0]}, 0.0
    for i in order:
        is_likely = weights[i] >= max(sampling.min_p, math.exp(-30)) * (1 + slack)
        is_needed = sampling.top_p == 1 or before < sampling.top_p * total * (1 - slack)
        if is_likely and is_needed:
            kept.add(i)
        before += weights[i]
    return kept


@given(ROWS, SAMPLINGS)
def test_the_filters_leave_what_their_definitions_say(
    values: list[float], sampling: Sampling
) -> None:
    ids = survivors(row(values), sampling).tolist()

    assert ids == sorted(set(ids))
    assert slow_survivors(row(values), sampling, NEAR) <= set(ids)
    assert set(ids) <= slow_survivors(row(values), sampling, -NEAR)


@given(ROWS, st.integers(0, 2**63 - 1), st.integers(0, 4096))
def test_temperature_zero_takes_the_likeliest_whatever_the_filters_and_the_seed(
    values: list[float], seed: int, position: int
) -> None:
    sampling = Sampling(temperature=0, top_k=3, top_p=0.1, min_p=0.9)

    assert choose(row(values), sampling, seed=seed, position=position) == np.argmax(row(values))


@given(ROWS, SAMPLINGS, st.integers(0, 2**63 - 1), st.integers(0, 4096))
def test_the_chosen_token_is_one_that_survived_and_the_same_every_time(
    values: list[float], sampling: Sampling, seed: int, position: int
) -> None:
    first, second = (choose(row(values), sampling, seed=seed, position=position) for _ in range(2))

    assert first == second
    assert first in survivors(row(values), sampling)


@given(st.integers(0, 2**32), st.floats(0.05, 5), st.floats(0.1, 12))
def test_looking_at_the_likely_first_changes_no_choice(
    seed: int, temperature: float, spread: float
) -> None:
    logits = (np.random.default_rng(seed).standard_normal(3000) * spread).astype(np.float32)
    sampling = Sampling(temperature=temperature)
    ids = survivors(logits, sampling)
    tempered = (logits[ids].astype(float) - float(logits.max())) / temperature
    everything = tempered + gumbel(seed, 5, ids)

    assert choose(logits, sampling, seed=seed, position=5) == ids[everything.argmax()]


@given(ROWS, st.integers(0, 400))
def test_the_likeliest_come_in_order_and_equals_by_id(values: list[float], count: int) -> None:
    logits = row(values)
    expected = sorted(range(logits.size), key=lambda i: (-logits[i], i))[:count]

    assert likeliest(logits, count).tolist() == expected


@given(ROWS)
def test_probabilities_sum_to_one(values: list[float]) -> None:
    logprobs = log_probabilities(row(values), np.arange(len(values)))

    assert math.fsum(np.exp(logprobs)) == pytest.approx(1, abs=1e-5)
    assert (logprobs <= 1e-6).all()


LOGITS = row([1.0, 0.0, -0.5, 2.0, 1.0, -math.inf, -3.0])


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(temperature=1),
        Sampling(temperature=0.6),
        Sampling(temperature=2.5),
        Sampling(temperature=1, top_k=3),
        Sampling(temperature=1, top_p=0.8),
        Sampling(temperature=1.5, min_p=0.2),
    ],
    ids=str,
)
def test_draws_follow_the_tempered_softmax_of_the_survivors(sampling: Sampling) -> None:
    num_draws = 12_000
    ids = survivors(LOGITS, sampling)
    weights = np.exp(LOGITS[ids].astype(float) / sampling.temperature)
    expected = num_draws * weights / weights.sum()
    drawn = [choose(LOGITS, sampling, seed=2024, position=i) for i in range(num_draws)]
    counts = np.bincount(drawn, minlength=LOGITS.size)

    assert set(np.flatnonzero(counts)) <= set(ids.tolist())
    statistic = ((counts[ids] - expected) ** 2 / expected).sum()
    freedom = ids.size - 1
    assert statistic < freedom + 5 * math.sqrt(2 * freedom) + 5  # chi-square, far in the tail


def test_a_vocabulary_of_real_size_keeps_exactly_k() -> None:
    logits = np.random.default_rng(3).standard_normal(151_936).astype(np.float32)
    for k in (1, 40, 2_000, 5_000):
        expected = np.sort(np.argsort(-logits, kind="stable")[:k])
        assert (survivors(logits, Sampling(temperature=5, top_k=k)) == expected).all()
