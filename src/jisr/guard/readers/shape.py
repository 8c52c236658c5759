"""How long an answer is, and whether it came to its end."""

from __future__ import annotations

from math import log1p

from jisr.guard.answer import Answer
from jisr.question import Question
from jisr.types import FinishReason


def read_shape(question: Question, answer: Answer) -> dict[str, float]:
    """Return the logarithm of its length in characters, and 1 if it was cut off."""
    del question
    return {
        "answer_length": log1p(len(answer.text)),
        "answer_is_cut": float(answer.finish_reason is FinishReason.LENGTH),
        "answer_lines": log1p(answer.text.count("\n")),
    }
