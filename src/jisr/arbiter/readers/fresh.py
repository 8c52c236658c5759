"""Whether a question is about what changes from day to day.

The guard has a rule of its own, which is stricter: this is one feature among others.
"""

from __future__ import annotations

import re

from jisr.question import Question

_FRESH = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|right now|nowadays|currently|at the moment|latest"
    r"|newest|up.to.date|recent(?:ly)?|breaking|news|weather|forecast|this (?:week|month|year"
    r"|morning|evening|season)|(?:last|next) (?:week|month|night|election|match|game)"
    r"|(?:stock|share|oil|gold|fuel) price|exchange rate|traffic|live score|(?:who|what) is the "
    r"current|still (?:open|alive|in office))\b"
    r"|(?<!\w)(?:[وب]?(?:ال)?يوم(?=\W*[؟?]|$)|اليوم|الليلة|غدا|غدًا|أمس|الآن|حاليا|حاليًا|مؤخرا|مؤخرًا|أحدث"
    r"|آخر (?:الأخبار|المستجدات|إصدار)|أخبار|الطقس|هذا (?:الأسبوع|الشهر|العام)|هذه السنة"
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
