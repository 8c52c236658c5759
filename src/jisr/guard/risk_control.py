"""The least confidence at which answers are given, so that few enough of them are wrong.

What is promised: where the answers to come are drawn as those were that are known (exchangeable:
the person's own traffic, the same model and the same calibration), and where less confident
answers are not more often right, the share of wrong answers among those given is at most the
risk, with a probability of at least 1 - delta over the draw of the known answers. What is not
promised: anything of other traffic, of one kind by a threshold of all kinds, or of a few answers:
of ten answers that are given, three may be wrong though the risk is 0.2.

How: from strict to lax, "more than the risk is wrong at this threshold" is tested by the exact
binomial tail, each test at the whole level until the first is not rejected (fixed-sequence
testing). With few answers above a threshold nothing can be rejected, so the sequence does not
begin with the strictest: it has several beginnings, at ranks that were fixed beforehand, among
which delta is divided; what a beginning did not use up goes on with the sequence.

Source: Learn-then-Test, Angelopoulos, Bates, Candès, Jordan, Lei 2021, arXiv:2110.01052
(fixed-sequence testing with several beginnings, section 3). Source: the setting, conformal risk
control, Angelopoulos, Bates, Fisch, Lei, Schuster 2022, arXiv:2208.02814. Source: passing on the
level, the fallback procedure, Wiens 2003, Pharmaceutical Statistics 2(3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from math import ceil, exp, lgamma, log, log1p

NEGLIGIBLE = 1e-17
"""Share of a sum below which the rest of it is left out."""
FIRST_SIZE = 1.5
"""Answers above the first threshold, in those that it takes if none of them is wrong."""
GROWTH = 2
"""How many times as many are above the next beginning."""
MOST_BEGINNINGS = 3


def least_confidence(
    confidences: Sequence[float], is_right: Sequence[bool], *, risk: float, delta: float
) -> float | None:
    """Return the least confidence at which an answer is given.

    Args:
        confidences: Of known answers, in any order; calibrated or not.
        is_right: Whether each of them was right.
        risk: Share of wrong answers among those given that is accepted, 0 to 1.
        delta: Probability with which the share may be larger all the same, above 0, below 1.

    Returns:
        A confidence; answers with that or more are given. None if there is none for which the
        promise holds: then no answer is given.

    Raises:
        ValueError: The two sequences differ in length, or a number is out of its range.
    """
    if len(confidences) != len(is_right):
        raise ValueError("each confidence needs its answer: the sequences differ in length")
    if not (0 <= risk <= 1 and 0 < delta < 1):
        raise ValueError("risk must be from 0 to 1, and delta between 0 and 1")
    if risk == 1:
        return 0.0
    starts = _beginnings(len(confidences), risk, delta)
    found: float | None = None
    level, num_begun, is_alive = 0.0, 0, False
    for confidence, num_given, num_wrong in _thresholds(confidences, is_right):
        num_due = sum(start <= num_given for start in starts)
        if num_due > num_begun:
            share = delta * (num_due - num_begun) / len(starts)
            level, num_begun, is_alive = (level if is_alive else 0.0) + share, num_due, True
        if is_alive:
            is_alive = tail(num_wrong, num_given, risk) <= level
            found = confidence if is_alive else found
    return found


def tail(num_wrong: int, num_given: int, risk: float) -> float:
    """Return the probability of no more wrong answers than those if each is wrong at that risk.

    The exact lower tail of the binomial distribution, 0 to 1.
    """
    if num_wrong >= num_given or risk <= 0:
        return 1.0
    odds = (1 - risk) / risk
    term = exp(
        lgamma(num_given + 1)
        - lgamma(num_wrong + 1)
        - lgamma(num_given - num_wrong + 1)
        + num_wrong * log(risk)
        + (num_given - num_wrong) * log1p(-risk)
    )
    total = term
    for count in range(num_wrong, 0, -1):
        step = count * odds / (num_given - count + 1)
        term *= step
        total += term
        if step < 1 and term < NEGLIGIBLE * total:
            break
    return min(1.0, total)


def _beginnings(num_known: int, risk: float, delta: float) -> list[int]:
    """Return how many answers are above the threshold of each beginning; it may be out of reach."""
    if risk <= 0:
        return [num_known + 1]
    least = ceil(FIRST_SIZE * log(delta) / log1p(-risk))
    sizes = [least * GROWTH**number for number in range(MOST_BEGINNINGS)]
    return [size for size in sizes if size <= num_known] or [least]


def _thresholds(
    confidences: Sequence[float], is_right: Sequence[bool]
) -> Iterator[tuple[float, int, int]]:
    """Yield each confidence from high to low, how many have it or more, and the wrong of those."""
    ordered = sorted(zip(confidences, is_right, strict=True), key=lambda it: -it[0])
    num_wrong = accumulate(not right for _, right in ordered)
    values = [confidence for confidence, _ in ordered]
    counts = list(zip(values, range(1, len(values) + 1), num_wrong, strict=True))
    for (value, num_given, wrong), (after, _, _) in pairwise([*counts, (-1.0, 0, 0)]):
        if value != after:
            yield value, num_given, wrong
