"""How much nearer a question is to those that were hard for a model than to those that were easy.

A calibration gives the direction from easy to hard among vectors of questions, see
`arbiter.nearness`. Where the model that makes vectors is not installed these readers are absent,
and nothing else changes. It takes about 12 milliseconds a question, where the others take a
fraction of one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from jisr.arbiter.embedding import DIMENSIONS, embed
from jisr.question import Question

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]
"""Returns unit vectors, shape `(n, dimensions)`."""

NEAR_HARD, NEAR_HARD_CLOUD = "near_hard", "near_hard_cloud"
MODELS = {NEAR_HARD: "this device", NEAR_HARD_CLOUD: "the cloud"}


@dataclass(frozen=True, slots=True)
class Direction:
    """The way from questions that a model gets right to those that it gets wrong."""

    weights: tuple[float, ...]
    """One for each dimension of a vector."""
    middle: float
    """Of the questions that it was learned from."""

    def __post_init__(self) -> None:
        """Refuse what leads nowhere.

        Raises:
            ValueError: There are not as many weights as dimensions, or a number is not finite.
        """
        if len(self.weights) != DIMENSIONS or not all(map(isfinite, (*self.weights, self.middle))):
            raise ValueError(f"a direction wants {DIMENSIONS} finite numbers")

    def along(self, vectors: Vectors) -> NDArray[np.float64]:
        """Return how far each vector lies that way, shape `(n,)`; 0: in the middle.

        Args:
            vectors: Of length 1, shape `(n, dimensions)`.
        """
        found: NDArray[np.float64] = vectors @ np.array(self.weights) - self.middle
        return found


class Similarity:
    """How far a question lies towards those that were hard, 0 in the middle; 0 without a text."""

    def __init__(
        self, name: str, direction: Direction, embed_one: Callable[[str], Vectors]
    ) -> None:
        """Take the way to the hard ones.

        Args:
            name: Of the feature, of `MODELS`.
            direction: From easy to hard.
            embed_one: Returns the unit vector of a text, shape `(dimensions,)`.
        """
        self.name = name
        self._direction = direction
        self._embed_one = embed_one

    def read(self, question: Question) -> float:
        """Return how far."""
        if not question.text.strip():
            return 0.0
        return float(self._direction.along(self._embed_one(question.text)[None])[0])

    def explain(self, value: float) -> str:
        """Return it in words."""
        return explained(self.name, value)


def explained(name: str, value: float) -> str:
    """Return in words how far a question lies towards hard ones."""
    side = "hard" if value > 0 else "easy"
    return f"it is like questions that were {side} for {MODELS[name]}, by {abs(value):.2f}"


def similarities(
    directions: dict[str, Direction], embed_all: Embed = embed
) -> tuple[Similarity, ...]:
    """Return a reader for each direction by its name; a text is embedded once.

    Args:
        directions: Names of `MODELS`, and the way to what is hard for that one.
        embed_all: Makes vectors.
    """
    once = lru_cache(maxsize=1)(lambda text: embed_all([text])[0])
    return tuple(Similarity(name, it, once) for name, it in directions.items())
