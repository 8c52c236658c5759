"""How often what followed once follows again in one answer: what an n-gram guess is worth there.

It is asked at every token of the answer what n-grams would have guessed, whether they
were used or not. So an answer that quotes is told from one that does not before a
guess of theirs takes the place of a better one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from jisr.joint.base import Drafted
from jisr.joint.ngram import confidence, drafts

EDGES = tuple(map(confidence, (3, 5, 8, 12)))
"""Confidences where the next bucket begins, by the length of the match."""
PRIORS = (0.35, 0.5, 0.65, 0.75, 0.85)
"""Share of guesses of each bucket that is expected to be right where none was seen yet."""
PRIOR_COUNT = 4.0
"""Guesses that the prior stands for, as do those of other answers."""


class Repeats:
    """Counts of one answer.

    Args:
        before: Counts of all answers, which those of this one are added to.
    """

    def __init__(self, before: Repeats | None = None) -> None:
        self._before = before
        self._counts = [[0.0, 0.0] for _ in PRIORS]

    def acceptance(self, drafted: Drafted) -> float:
        """Return the probability that an n-gram guess is right if all before it are, 0 to 1."""
        bucket = bisect_right(EDGES, drafted.confidence)
        right, judged = self._counts[bucket]
        prior = self._before.acceptance(drafted) if self._before else PRIORS[bucket]
        return (right + PRIOR_COUNT * prior) / (judged + PRIOR_COUNT)

    def learn(self, tokens: Sequence[int], num_new: int) -> None:
        """Take in the last tokens of a sequence: each was guessed by what stood before it."""
        for end in range(len(tokens) - num_new, len(tokens)):
            for drafted in drafts(tokens[:end], most=1):
                self._add(drafted, is_right=drafted.token == tokens[end])

    def _add(self, drafted: Drafted, *, is_right: bool) -> None:
        counts = self._counts[bisect_right(EDGES, drafted.confidence)]
        counts[0] += is_right
        counts[1] += 1
        if self._before:
            self._before._add(drafted, is_right=is_right)
