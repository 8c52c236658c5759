"""How much of what a question speaks of is in the text that it gives."""

from __future__ import annotations

import re

from jisr.question import Question

MOST_CHARACTERS = 8_000
"""Of the evidence, that are looked at."""
LEAST_LETTERS = 4
STEM = 4
"""Letters by which words are told to be the same: endings differ."""

_WORD = re.compile(r"\w+")
_TOLD = "what which when where whom whose does were with that this from have been many much long"
_ASKING = frozenset(_TOLD.split())
"""Words that ask and say nothing of what is asked."""
_CLITIC = re.compile(r"^(?:وال|بال|لل|كال|فال|ال)(?=\w{3})")


class EvidenceWords:
    """Share of the question's longer words, 0 to 1, that the evidence has; 0 without evidence."""

    name = "evidence_words"

    def read(self, question: Question) -> float:
        """Return the share."""
        if not question.evidence:
            return 0.0
        asked = _stems(question.text)
        given = _stems("\n".join(question.evidence)[:MOST_CHARACTERS])
        return len(asked & given) / len(asked) if asked else 0.0

    def explain(self, value: float) -> str:
        """Return the share in words."""
        return f"{value:.0%} of its longer words are in the text that is given"


def _stems(text: str) -> set[str]:
    words = (_CLITIC.sub("", word) for word in _WORD.findall(text.lower()))
    return {word[:STEM] for word in words if len(word) >= LEAST_LETTERS and word not in _ASKING}
