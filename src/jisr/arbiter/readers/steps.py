"""How many statements a question is made of."""

from __future__ import annotations

import re
from math import expm1, log1p

from jisr.question import Question

_END = re.compile(
    r"[.!?؟;؛:\n]+(?=\s|$)|[,،]\s|\b(?:and|then|but|if|while|after|because|than|who)\b"
    r"|\b(?:ثم|لكن|إذا|بينما|بعد|لأن|الذي|التي)\b",
    re.IGNORECASE,
)


class Steps:
    """Logarithm of one more than the sentences and clauses."""

    name = "steps"

    def read(self, question: Question) -> float:
        """Return the logarithm."""
        clauses = (part for part in _END.split(question.text) if part.strip())
        return log1p(sum(1 for _ in clauses))

    def explain(self, value: float) -> str:
        """Return the count in words."""
        return f"it is made of {expm1(value):.0f} sentences and clauses"
