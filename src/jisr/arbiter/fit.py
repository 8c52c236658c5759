"""Logistic regression with a ridge, small enough to be read: features to a probability.

Source: iteratively reweighted least squares, as in Hastie, Tibshirani, Friedman 2009, "The
Elements of Statistical Learning", section 4.4.1, with a quadratic penalty (section 3.4.1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_STEPS = 50
CLOSE_ENOUGH = 1e-8
LEAST_WEIGHT = 1e-6
MOST_LOGIT = 30.0
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
    if not rows or len(rows) != len(is_right):
        raise ValueError("A fit wants rows, and as many outcomes.")
    names = tuple(sorted(rows[0]))
    values = np.array([[row[name] for name in names] for row in rows], dtype=np.float64)
    means, scales = values.mean(axis=0), values.std(axis=0)
    scales[scales < LEAST_WEIGHT] = 1.0
    standard = np.clip((values - means) / scales, -OUTLIER, OUTLIER)
    weights = _solve(standard, np.array(is_right, dtype=np.float64), ridge)
    return Logistic(
        names,
        tuple(means.tolist()),
        tuple(scales.tolist()),
        tuple(weights[1:].tolist()),
        float(weights[0]),
    )


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
