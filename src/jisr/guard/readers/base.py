"""What a reader of answers is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from jisr.guard.answer import Answer
from jisr.question import Question


class Reader(Protocol):
    """Reads features off an answer: finite numbers, the same names whatever the answer."""

    def __call__(self, question: Question, answer: Answer) -> Mapping[str, float]:
        """Return the features by name."""
        ...
