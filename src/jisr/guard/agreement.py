"""Whether the model comes to the same number again: two more answers, drawn by chance.

A reckoning that a model can do it does again by another way; one that it cannot ends elsewhere.
It takes as long as the answer did, so it is asked only where it can tell something: of an answer
that came to a number, and a second time only if the first agreed. What is covered: questions
for a number. What is not: choices, where a small model's second letter tells next to nothing, and
facts, which it gets wrong the same way twice.

Source: self-consistency, Wang et al. 2022, arXiv:2203.11171; as a measure of confidence, Kuhn,
Gal, Farquhar 2023, "Semantic Uncertainty", arXiv:2302.09664.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from math import isfinite, nan

from jisr.guard.answer import Answer
from jisr.guard.notation import plain
from jisr.question import Question, TaskKind
from jisr.types import FinishReason, Sampling

NUM_MORE = 2
"""Answers drawn beside the one that is checked, at most."""
TEMPERATURE = 0.7
FIRST_SEED = 1
MOST_TOKENS = 320
"""Of one more answer."""
CLOSE = 1e-6
"""Numbers that differ by less, relative to their size, are the same."""

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_BOXED = re.compile(r"\\boxed\{([^{}]*)\}")

More = Callable[[int], str]
"""Returns one more answer; it is given its number, from 0. Of one that was cut off, nothing."""


def agreement(question: Question, answer: Answer, more: More) -> float:
    """Return how many more answers in a row come to the same number, 0 to `NUM_MORE`.

    Nothing is drawn where there is no number to agree with.
    """
    if not can_agree(question, answer):
        return 0.0
    own = final_number(answer.text)
    for number in range(NUM_MORE):
        other = final_number(more(number))
        if own is None or other is None or abs(own - other) > CLOSE * max(1.0, abs(own)):
            return float(number)
    return float(NUM_MORE)


def can_agree(question: Question, answer: Answer) -> bool:
    """Return whether an answer came to a number that was asked for."""
    is_cut = answer.finish_reason is FinishReason.LENGTH
    is_number = question.kind is TaskKind.NUMBER
    return is_number and not is_cut and final_number(answer.text) is not None


def sampling_of(sampling: Sampling, number: int) -> Sampling:
    """Return how one more answer is drawn: by chance, whatever filters the first was drawn with.

    No seed is that of the first, which would be drawn again.
    """
    seeds = [seed for seed in range(FIRST_SEED, FIRST_SEED + NUM_MORE + 1) if seed != sampling.seed]
    return replace(
        sampling,
        temperature=TEMPERATURE,
        top_k=0,
        top_p=1.0,
        min_p=0.0,
        seed=seeds[number],
        num_top_logprobs=None,
        max_output_tokens=min(sampling.max_output_tokens, MOST_TOKENS),
    )


def final_number(text: str) -> float | None:
    """Return the number that an answer comes to: in its last box, else its last; None: none."""
    boxed = _BOXED.findall(text)
    found = _NUMBER.findall(plain(boxed[-1])) if boxed else []
    found = found or _NUMBER.findall(plain(text))
    value = float(found[-1].replace(",", "")) if found else nan
    return value if isfinite(value) else None
