"""Choosing the next token from one row of logits.

Temperature first, then top-k, min-p and top-p over the tempered distribution;
among the survivors the argmax of logit plus noise (see `noise`). Temperature 0
is the plain argmax, whatever the filters say.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jisr.engine.llama import Logits
from jisr.engine.noise import gumbel
from jisr.types import Sampling

Ids = npt.NDArray[np.int64]
NEGLIGIBLE = 30.0
"""Tokens whose tempered logit is this far below the best (e^-30) are never drawn."""
GROUP = 64
"""Tokens of one group when the k-th largest logit is bounded from below."""


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
    tempered = _tempered(logits[ids], sampling.temperature)
    return int(ids[(tempered + gumbel(seed, position, ids)).argmax()])


def survivors(logits: Logits, sampling: Sampling) -> Ids:
    """Return the ids of the tokens that the filters leave, in rising order; at least one."""
    floor = float(logits.max()) - NEGLIGIBLE * sampling.temperature
    if 0 < sampling.top_k < logits.size:
        floor = max(floor, _lower_bound_of_kth(logits, sampling.top_k))
    ids: Ids = np.flatnonzero(logits >= floor)
    order = ids[np.argsort(-logits[ids], kind="stable")]
    if sampling.top_k:
        order = order[: sampling.top_k]
    weights = np.exp(_tempered(logits[order], sampling.temperature))
    keep = weights >= sampling.min_p
    if sampling.top_p < 1:
        before = np.cumsum(weights) - weights
        keep &= before < sampling.top_p * weights.sum()
    keep[0] = True
    return np.sort(order[keep])


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


def _tempered(logits: Logits, temperature: float) -> npt.NDArray[np.float64]:
    """Return the tempered logits relative to the largest: however cold, none is infinite."""
    return (logits.astype(np.float64) - float(logits.max())) / temperature


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
