"""How much of a question is Arabic."""

from __future__ import annotations

import re

from jisr.question import Question

_ARABIC = re.compile(r"[\u0620-\u064a\u066e-\u06d3]")
_LETTER = re.compile(r"[^\W\d_]")


class Language:
    """Share of Arabic letters among those of what is asked, 0 to 1; 0 where there are none."""

    name = "arabic"

    def read(self, question: Question) -> float:
        """Return the share."""
        num_letters = len(_LETTER.findall(question.bare))
        return len(_ARABIC.findall(question.bare)) / num_letters if num_letters else 0.0

    def explain(self, value: float) -> str:
        """Return the share in words."""
        return f"{value:.0%} of its letters are Arabic"
