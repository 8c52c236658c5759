"""How good scores are: of routing, of confidence, of abstaining.

Source: PGR, APGR and CPT of Ong et al. 2024, "RouteLLM", arXiv:2406.18665; expected
calibration error of Naeini et al. 2015 with bins of equal numbers; the rest is common.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NUM_BINS = 10
LEAST_GAP = 1e-9


@dataclass(frozen=True, slots=True)
class Curve:
    """Accuracy for every share of calls to the cloud, from none to all."""

    shares: Floats
    """Of turns that the cloud answers, 0 to 1, shape `(n + 1,)`."""
    accuracies: Floats
    """The same shape."""
    costs: Floats | None = None
    """What the cloud's answers cost for each question, in the mean over all; the same shape."""

    @property
    def gap(self) -> float:
        """By how much the cloud alone is better than the device alone."""
        return float(self.accuracies[-1] - self.accuracies[0])

    @property
    def recovered(self) -> Floats | None:
        """PGR: the share of the gap that is won; None where the cloud is no better."""
        if self.gap < LEAST_GAP:
            return None
        found: Floats = (self.accuracies - self.accuracies[0]) / self.gap
        return found

    @property
    def apgr(self) -> float | None:
        """Mean of PGR over all shares; chance alone has 0.5. None where the cloud is no better."""
        recovered = self.recovered
        return None if recovered is None else float(np.trapezoid(recovered, self.shares))

    def pgr(self, share: float) -> float | None:
        """Return the share of the gap that is won with a share of calls, 0 to 1."""
        recovered = self.recovered
        return None if recovered is None else float(np.interp(share, self.shares, recovered))

    def cost_per_right(self, share: float) -> float | None:
        """Return what the cloud's answers cost for each right answer, at a share of calls.

        Returns:
            None where costs are not known, or nothing is right.
        """
        if self.costs is None:
            return None
        accuracy = float(np.interp(share, self.shares, self.accuracies))
        return float(np.interp(share, self.shares, self.costs)) / accuracy if accuracy else None

    def cpt(self, share: float) -> float | None:
        """Return the least share of calls to the cloud that wins so much of the gap, 0 to 1."""
        recovered = self.recovered
        if recovered is None:
            return None
        return float(self.shares[np.argmax(recovered >= share - LEAST_GAP)])


def curve(
    scores: Sequence[float],
    weak_right: Sequence[bool],
    strong_right: Sequence[bool],
    costs: Sequence[float] | None = None,
) -> Curve:
    """Return what routing by a score gives: the highest scores go to the cloud first.

    Questions with the same score are taken together, as if in the mean of all their orders.

    Args:
        scores: One for each question.
        weak_right: Whether the device is right.
        strong_right: Whether the cloud is.
        costs: What the cloud's answer costs; None: not known.
    """
    gains = np.array(strong_right, dtype=np.float64) - np.array(weak_right, dtype=np.float64)
    num_rows = len(gains)
    return Curve(
        np.linspace(0.0, 1.0, num_rows + 1),
        (np.sum(weak_right) + _summed(scores, gains)) / num_rows,
        None if costs is None else _summed(scores, np.array(costs, dtype=np.float64)) / num_rows,
    )


def _summed(scores: Sequence[float], values: Floats) -> Floats:
    """Return the sums of the values of no question, of the first, the first two … by score."""
    ranked = np.array(scores, dtype=np.float64)
    order = np.argsort(-ranked, kind="stable")
    _, starts, counts = np.unique(-ranked[order], return_index=True, return_counts=True)
    means = np.add.reduceat(values[order], starts) / counts
    return np.concatenate([[0.0], np.cumsum(np.repeat(means, counts))])


def auroc(scores: Sequence[float], is_right: Sequence[bool]) -> float | None:
    """Return the probability that a right answer scores above a wrong one; ties count half.

    Returns:
        None where all answers are right, or all wrong.
    """
    right = np.array(is_right, dtype=bool)
    num_right, num_wrong = int(right.sum()), int((~right).sum())
    if not num_right or not num_wrong:
        return None
    _, place, counts = np.unique(np.array(scores), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    below = ranks[right].sum() - num_right * (num_right + 1) / 2
    return float(below / (num_right * num_wrong))


def calibration_error(chances: Sequence[float], is_right: Sequence[bool]) -> float:
    """Return by how much probabilities and what came true differ, in the mean over ten bins."""
    order = np.argsort(np.array(chances), kind="stable")
    error = 0.0
    for some in np.array_split(order, NUM_BINS):
        if some.size:
            said, came = np.array(chances)[some].mean(), np.array(is_right)[some].mean()
            error += abs(said - came) * some.size / order.size
    return float(error)


def brier(chances: Sequence[float], is_right: Sequence[bool]) -> float:
    """Return the mean square of the difference between a probability and what came true."""
    differences = np.array(chances) - np.array(is_right, dtype=np.float64)
    return float(np.mean(np.square(differences)))


def risk_over_coverage(
    confidences: Sequence[float], is_right: Sequence[bool]
) -> list[tuple[float, float]]:
    """Return for each share of answers that is given, the surest first, the share of wrong ones."""
    order = np.argsort(-np.array(confidences), kind="stable")
    wrong = np.cumsum(1.0 - np.array(is_right, dtype=np.float64)[order])
    numbers = np.arange(1, order.size + 1)
    return list(zip((numbers / order.size).tolist(), (wrong / numbers).tolist(), strict=True))
