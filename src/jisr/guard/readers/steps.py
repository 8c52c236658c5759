"""Of an answer that reckons: how many of its steps are right when they are done again."""

from __future__ import annotations

from math import log1p

from jisr.guard.answer import Answer
from jisr.guard.arithmetic import recheck
from jisr.question import Question


def read_steps(question: Question, answer: Answer) -> dict[str, float]:
    """Return how many steps were done again, and whether one was wrong."""
    del question
    found = recheck(answer.text)
    return {
        "steps_checked": log1p(found.num_checked),
        "steps_wrong": float(found.num_wrong > 0),
    }
