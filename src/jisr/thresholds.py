"""How sure the device must be of an answer for it to be given: from a risk, by kind.

The share of wrong answers among those given stays below the risk (Learn-then-Test, see
`guard.risk_control`). Of a question about a text that is given, a wrong answer is one that the
text does not tell; how often the device's wording of what it tells is right is its confidence,
and not what is promised. Besides, of the questions that a text does not answer at most one in
eight is answered, by the quantile of how likely such texts seemed to tell: a set that happens to
hold few of them must not loosen that.

Source: the quantile is that of split conformal prediction within a class, Vovk, Gammerman,
Shafer 2005, "Algorithmic Learning in a Random World"; Angelopoulos, Bates 2021, arXiv:2107.07511.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, nextafter
from statistics import fmean

from jisr.arbiter.calibration import Calibration, Proof
from jisr.guard.risk_control import least_confidence
from jisr.question import TaskKind

DELTA = 0.01
"""Probability with which the risk may be larger than was set all the same."""
UNANSWERABLE_ANSWERED = 0.125
"""Share of questions that a text does not answer of which answers may be given."""


@dataclass(frozen=True, slots=True)
class CheckShares:
    """Which share of answers of a kind the check withdraws, each 0 to 1."""

    catches: float
    """Of the wrong ones."""
    doubts: float
    """Of the right ones."""


def thresholds(calibration: Calibration | None, risk: float) -> Mapping[TaskKind, float | None]:
    """Return the least confidence of each kind that was calibrated."""
    kinds = calibration.kinds if calibration else {}
    return {kind: threshold(kind, found.proofs, risk) for kind, found in kinds.items()}


def threshold(kind: TaskKind, proofs: Sequence[Proof], risk: float) -> float | None:
    """Return the least confidence at which an answer of a kind is given.

    Returns:
        None: there is none at which the risk is kept; nothing of that kind is given.
    """
    if _is_of_texts(kind, proofs):
        return _of_texts(proofs, risk)
    confidences = [proof.confidence for proof in proofs]
    is_right = [proof.is_right for proof in proofs]
    return least_confidence(confidences, is_right, risk=risk, delta=DELTA)


def check_shares(calibration: Calibration | None, risk: float) -> Mapping[TaskKind, CheckShares]:
    """Return what the check withdraws of each kind that was calibrated, by its threshold.

    What rules withdraw besides (an empty answer, one that was cut off) is not counted.
    """
    kinds = calibration.kinds if calibration else {}
    return {
        kind: shares_of(kind, found.proofs, threshold(kind, found.proofs, risk))
        for kind, found in kinds.items()
    }


def shares_of(kind: TaskKind, proofs: Sequence[Proof], least: float | None) -> CheckShares:
    """Return which shares of a kind's answers are below a threshold.

    Args:
        kind: Of the questions.
        proofs: Known answers.
        least: The threshold; None: nothing is given.
    """
    if least is None:
        return CheckShares(1.0, 1.0)
    by_support = _is_of_texts(kind, proofs)
    sure = [(proof.support or 0.0) if by_support else proof.confidence for proof in proofs]
    is_below = [value < least for value in sure]
    told = list(zip(proofs, is_below, strict=True))
    # where none is right, or none is wrong, nothing tells these from the others
    usual = _share(is_below, 0.0)
    wrong = (below for proof, below in told if not proof.is_right)
    right = (below for proof, below in told if proof.is_right)
    return CheckShares(_share(wrong, usual), _share(right, usual))


def _share(values: Iterable[bool], otherwise: float) -> float:
    found = list(values)
    return fmean(found) if found else otherwise


def _is_of_texts(kind: TaskKind, proofs: Sequence[Proof]) -> bool:
    """Whether answers are held to how likely a text tells them, instead of their confidence."""
    return (
        kind is TaskKind.GROUNDED and bool(proofs) and all(it.support is not None for it in proofs)
    )


def _of_texts(proofs: Sequence[Proof], risk: float) -> float | None:
    """Return how likely a text must be to tell something for an answer from it to be given."""
    support = [proof.support or 0.0 for proof in proofs]
    is_answerable = [proof.is_answerable for proof in proofs]
    least = least_confidence(support, is_answerable, risk=risk, delta=DELTA)
    without = [value for value, tells in zip(support, is_answerable, strict=True) if not tells]
    if least is None or not without:
        return least
    return max(least, _quantile(without, 1 - UNANSWERABLE_ANSWERED))


def _quantile(values: Sequence[float], share: float) -> float:
    """Return the least number that one more value is below with probability `share`."""
    ranked = sorted(values)
    at = ceil((len(ranked) + 1) * share)
    return nextafter(ranked[at - 1], 2.0) if at <= len(ranked) else 2.0
