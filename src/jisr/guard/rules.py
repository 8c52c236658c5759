"""The rules that need no answer: what cannot be known from weights alone, whatever they say."""

from __future__ import annotations

from collections.abc import Callable

from jisr.guard import freshness, own_things, unknown_person
from jisr.question import Question

Rule = Callable[[Question], bool]

RULES: tuple[tuple[str, Rule], ...] = (
    (own_things.REASON, own_things.is_about_own_things),
    (unknown_person.REASON, unknown_person.is_about_a_private_person),
    (freshness.REASON, freshness.needs_fresh_facts),
)
"""Reason and rule, in the order they are asked; the first that applies is told."""
MOST_CHARACTERS = 600
"""Of a question that a rule reads; a longer one tells what it is about by itself."""


def applies(question: Question) -> str | None:
    """Return why a question is not answered from the weights; None if nothing speaks against it.

    Where something was given to answer from, or answers to choose from, no rule applies.
    """
    if question.evidence or question.choices or len(question.text) > MOST_CHARACTERS:
        return None
    return next((reason for reason, rule in RULES if rule(question)), None)
