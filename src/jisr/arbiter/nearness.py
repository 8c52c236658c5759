"""What nearness to known questions adds to what is expected of a question before its answer.

Some questions that the device got wrong and some that it got right are kept as vectors, from which
a text can be guessed in part: a calibration of one's own stays at home. A question that is near to
them, by `readers.similarity`, is expected to fare alike. It is kept of a kind only where it tells
questions better that it did not learn from; and a question is never near to itself.

Source: Ong et al. 2024, "RouteLLM", arXiv:2406.18665, section 4.2, for routing by likeness.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from jisr.arbiter.fit import Logistic, fit_best
from jisr.arbiter.folds import NUM_FOLDS, folds
from jisr.arbiter.readers.similarity import Vectors, nearness

NUM_KEPT = 32
"""Questions of either sort, at most."""
LEAST_GAIN = 0.002
"""Of the mean logarithm of what came true, for it to be kept."""
NEAR_HARD, NEAR_EASY = "near_hard", "near_easy"

Features = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Known:
    """Questions as vectors, of which it is known how a model fared."""

    hard: Vectors
    """Unit vectors of those that it got wrong, shape `(n, dimensions)`."""
    easy: Vectors
    """The same of those that it got right."""


@dataclass(frozen=True, slots=True)
class Near:
    """What was learned of one kind of question with nearness beside its other features."""

    known: Known
    """By how the device fared."""
    device: Logistic
    cloud: Logistic | None
    """None: of most questions of this kind the cloud was not asked."""


def choose(vectors: Vectors, is_right: Sequence[bool], seed: int) -> tuple[list[int], list[int]]:
    """Return the rows that are kept of the wrong and of the right, by chance."""
    chance = random.Random(seed)
    wrong, right = (
        [at for at in range(len(vectors)) if is_right[at] is wanted] for wanted in (False, True)
    )
    return tuple(  # type: ignore[return-value]  # of two
        sorted(chance.sample(some, min(NUM_KEPT, len(some)))) for some in (wrong, right)
    )


def known_of(vectors: Vectors, is_right: Sequence[bool], seed: int) -> Known:
    """Return the questions that are kept."""
    hard, easy = choose(vectors, is_right, seed)
    return Known(vectors[hard], vectors[easy])


def near_features(vector: Vectors, known: Known) -> dict[str, float]:
    """Return how near a question is to those that were hard, and to those that were easy."""
    return {
        NEAR_HARD: nearness(vector, known.hard),
        NEAR_EASY: nearness(vector, known.easy),
    }


def own_features(vectors: Vectors, is_right: Sequence[bool], seed: int) -> list[dict[str, float]]:
    """Return the same of the very questions that some are kept of: none is held against itself."""
    hard, easy = choose(vectors, is_right, seed)
    return [
        {
            NEAR_HARD: nearness(vector, vectors[[it for it in hard if it != at]]),
            NEAR_EASY: nearness(vector, vectors[[it for it in easy if it != at]]),
        }
        for at, vector in enumerate(vectors)
    ]


def fit_near(
    rows: Sequence[Features],
    vectors: Vectors,
    is_right: Sequence[bool],
    known_right: Sequence[bool],
    seed: int,
) -> Logistic:
    """Return the regression of what was right on features and on nearness.

    Args:
        rows: Features of each question.
        vectors: Its unit vector, shape `(n, dimensions)`.
        is_right: What is learned.
        known_right: By which questions are hard or easy.
        seed: Chooses those that are kept.
    """
    near = own_features(vectors, known_right, seed)
    return fit_best([{**row, **more} for row, more in zip(rows, near, strict=True)], is_right)


def tells_more(
    rows: Sequence[Features], vectors: Vectors, is_right: Sequence[bool], seed: int
) -> bool:
    """Return whether nearness tells questions better that it did not learn from."""
    without = held_out(rows, None, is_right, seed)
    with_it = held_out(rows, vectors, is_right, seed)
    return _loss(without, is_right) - _loss(with_it, is_right) >= LEAST_GAIN


def held_out(
    rows: Sequence[Features], vectors: Vectors | None, is_right: Sequence[bool], seed: int
) -> list[float]:
    """Return the probability of each question by what the other folds teach.

    Args:
        rows: Features of each question.
        vectors: Their unit vectors; None: nearness is not read.
        is_right: What is learned.
        seed: Chooses folds, and the questions that are kept.
    """
    found = [0.0] * len(rows)
    for held in folds(len(rows), seed, NUM_FOLDS):
        kept = [at for at in range(len(rows)) if at not in held]
        some, right = [rows[at] for at in kept], [is_right[at] for at in kept]
        if vectors is None:
            model = fit_best(some, right)
            found = [
                model.probability(rows[at]) if at in held else it for at, it in enumerate(found)
            ]
            continue
        model = fit_near(some, vectors[kept], right, right, seed)
        known = known_of(vectors[kept], right, seed)
        for at in held:
            found[at] = model.probability({**rows[at], **near_features(vectors[at], known)})
    return found


def _loss(chances: Sequence[float], is_right: Sequence[bool]) -> float:
    pairs = zip(chances, is_right, strict=True)
    return float(np.mean([-log(chance if right else 1 - chance) for chance, right in pairs]))
