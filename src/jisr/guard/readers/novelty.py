"""How much an answer says that the question did not, and how much it says twice.

"The capital of Mali is Mali" adds nothing; an answer that goes round in circles adds it again.
"""

from __future__ import annotations

from itertools import islice

from jisr.guard.answer import Answer
from jisr.guard.wording import content_of, words_of
from jisr.question import Question

RUN = 3
"""Words in a row that are held against each other."""
MOST_CHARACTERS = 4_000
"""Of an answer that are read."""


def read_novelty(question: Question, answer: Answer) -> dict[str, float]:
    """Return the share of its words that are not the question's, and of its runs said before."""
    return {
        "answer_is_new": new_share(question.text, answer.text),
        "answer_repeats": repeated_share(answer.text),
    }


def new_share(asked: str, answer: str) -> float:
    """Return the share of an answer's words of content, 0 to 1, that are not the question's."""
    said = [word.stem for word in content_of(words_of(answer[:MOST_CHARACTERS]))]
    known = {word.stem for word in words_of(asked)}
    return sum(stem not in known for stem in said) / len(said) if said else 0.0


def repeated_share(answer: str) -> float:
    """Return the share of runs of `RUN` words, 0 to 1, that an answer has said before."""
    stems = [word.stem for word in words_of(answer[:MOST_CHARACTERS])]
    runs = list(zip(*(islice(stems, at, None) for at in range(RUN)), strict=False))
    return 1 - len(set(runs)) / len(runs) if runs else 0.0
