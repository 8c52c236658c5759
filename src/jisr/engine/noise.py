"""Gumbel noise as a pure function of seed, position and token.

Sampling from a distribution is taking the argmax of log-probability plus
Gumbel noise. With noise that depends on nothing else, a seed draws the same
noise whatever else runs beside it and however many passes it takes, and two
machines draw the same without a word between them. The logits may still differ
in their last bits with the shape of a pass (decision 0005).

Source: the Gumbel-max trick; shared-noise coupling as in Daliri, Musco, Suresh
2024, "Coupling without Communication", arXiv:2408.07978. The hash is the
finaliser of SplitMix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MASK = 2**64 - 1


def gumbel(seed: int, position: int, tokens: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return standard Gumbel noise for each token id, shape `(len(tokens),)`.

    Args:
        seed: Any integer; the low 64 bits count.
        position: Place of the token to be chosen in its sequence, from 0.
        tokens: Token ids.
    """
    return -np.log(-np.log(uniform(seed, position, tokens)))


def uniform(seed: int, position: int, tokens: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return the noise that `gumbel` is made of: as many numbers above 0 and below 1."""
    key = _mix_one(_mix_one(seed & MASK) ^ (position & MASK))
    bits = tokens.astype(np.uint64) ^ np.uint64(key)
    _mix(bits)
    bits >>= np.uint64(12)
    values = bits.astype(np.float64)
    values += 0.5
    values *= 2.0**-52
    return values


def _mix(x: npt.NDArray[np.uint64]) -> None:
    """Mix each number in its place."""
    x += np.uint64(0x9E3779B97F4A7C15)
    x ^= x >> np.uint64(30)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)


def _mix_one(x: int) -> int:
    x = (x + 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)
