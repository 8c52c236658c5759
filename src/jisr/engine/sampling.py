"""Choosing the next token from one row of logits.

Temperature first, then top-k, min-p and top-p over the tempered distribution;
among the survivors the argmax of logit plus noise (see `noise`). Temperature 0
is the plain argmax, whatever the filters say.

Source: top-k, Fan et al. 2018, arXiv:1805.04833; top-p, Holtzman et al. 2020,
arXiv:1904.09751; min-p, Nguyen et al. 2024, arXiv:2407.01082.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from jisr.engine.llama import Logits
from jisr.engine.noise import gumbel, uniform
from jisr.errors import EngineError
from jisr.types import Sampling

Ids = npt.NDArray[np.int64]
NEGLIGIBLE = 30.0
"""Tokens whose tempered logit is this far below the best (e^-30) are never drawn."""
LIKELY = (1e-3, 1e-5, 0.0)
"""Probabilities relative to the best; the tokens above the first are looked at first."""
ROUNDING = 1e-9
"""More than the error of two logarithms."""
GROUP = 64
"""Tokens of one group when the k-th largest logit is bounded from below."""


def refuse_not_finite(logits: Logits, whose: str = "model") -> None:
    """Refuse logits, one row or several, from which nothing can be chosen.

    Args:
        logits: What a pass computed.
        whose: Who made them, for people.

    Raises:
        EngineError: Their largest is no finite number.
    """
    if not np.isfinite(logits.max()):
        raise EngineError(
            f"The {whose}'s numbers are not finite: its weights may be damaged. "
            "`jisr models verify` tells."
        )


def choose(logits: Logits, sampling: Sampling, *, seed: int, position: int) -> int:
    """Return the next token.

    Args:
        logits: One row, `(vocab,)`; -inf rules a token out.
        sampling: How to choose; its `seed` is not read.
        seed: Seed of the noise.
        position: Place of the token in its sequence, from 0.
    """
    if sampling.temperature == 0:
        return int(logits.argmax())
    ids = survivors(logits, sampling)
    bar = float(logits.max()) + sampling.temperature * math.log(LIKELY[0])
    is_likely = logits[ids] >= bar
    likely = ids[is_likely]
    best = _noisy(logits, likely, sampling, seed, position).max()
    if likely.size < ids.size:
        # what is not likely wins by great noise only, and few have that: no logarithm for the rest
        needed = math.exp(-math.exp(math.log(LIKELY[0]) - best)) * (1 - ROUNDING)
        others = ids[~is_likely]
        lucky = others[uniform(seed, position, others) >= needed]
        likely = np.sort(np.concatenate((likely, lucky)))
    return int(likely[_noisy(logits, likely, sampling, seed, position).argmax()])


def _noisy(
    logits: Logits, ids: Ids, sampling: Sampling, seed: int, position: int
) -> npt.NDArray[np.float64]:
    tempered = (logits[ids].astype(np.float64) - float(logits.max())) / sampling.temperature
    return tempered + gumbel(seed, position, ids)


def survivors(logits: Logits, sampling: Sampling) -> Ids:
    """Return the ids of the tokens that the filters leave, in rising order; at least one."""
    floor = float(logits.max()) - NEGLIGIBLE * sampling.temperature
    if 0 < sampling.top_k < logits.size:
        floor = max(floor, _lower_bound_of_kth(logits, sampling.top_k))
    ids: Ids = np.flatnonzero(logits >= floor)
    if 0 < sampling.top_k < ids.size:
        ids = np.sort(ids[np.argsort(-logits[ids], kind="stable")[: sampling.top_k]])
    if sampling.min_p == 0 and sampling.top_p == 1:
        return ids
    best = float(logits.max())
    weights = np.exp((logits[ids].astype(np.float64) - best) / sampling.temperature)
    keep = weights >= sampling.min_p
    if sampling.top_p < 1:
        keep &= _nucleus(weights, sampling.top_p)
    return ids[keep]


def _nucleus(weights: npt.NDArray[np.float64], top_p: float) -> npt.NDArray[np.bool_]:
    """Return which weights, from the largest on, are needed to reach a share of their sum."""
    needed = top_p * weights.sum()
    for bound in LIKELY:  # mostly the first few are all it takes
        likely = np.flatnonzero(weights >= bound)
        if weights[likely].sum() >= needed:
            break
    order = likely[np.argsort(-weights[likely], kind="stable")]
    sorted_weights = weights[order]
    before = np.cumsum(sorted_weights) - sorted_weights
    before[0] = -1.0  # the likeliest always stays
    keep = np.zeros(weights.size, np.bool_)
    keep[order[before < needed]] = True
    return keep


def log_probabilities(logits: Logits, ids: Ids) -> npt.NDArray[np.float64]:
    """Return the natural-log probability of each id under the model, before any filter."""
    top = logits.max()
    log_sum = float(top) + np.log(np.exp(logits - top).sum(dtype=np.float64))
    values: npt.NDArray[np.float64] = logits[ids].astype(np.float64) - log_sum
    return values


def likeliest(logits: Logits, count: int) -> Ids:
    """Return the ids of the `count` largest logits, largest first."""
    count = min(count, logits.size)
    if not count:
        return np.empty(0, np.int64)
    ids: Ids = np.flatnonzero(logits >= _lower_bound_of_kth(logits, count))
    return ids[np.argsort(-logits[ids], kind="stable")[:count]]


def _lower_bound_of_kth(logits: Logits, k: int) -> float:
    """Return a number that at least `k` logits reach.

    The k-th largest of the maxima of disjoint groups is such a number, and far
    cheaper to find than the k-th largest logit itself.
    """
    num_groups = logits.size // GROUP
    if k > num_groups:
        return float(-np.inf)
    maxima = logits[: num_groups * GROUP].reshape(GROUP, num_groups).max(axis=0)
    return float(np.partition(maxima, num_groups - k)[num_groups - k])
