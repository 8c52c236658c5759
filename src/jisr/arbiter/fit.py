"""Logistic regression with a ridge, small enough to be read: features to a probability.

Source: iteratively reweighted least squares, as in Hastie, Tibshirani, Friedman 2009, "The
Elements of Statistical Learning", section 4.4.1, with a quadratic penalty (section 3.4.1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_STEPS = 50
CLOSE_ENOUGH = 1e-8
LEAST_WEIGHT = 1e-6
MOST_LOGIT = 30.0
RIDGES = (8.0, 64.0, 512.0)
"""Penalties of which the best is taken."""
NUM_PARTS = 4
OUTLIER = 4.0
"""Standard deviations beyond which a feature is taken for that far and no farther."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """A weighted sum of features, as a probability."""

    names: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float

    def __post_init__(self) -> None:
        """Refuse what gives no probability.

        Raises:
            ValueError: Lists differ in length, a number is not finite, or a scale not above 0.
        """
        numbers = (self.means, self.scales, self.weights)
        if any(len(it) != len(self.names) for it in numbers):
            raise ValueError("a regression with lists of different lengths")
        if not all(isfinite(value) for it in numbers for value in it) or not isfinite(
            self.intercept
        ):
            raise ValueError("a regression with a number that is not finite")
        if any(scale <= 0 for scale in self.scales):
            raise ValueError("a regression with a scale that is not above 0")

    def weight(self, name: str) -> float:
        """Return the weight of a feature for each of its standard deviations; 0: it is not read."""
        return dict(zip(self.names, self.weights, strict=True)).get(name, 0.0)

    def probability(self, features: Mapping[str, float]) -> float:
        """Return the probability, above 0 and below 1; a feature that is missing is usual."""
        logit = self.intercept
        for name, mean, scale, weight in zip(
            self.names, self.means, self.scales, self.weights, strict=True
        ):
            away = (features.get(name, mean) - mean) / scale
            logit += weight * max(-OUTLIER, min(OUTLIER, away))
        return float(_sigmoid(np.array(logit)))


def fit(rows: Sequence[Mapping[str, float]], is_right: Sequence[bool], *, ridge: float) -> Logistic:
    """Return the regression of what was right on features.

    Args:
        rows: Features by name; all have the names of the first.
        is_right: One for each row.
        ridge: Penalty on the squared weights of standardised features; above 0.

    Raises:
        ValueError: There are no rows, or not as many as outcomes.
    """
    names, values, outcomes = _arrays(rows, is_right)
    return _fitted(names, values, outcomes, ridge)


def fit_best(rows: Sequence[Mapping[str, float]], is_right: Sequence[bool]) -> Logistic:
    """Return the regression with the penalty that tells rows best which it did not learn from.

    Where features tell nothing the strongest penalty is best, and the mean is what is left.

    Raises:
        ValueError: There are no rows, or not as many as outcomes.
    """
    names, values, outcomes = _arrays(rows, is_right)
    parts = np.arange(len(outcomes)) % NUM_PARTS
    losses = [0.0] * len(RIDGES)
    for at, ridge in enumerate(RIDGES):
        for part in range(min(NUM_PARTS, len(outcomes) - 1)):
            inside = parts != part
            model = _fitted(names, values[inside], outcomes[inside], ridge)
            losses[at] += _loss(model, values[~inside], outcomes[~inside])
    return _fitted(names, values, outcomes, RIDGES[int(np.argmin(losses))])


def _arrays(
    rows: Sequence[Mapping[str, float]], is_right: Sequence[bool]
) -> tuple[tuple[str, ...], Floats, Floats]:
    if not rows or len(rows) != len(is_right):
        raise ValueError("A fit wants rows, and as many outcomes.")
    names = tuple(sorted(rows[0]))
    values = np.array([[row[name] for name in names] for row in rows], dtype=np.float64)
    return names, values, np.array(is_right, dtype=np.float64)


def _fitted(names: tuple[str, ...], values: Floats, outcomes: Floats, ridge: float) -> Logistic:
    means, scales = values.mean(axis=0), values.std(axis=0)
    scales[scales < LEAST_WEIGHT] = 1.0
    standard = np.clip((values - means) / scales, -OUTLIER, OUTLIER)
    weights = _solve(standard, outcomes, ridge)
    return Logistic(
        names,
        tuple(means.tolist()),
        tuple(scales.tolist()),
        tuple(weights[1:].tolist()),
        float(weights[0]),
    )


def _loss(model: Logistic, values: Floats, outcomes: Floats) -> float:
    """Return the sum of the negative logarithms of what came true."""
    standard = (values - np.array(model.means)) / np.array(model.scales)
    logits = np.clip(standard, -OUTLIER, OUTLIER) @ np.array(model.weights) + model.intercept
    chances = _sigmoid(logits)
    return float(-np.log(np.where(outcomes > 0, chances, 1 - chances)).sum())


def _solve(standard: Floats, outcomes: Floats, ridge: float) -> Floats:
    """Return intercept and weights; half a right and half a wrong answer are added to the data."""
    design = np.hstack([np.ones((len(standard), 1)), standard])
    penalty = np.diag([0.0, *([ridge] * standard.shape[1])])
    smoothed = (outcomes * len(outcomes) + 0.5) / (len(outcomes) + 1.0)
    weights = np.zeros(design.shape[1])
    for _ in range(MOST_STEPS):
        chances = _sigmoid(design @ weights)
        spread = np.maximum(chances * (1 - chances), LEAST_WEIGHT)
        gradient = design.T @ (smoothed - chances) - penalty @ weights
        step = np.linalg.solve(design.T @ (design * spread[:, None]) + penalty, gradient)
        weights += step
        if np.abs(step).max() < CLOSE_ENOUGH:
            break
    return weights


def _sigmoid(logits: Floats) -> Floats:
    clipped = np.clip(logits, -MOST_LOGIT, MOST_LOGIT)
    found: Floats = 1 / (1 + np.exp(-clipped))
    return found
