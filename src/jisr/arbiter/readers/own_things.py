"""Whether a question is about the person's own life: messages, events, contacts, papers."""

from __future__ import annotations

import re

from jisr.question import Question

_OWN = re.compile(
    r"\b(?:my|our)\s+(?:\w+\s+){0,2}?(?:messages?|e?-?mails?|inbox|calendar|events?|appointments?"
    r"|meetings?|schedule|contacts?|notes?|reminders?|flights?|booking|reservations?|orders?"
    r"|bills?|invoices?|accounts?|photos?|files?|documents?|tasks?|doctor|boss|passwords?"
    r"|birthday|phone|address|salary|team|wife|husband|mother|father|brother|sister|son|daughter"
    r"|friends?)\b"
    r"|\b(?:am i|did i|do i have|have i|was i|when i|where did i|i am meeting|remind me)\b"
    r"|(?<!\w)(?:[وبل]?(?:رسائلي|رسالتي|بريدي|تقويمي|موعدي|مواعيدي|اجتماعي|اجتماعاتي|جدولي|ملاحظاتي"
    r"|رحلتي|حجزي|حجوزاتي|فاتورتي|فواتيري|حسابي|صوري|ملفاتي|مهامي|هاتفي|عنواني|راتبي|زوجتي|زوجي"
    r"|أمي|أبي|أخي|أختي|ابني|ابنتي|صديقي|مديري|طبيبي)|عندي|لدي|لديّ|ذكّرني|ذكرني)(?!\w)",
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
