"""Of an answer from evidence: how far the evidence bears it out."""

from __future__ import annotations

from jisr.guard.answer import Answer
from jisr.guard.grounding import grounding_features
from jisr.question import Question


def read_support(question: Question, answer: Answer) -> dict[str, float]:
    """Return the features of grounding; the same names, all 0, where there is no evidence."""
    found = grounding_features(question, answer.text)
    return found if question.evidence else dict.fromkeys(found, 0.0)
