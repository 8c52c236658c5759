"""Drafting: a small model's guesses at what a target will choose, with how sure it is of each.

It chooses as the target does, with the same noise (see `noise`), so where the two
models agree it guesses right at any temperature. It makes token ids, no text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from jisr.engine.llama import Logits, Vocabulary
from jisr.engine.sampling import choose, refuse_not_finite
from jisr.errors import JisrError
from jisr.types import Sampling

TakeDraft = Callable[[int, float], bool]
"""Takes a token and its probability, on the engine's thread; returns whether to go on."""
End = Callable[[JisrError | None], None]
"""Told on the engine's thread that no more will come: None at the turn's or the context's end."""


class Drafting:
    """The task that guesses token after token until it is told to stop."""

    num_rows = 1
    strict_prompt: int | None = None

    def __init__(
        self,
        prompt: Sequence[int],
        sampling: Sampling,
        seed: int,
        deliver: TakeDraft,
        end: End,
        *,
        vocabulary: Vocabulary,
    ) -> None:
        """Prepare to guess what follows `prompt`.

        Args:
            prompt: The whole sequence so far, at least one token.
            sampling: How the target chooses; its `seed`, `stop` and forms are not read.
            seed: Seed of the noise.
            deliver: Takes each guess; must not block. The token that ends the turn is the last.
            end: Called once if it ends though `deliver` and `cancel` did not ask for it.
            vocabulary: Knows which token ends the turn.
        """
        self.prompt = prompt
        self.is_cancelled = False
        self._sampling = sampling
        self._seed = seed
        self._deliver = deliver
        self._end = end
        self._vocabulary = vocabulary
        self._position = len(prompt)
        self._last_position: int | None = None

    def fit(self, context_tokens: int) -> None:
        """Take note of the longest sequence that can be computed."""
        self._last_position = context_tokens

    def begin(self, num_cached: int) -> None:
        """Take no note: nobody asks."""

    def advance(self, rows: Logits, pass_us: int) -> int | None:
        """Deliver the next guess; None when there are no more."""
        if self.is_cancelled:
            return None
        logits = rows[-1]
        refuse_not_finite(logits, "drafter")
        token = choose(logits, self._sampling, seed=self._seed, position=self._position)
        is_last = self._vocabulary.is_end(token) or self._position == self._last_position
        self._position += 1
        if not self._deliver(token, confidence_of(logits, token, self._sampling.temperature)):
            return None
        if is_last:
            self._end(None)
            return None
        return token

    def fail(self, error: JisrError) -> None:
        """Hand over the error that ends it."""
        self._end(error)

    def cancel(self) -> None:
        """Say that no more is wanted; a pass under way delivers nothing any more."""
        self.is_cancelled = True


def confidence_of(logits: Logits, token: int, temperature: float) -> float:
    """Return the probability of a token, 0 to 1, before any filter.

    Args:
        logits: One row, `(vocab,)`; it stays as it is.
        token: The token.
        temperature: That of the distribution; 0 counts as 1.
    """
    weights = logits - logits.max()
    if temperature not in (0, 1):
        weights *= np.float32(1 / temperature)
    np.exp(weights, out=weights)  # float32: this runs once a token over the whole vocabulary
    return float(weights[token] / weights.sum())
