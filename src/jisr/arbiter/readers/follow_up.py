"""Whether a question goes on with a conversation."""

from __future__ import annotations

from math import exp, log

from jisr.question import Question


class FollowUp:
    """Logarithm of what the user has said in this conversation, this included."""

    name = "follow_up"

    def read(self, question: Question) -> float:
        """Return the logarithm; the first turn has 0."""
        return log(max(1, question.num_turns))

    def explain(self, value: float) -> str:
        """Return the count in words."""
        return f"it is turn {exp(value):.0f} of its conversation"
