"""The rules that need no answer: what cannot be known from weights alone, whatever they say."""

from __future__ import annotations

from collections.abc import Callable

from jisr.guard import freshness, own_things, unknown_person
from jisr.question import Question

Rule = Callable[[Question], bool]

OF_WHAT_IS_TOLD = frozenset({own_things.REASON, unknown_person.REASON})
"""Reasons that do not hold where something was said before: it may have been just that."""

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

    Where something was given to answer from, or answers to choose from, no rule applies; where
    something was said before, none that is about what only the person can tell.
    """
    if question.evidence or question.choices or len(question.text) > MOST_CHARACTERS:
        return None
    left_out = OF_WHAT_IS_TOLD if question.has_background else frozenset[str]()
    rules = (pair for pair in RULES if pair[0] not in left_out)
    return next((reason for reason, rule in rules if rule(question)), None)
