"""A drafter without weights: what followed the last time the same words stood there.

It finds the longest end of the sequence that has stood in it before and guesses
what came after. Where an answer quotes its prompt or repeats itself that is right
often, and it costs nothing.

Source: prompt lookup decoding, Saxena 2023, github.com/apoorvumang/prompt-lookup-decoding;
n-gram drafts as in llama.cpp's lookup decoding.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jisr.joint.base import Drafted, Take
from jisr.types import Sampling

SHORTEST_MATCH = 2
LONGEST_MATCH = 12
LONGEST_DRAFT = 32


class NgramDrafter:
    """Guesses by repetition. What it is sure of is how long the repeated end is."""

    source = "ngram"

    def start(self, tokens: Sequence[int], sampling: Sampling, seed: int, take: Take) -> None:
        """Give all guesses at once, before this returns."""
        for drafted in drafts(tokens):
            if not take(drafted):
                return
        take(None)

    def stop(self) -> None:
        """Do nothing: it is never under way."""


def drafts(tokens: Sequence[int], most: int = LONGEST_DRAFT) -> list[Drafted]:
    """Return what may follow a sequence; empty if its end never stood in it before."""
    start, length = _longest_match(tokens)
    if length < SHORTEST_MATCH:
        return []
    followers = tokens[start : start + most]
    return [
        Drafted(token, confidence(length + number), NgramDrafter.source)
        for number, token in enumerate(followers)
    ]


def confidence(match: int) -> float:
    """Return how sure a guess after a match of so many tokens is, 0 to 1."""
    return 1 - 1.2 / (match + 1)


def _longest_match(tokens: Sequence[int]) -> tuple[int, int]:
    """Return where what follows the longest earlier copy of the end begins, and its length."""
    sequence = np.asarray(tokens, np.int64)
    end = len(sequence)
    starts = np.flatnonzero(sequence[:-1] == sequence[-1:]) + 1
    length = 0
    while len(starts):
        best_start, length = int(starts[-1]), length + 1  # the latest
        if length == LONGEST_MATCH:
            break
        starts = starts[starts > length]
        starts = starts[sequence[starts - 1 - length] == sequence[end - 1 - length]]
    return (best_start, length) if length else (0, 0)
