"""How long a question is, and what is given to answer from."""

from __future__ import annotations

from math import expm1, log1p

from jisr.question import Question


class Length:
    """Logarithm of one more than the characters of the question."""

    name = "length"

    def read(self, question: Question) -> float:
        """Return the logarithm."""
        return log1p(len(question.text))

    def explain(self, value: float) -> str:
        """Return the length in words."""
        return f"it has {expm1(value):.0f} characters"


class EvidenceLength:
    """Logarithm of one more than the characters of all that is given to answer from."""

    name = "evidence_length"

    def read(self, question: Question) -> float:
        """Return the logarithm."""
        return log1p(sum(map(len, question.evidence)))

    def explain(self, value: float) -> str:
        """Return the length in words."""
        if not value:
            return "no text is given to answer from"
        return f"a text of {expm1(value):.0f} characters is given to answer from"
