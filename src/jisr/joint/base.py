"""What a drafter is: something that guesses the target's next tokens, and how sure it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from jisr.types import Sampling


@dataclass(frozen=True, slots=True)
class Drafted:
    """A guess of the next token."""

    token: int
    confidence: float
    """How sure the drafter is, 0 to 1; not calibrated."""
    source: str
    """Which drafter guessed it: `model` or `ngram`."""


Take = Callable[[Drafted | None], bool]
"""Takes the next guess, or None when no more will come; returns whether to go on. It may be
called on another thread, and must not block."""


class Drafter(Protocol):
    """Guesses tokens of one sequence at a time. It never decides what is right."""

    def start(self, tokens: Sequence[int], sampling: Sampling, seed: int, take: Take) -> None:
        """Begin to guess what follows `tokens`; a guess under way before is stopped.

        Args:
            tokens: The whole sequence so far, prompt included.
            sampling: How the target chooses; a drafter that samples does the same.
            seed: Seed of the noise.
            take: Is given the guesses in order.
        """
        ...

    def stop(self) -> None:
        """Stop guessing; one more guess may be on its way to a `take` that refuses it."""
        ...
