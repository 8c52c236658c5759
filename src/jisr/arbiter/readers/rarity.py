"""How far a question is about what few people ask: names of several words, years, titles.

Arabic has no capital letters: there only years, titles in quotation marks and names in Latin
letters tell.
"""

from __future__ import annotations

import re

from jisr.question import Question

_NAME = r"[A-ZÀ-ÖØ-Þ][\w'’.-]*"
_NAMES = re.compile(rf"{_NAME}(?:\s+(?:of|the|de|da|del|van|von|bin|ibn|al|&)?\s*{_NAME})+")
_YEAR = re.compile(r"(?<!\d)(?:1[0-9]|20)\d\d(?!\d)")
_TITLE = re.compile(r"[\"“«„](?=\w)([^\"”»“]{2,80})[\"”»“]")
_WORD = re.compile(r"\w+")
_ASKING = re.compile(
    r"^(?:in |on |at |from |for |to |of |by )?(?:who|whom|whose|what|which|when|where|why|how|name"
    r"|is|are|was|were|did|does|do|the|a|an|if|i)\b\s*",
    re.IGNORECASE,
)


class Rarity:
    """Share of words, 0 to 1, that are of long names and titles or are years."""

    name = "rarity"

    def read(self, question: Question) -> float:
        """Return the share."""
        text = question.text.strip()
        num_words = len(_WORD.findall(text))
        if not num_words:
            return 0.0
        titles = _TITLE.findall(text)
        rest = _ASKING.sub("", _TITLE.sub(" ", text))
        rare = [*titles, *_NAMES.findall(rest), *_YEAR.findall(_NAMES.sub(" ", rest))]
        return min(1.0, sum(len(_WORD.findall(part)) for part in rare) / num_words)

    def explain(self, value: float) -> str:
        """Return the share in words."""
        return f"{value:.0%} of its words are of long names, titles or years"
