"""What a reader of questions is."""

from __future__ import annotations

from typing import Protocol

from jisr.question import Question


class Reader(Protocol):
    """Reads one feature off a question, before it is answered."""

    @property
    def name(self) -> str:
        """Stable word for the feature."""
        ...

    def read(self, question: Question) -> float:
        """Return the feature, a finite number."""
        ...

    def explain(self, value: float) -> str:
        """Return what a value means, in one plain line."""
        ...
