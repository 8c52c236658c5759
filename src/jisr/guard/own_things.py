"""Whether a question is about the person's own messages, events and contacts.

What is covered: questions for what only those stores can tell, in English and Arabic. What is not
covered: a sentence that tells something of one's own and asks what to make of it; advice is no
fact. A question that gives the text it is about is not of this kind.
"""

from __future__ import annotations

import re

from jisr.question import Question
from jisr.question_words import KIN, KIN_ARABIC, STORES, STORES_ARABIC

REASON = "own_data"

_STORE = (
    rf"(?:{STORES}|mails?|(?:bank |savings )?accounts?|bank balance|wallet|agenda|texts?"
    r"|voicemails?|to-?do(?: list)?|bookings?|invitations?|alarms?"
    r"|dentist|doctor['’]?s? appointment|package|parcel)"
)
_KIN = rf"(?:{KIN}|mum|mom|dad|manager|dentist|landlord|colleague|aunt|uncle|teacher|neighbou?r)"
_STORE_AR = rf"(?:{STORES_ARABIC}|جهات اتصالي|تذكيراتي|طلبي|مفكرتي)"
_KIN_AR = rf"(?:{KIN_ARABIC}|والدي|والدتي|صديقتي|جاري|عمي|خالي)"
_WROTE = (
    r"(?:write|written|wrote|text(?:ed)?|e-?mail(?:ed)?|message[d]?|call(?:ed)?|send|sent"
    r"|reply|replied|say|said|tell|told)"
)
_ASKED = re.compile(
    rf"\b(?:what|when|where|who|which|how many|how much|is|are|do|did|does|have|has|show|list"
    rf"|find|tell me|"
    rf"check|read|any)\b[^.!?]{{0,60}}\bmy (?:\w+ ){{0,3}}?{_STORE}\b"
    rf"|\b(?:when|what) (?:did|does|has|was)[^.!?]{{0,40}}\b{_WROTE}[^.!?]{{0,20}}\b(?:to "
    rf"|by )?me\b"
    rf"|\b(?:did|has|have) (?!you\b)[^.!?]{{1,40}}\b{_WROTE}[^.!?]{{0,20}}\b(?:to )?me\b"
    rf"|\bwho (?:{_WROTE}|has {_WROTE})[^.!?]{{0,20}}\b(?:to )?me\b"
    rf"|\b(?:do|did|have) i (?:have|got|get)\b[^.!?]{{0,40}}\b{_STORE}\b"
    rf"|\bhow many (?:\w+ )?{_STORE} do i have\b"
    rf"|\bwhat (?:do|did|have) i (?:have|planned|got) (?:\w+ ){{0,2}}?(?:today|tomorrow"
    rf"|tonight|on|this|next|planned)\b"
    rf"|\b(?:am|are) (?:i|we) (?:free|busy|available|booked)\b|\bwhen (?:am i|do i|are we"
    rf"|is my next)\b[^.!?]{{0,40}}"
    rf"\b(?:meet\w*|fly\w*|due|next|see\w*|leav\w*|travel\w*|free|appointment)\b"
    rf"|\b(?:what|when|where) (?:is|are|was|['’]s) my {_KIN}['’]?s? (?:\w+ )?(?:birthday"
    rf"|number|phone|address|e-?mail|name)\b"
    rf"|\b(?:any|got) (?:new |unread |more )*{_STORE}\b[^.!?]{{0,20}}\b(?:for|from|to) me\b"
    rf"|^\W*(?:any|got) (?:any )?(?:new|unread|more) {_STORE}\W*$"
    r"|\bwhat(?: is|['’]s) my (?:own )?(?:(?:full |first |last )?name|number|address"
    r"|e-?mail(?: address)?|birthday|age|(?:phone|mobile|passport|account|iban)(?: number)?)\b"
    r"|\bhow old am i\b|\bwho am i\W*$|\bwhere do i (?:live|work)\b"
    rf"|\bwhen is my {_KIN}\b|\bwhat did i (?:{_WROTE}|write|order|buy|pay|spend)\b"
    rf"|\bwhere (?:did i|have i) (?:park|put|leave|save)\w*\b|\bhow much did i (?:spend|pay)\b",
    re.IGNORECASE,
)
_ASKED_AR = re.compile(
    rf"\b[وبفل]?{_STORE_AR}\b|\b(?:متى|ماذا|هل|ما) (?:\S+ ){{0,3}}?(?:كتب|كتبت|أرسل|أرسلت|راسل"
    rf"|اتصل|اتصلت|قال|قالت|رد|ردت)"
    rf"(?:ني| (?:\S+ ){{0,3}}?(?:لي|إلي|إليّ|بي)\b|\S* لي)|من (?:كتب|أرسل|راسل|اتصل) (?:لي|إلي"
    rf"|إليّ|بي)|(?:هل|متى) (?:أنا|أكون|سأكون) "
    rf"(?:متفرغ|مشغول|متاح|فارغ)|(?:عيد ميلاد|رقم|هاتف|عنوان|بريد) (?:هاتف )?{_KIN_AR}"
    rf"|ماذا لدي (?:اليوم|غدًا|غدا|هذا)|"
    rf"ما (?:الذي )?لدي (?:من مواعيد|اليوم|غدًا)|متى (?:لدي|عندي) (?:موعد|اجتماع)|هل (?:لدي"
    rf"|عندي) (?:\S+ )?(?:موعد|مواعيد|اجتماع|"
    rf"رسائل|رسالة|حجز)|كم (?:أنفقت|دفعت|صرفت)"
    r"|(?:وصلني|وصلتني|جاءني|جاءتني) (?:\S+ ){0,2}?(?:بريد|رسالة|رسائل|إشعار)"
    r"|كم (?:رسالة|بريدا|بريدًا|موعدا|موعدًا|اجتماعا|اجتماعًا)\b[^؟]{0,30}(?:عندي|لدي)|\bرصيدي\b"
    r"|حسابي (?:البنكي|المصرفي|في البنك)|(?:ما|ما هو|ما هي) (?:اسمي|عمري|عنواني|رقمي"
    r"|رقم هاتفي|بريدي)\b"
    r"|\bكم عمري\b|\bأين (?:أسكن|أعمل)\b|^\W*من أنا\W*$",
)
_HELP = re.compile(
    # advice, and texts to be made
    r"^\W*(?:please )?(?:write|draft|compose|translate|rewrite|improve|help me|explain|create)\b"
    r"|\bhow (?:do|can|should|could|would) (?:i|we)\b|\bshould i\b|\bwhat should\b|\bhow to\b"
    r"|\bwhat (?:is|are) (?:the )?best\b|\bwhat does it mean\b|^\W*(?:اكتب|ترجم|حسّن|صغ"
    r"|كيف يمكنني|كيف أ|ساعدني)",
    re.IGNORECASE,
)
_TOLD = re.compile(r"\d[^.?!؟]{0,200}\bhow (?:many|much)\b|[.!]\s", re.IGNORECASE)


def is_about_own_things(question: Question) -> bool:
    """Whether a question asks for what only the person's own stores can tell."""
    text = question.text
    if _HELP.search(text) or _TOLD.search(text):
        return False
    return bool(_ASKED.search(text) or _ASKED_AR.search(text))
