"""Which drafted tokens are the target's own: the accept rule of joint decoding.

Device and cloud draw the same noise without a word between them: it is a pure
function of (seed, position, token), see `engine.noise`. So the target's choice at
a position is a function of its logits there, and a draft is right or not. What is
committed is the target's choice each time, whatever was drafted: the output for a
seed does not depend on the drafter, the block lengths, the link or what was lost.

Source: shared-noise (Gumbel) coupling, Daliri, Musco, Suresh 2024,
arXiv:2408.07978; verifying a drafted block in one pass, Leviathan, Kalman, Matias
2022, arXiv:2211.17192.
"""

from __future__ import annotations

from collections.abc import Sequence

from jisr.engine.llama import Logits
from jisr.engine.sampling import choose
from jisr.types import Sampling


def judge(
    rows: Logits, drafted: Sequence[int], sampling: Sampling, *, seed: int, position: int
) -> list[int]:
    """Return what a verify pass commits: the drafts that are right, then the target's own token.

    Args:
        rows: The target's logits, `(len(drafted) + 1, vocab)`; the first row is that of the
            first drafted token's place.
        drafted: Drafted tokens, in order; there may be none.
        sampling: How tokens are chosen; its `seed` is not read.
        seed: Seed of the noise.
        position: Place of the first drafted token in the sequence, prompt included, from 0.

    Returns:
        1 to `len(drafted) + 1` tokens; all but the last were drafted.
    """
    committed: list[int] = []
    for row in rows:
        token = choose(row, sampling, seed=seed, position=position + len(committed))
        committed.append(token)
        if len(committed) > len(drafted) or token != drafted[len(committed) - 1]:
            break
    return committed
