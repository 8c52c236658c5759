"""The parts that what is known is divided into, so that nothing is judged by what it taught."""

from __future__ import annotations

import random
from collections.abc import Sequence

NUM_FOLDS = 10


def folds(
    num_rows: int, seed: int, num_folds: int, strata: Sequence[object] | None = None
) -> list[frozenset[int]]:
    """Return the rows of each fold: every row in one, chosen by chance.

    Args:
        num_rows: How many rows there are.
        seed: Of the chance.
        num_folds: How many folds there shall be.
        strata: A value of each row; each fold gets its share of the rows of each value. Without
            that, rows of which nothing can be told seem to be told wrong: a fold that happens to
            hold more right answers leaves fewer to learn from.
    """
    order = random.Random(seed).sample(range(num_rows), num_rows)
    if strata is not None:
        order.sort(key=lambda at: repr(strata[at]))
    return [frozenset(order[start::num_folds]) for start in range(num_folds)]
