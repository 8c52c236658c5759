"""Whether a question is about the person's own life: messages, events, contacts, papers."""

from __future__ import annotations

import re

from jisr.question import Question
from jisr.question_words import KIN, KIN_ARABIC, STORES, STORES_ARABIC

_OWN = re.compile(
    rf"\b(?:my|our)\s+(?:\w+\s+){{0,2}}?(?:{STORES}|{KIN}|friends|mails?|booking|accounts?|photos?"
    r"|files?|documents?|tasks?|passwords?|birthday|phone|address|salary|team)\b"
    r"|\b(?:am i|did i|do i have|have i|was i|when i|where did i|i am meeting|remind me)\b"
    rf"|(?<!\w)(?:[وبل]?(?:{STORES_ARABIC}|{KIN_ARABIC}|حسابي|صوري|ملفاتي|هاتفي|عنواني|راتبي)|عندي"
    r"|لدي|لديّ|ذكّرني|ذكرني)(?!\w)",
    re.IGNORECASE,
)


class OwnThings:
    """1 if a question is about the person's own things, else 0."""

    name = "own_things"

    def read(self, question: Question) -> float:
        """Return 1 or 0."""
        return float(_OWN.search(question.text) is not None)

    def explain(self, value: float) -> str:
        """Return it in words."""
        return "it is about your own things" if value else "it is not about your own things"
