"""What nearness to known questions adds to what is expected of a question before its answer.

Among vectors of questions there is a direction from those that a model got right to those that it
got wrong: a regression on all of them together, which is a likeness to each, weighed. How far a
question lies that way is one more feature, `readers.similarity`. The direction is kept, none of
the vectors: from a vector a text can be guessed in part, from a sum of hundreds none can.

It is kept of a kind only where it tells questions better that it did not learn from. To learn how
far it can be trusted, each question is measured by a direction that is made of other questions.
The direction does not know how many were right, or a fold's share of right answers, which differs
from that of the others, would tell of the fold itself.

Source: ridge regression in its dual form, Saunders, Gammerman, Vovk 1998, "Ridge Regression
Learning Algorithm in Dual Variables"; routing by likeness to known questions, Ong et al. 2024,
"RouteLLM", arXiv:2406.18665, section 4.2; features out of fold, Wolpert 1992, "Stacked
Generalization".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from statistics import fmean

import numpy as np

from jisr.arbiter.fit import Logistic, fit_best
from jisr.arbiter.folds import NUM_FOLDS, folds
from jisr.arbiter.readers.similarity import NEAR_HARD, NEAR_HARD_CLOUD, Direction, Vectors

RIDGE = 1.0
NUM_PARTS = 5
"""Of what a regression learns from, for the direction by which each of them is measured."""
NUM_SPLITS = 3
"""By which it is seen whether nearness tells more; one alone is luck."""
LEAST_GAIN = 0.005
"""Of the mean logarithm of what came true, for it to be kept."""

Features = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class NearModel:
    """What is expected of one model where nearness is read beside the other features."""

    direction: Direction
    """To what is hard for it."""
    model: Logistic


@dataclass(frozen=True, slots=True)
class Near:
    """What was learned of one kind of question with nearness."""

    device: NearModel
    cloud: NearModel | None
    """None: of most questions of this kind the cloud was not asked."""

    @property
    def directions(self) -> dict[str, Direction]:
        """Return the ways to what is hard, by the names of the features that tell how far."""
        found = {NEAR_HARD: self.device.direction}
        return {**found, NEAR_HARD_CLOUD: self.cloud.direction} if self.cloud else found


def direction_of(vectors: Vectors, is_right: Sequence[bool]) -> Direction:
    """Return the way to what is hard.

    Args:
        vectors: Unit vectors, shape `(n, dimensions)`, at least one.
        is_right: Whether each was got right.
    """
    values = vectors.astype(np.float64)
    wrong = 1.0 - np.array(is_right, dtype=np.float64)
    centre = values.mean(axis=0)
    away = values - centre
    shares = np.linalg.solve(away @ away.T + RIDGE * np.eye(len(away)), wrong - wrong.mean())
    weights = away.T @ shares
    return Direction(tuple(weights.tolist()), float(centre @ weights))


def others_nearness(vectors: Vectors, is_right: Sequence[bool], seed: int) -> list[float]:
    """Return how far each question lies towards what is hard, by others of them alone."""
    found = np.zeros(len(vectors))
    for held in folds(len(vectors), seed, min(NUM_PARTS, len(vectors))):
        inside = sorted(held)
        others = [at for at in range(len(vectors)) if at not in held]
        if others:
            direction = direction_of(vectors[others], [is_right[at] for at in others])
            found[inside] = direction.along(vectors[inside])
    return [float(value) for value in found]


def fit_near(
    rows: Sequence[Features], vectors: Vectors, is_right: Sequence[bool], name: str, seed: int
) -> NearModel:
    """Return the regression of what was right on features and on nearness.

    Args:
        rows: Features of each question.
        vectors: Its unit vector, shape `(n, dimensions)`.
        is_right: Whether a model was right.
        name: Of the feature that is added.
        seed: Chooses which others a question is measured by.
    """
    near = others_nearness(vectors, is_right, seed)
    told = [{**row, name: value} for row, value in zip(rows, near, strict=True)]
    return NearModel(direction_of(vectors, is_right), fit_best(told, is_right))


def tells_more(
    rows: Sequence[Features], vectors: Vectors, is_right: Sequence[bool], name: str, seed: int
) -> bool:
    """Return whether nearness tells questions better that it did not learn from."""
    gains = [
        _loss(held_out(rows, None, is_right, name, seed + split), is_right)
        - _loss(held_out(rows, vectors, is_right, name, seed + split), is_right)
        for split in range(NUM_SPLITS)
    ]
    return fmean(gains) >= LEAST_GAIN


def held_out(
    rows: Sequence[Features],
    vectors: Vectors | None,
    is_right: Sequence[bool],
    name: str,
    seed: int,
) -> list[float]:
    """Return the probability of each question by what the other folds teach.

    Args:
        rows: Features of each question.
        vectors: Their unit vectors; None: nearness is not read.
        is_right: What is learned.
        name: Of the feature that is added.
        seed: Chooses folds, and which others a question is measured by.
    """
    found = [0.0] * len(rows)
    for held in folds(len(rows), seed, NUM_FOLDS):
        kept = [at for at in range(len(rows)) if at not in held]
        some, right = [rows[at] for at in kept], [is_right[at] for at in kept]
        inside = sorted(held)
        told: list[Features] = [rows[at] for at in inside]
        if vectors is None:
            model = fit_best(some, right)
        else:
            near = fit_near(some, vectors[kept], right, name, seed)
            model = near.model
            far = near.direction.along(vectors[inside])
            told = [{**row, name: float(value)} for row, value in zip(told, far, strict=True)]
        for at, row in zip(inside, told, strict=True):
            found[at] = model.probability(row)
    return found


def _loss(chances: Sequence[float], is_right: Sequence[bool]) -> float:
    pairs = zip(chances, is_right, strict=True)
    return float(np.mean([-log(chance if right else 1 - chance) for chance, right in pairs]))
