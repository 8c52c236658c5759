"""How near a question is to those that were hard for the device, and to those that were easy.

A calibration gives the questions as vectors, see `arbiter.nearness`. Where the
model that makes vectors is not installed these readers are absent, and nothing else changes.
It takes about 12 milliseconds a question, where the others take a fraction of one.

Source: Ong et al. 2024, "RouteLLM", arXiv:2406.18665, section 4.2, similarity-weighted ranking.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from jisr.arbiter.embedding import DIMENSIONS, embed
from jisr.question import Question

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]
"""Returns unit vectors, shape `(n, dimensions)`."""

NEAREST = 5
"""Of the known questions: how many are looked at."""
NO_VECTORS: Vectors = np.zeros((0, DIMENSIONS), dtype=np.float32)


class Similarity:
    """Mean cosine, -1 to 1, of a question and the nearest of known ones; 0 if there are none."""

    def __init__(self, word: str, prototypes: Vectors, embed_one: Callable[[str], Vectors]) -> None:
        """Take what the known ones are, `hard` or `easy`, and their unit vectors.

        Args:
            word: What they are.
            prototypes: Shape `(n, dimensions)`.
            embed_one: Returns the unit vector of a text, shape `(dimensions,)`.
        """
        self.name = f"near_{word}"
        self._word = word
        self._prototypes = prototypes
        self._embed_one = embed_one

    def read(self, question: Question) -> float:
        """Return the mean."""
        if not len(self._prototypes) or not question.text.strip():
            return 0.0
        return nearness(self._embed_one(question.text), self._prototypes)

    def explain(self, value: float) -> str:
        """Return it in words."""
        return f"its likeness to questions that were {self._word} for this device is {value:.2f}"


def nearness(vector: Vectors, known: Vectors) -> float:
    """Return the mean cosine, -1 to 1, of a vector and the nearest known ones; 0: there are none.

    Args:
        vector: Shape `(dimensions,)`, of length 1.
        known: Shape `(n, dimensions)`, each of length 1.
    """
    return float(np.sort(known @ vector)[-NEAREST:].mean()) if len(known) else 0.0


def similarities(
    hard: Vectors, easy: Vectors, embed_all: Embed = embed
) -> tuple[Similarity, Similarity]:
    """Return readers of the likeness to hard and to easy questions; a text is embedded once.

    Args:
        hard: Unit vectors of questions that the device got wrong.
        easy: The same of those that it got right.
        embed_all: Makes such vectors.
    """
    once = lru_cache(maxsize=1)(lambda text: embed_all([text])[0])
    return Similarity("hard", hard, once), Similarity("easy", easy, once)
