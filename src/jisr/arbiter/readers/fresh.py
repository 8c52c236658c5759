"""Whether a question is about what changes from day to day.

The guard has a rule of its own, which is stricter: this is one feature among others.
"""

from __future__ import annotations

import re

from jisr.question import Question
from jisr.question_words import CHANGING, CHANGING_ARABIC, NOW, NOW_ARABIC

_FRESH = re.compile(
    rf"\b(?:{NOW}|{CHANGING}|latest|newest|up.to.date|recent(?:ly)?|breaking|this year"
    r"|(?:last|next) (?:month|election|match|game)|(?:stock|share|oil|gold|fuel) price|live score"
    r"|(?:who|what) is the current|still (?:open|alive|in office))\b"
    rf"|(?<!\w)(?:{NOW_ARABIC}|{CHANGING_ARABIC}|[وب]?(?:ال)?يوم(?=\W*[؟?]|$)|مؤخرا|مؤخرًا|أحدث"
    r"|آخر (?:الأخبار|المستجدات|إصدار)|هذا العام|هذه السنة"
    r"|سعر (?:الذهب|النفط|الصرف|الدولار|السهم)|الحالي|الحالية)(?!\w)",
    re.IGNORECASE,
)


class Fresh:
    """1 if a question wants facts of these days, else 0."""

    name = "fresh"

    def read(self, question: Question) -> float:
        """Return 1 or 0."""
        return float(_FRESH.search(question.text) is not None)

    def explain(self, value: float) -> str:
        """Return it in words."""
        return "it asks for facts of these days" if value else "it asks for no facts of these days"
