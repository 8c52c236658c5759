"""Whether an answer says that it has none: not in the text, or not known.

Rules, English and Arabic. An answer that gives something and adds a doubt is an answer.
"""

from __future__ import annotations

import re

MOST_CHARACTERS = 400
"""Of an answer that says only what it does not know."""

_TEXT = (
    r"(?:the |this |that |given |provided |above |your |its |any )*"
    r"(?:text|passage|context|paragraph|article|document|excerpt|message|evidence|information|"
    r"conversation|source)s?"
)
_NOT = (
    r"(?:(?:does|do|did|is|are|was|were|has|have|can|could)(?: not|n['’]?t)|can['’]?t|cannot|never)"
)
_SAY = (
    r"(?:say|tell|mention|state|provide|specif|contain|include|give|indicat|discuss|describe|list|"
    r"name|answer|address|identif|explain|clarif|reveal|offer|refer)\w*"
)
_MISSING = re.compile(
    rf"\bnot (?:in|from|found in|given in|stated in|told in|part of) {_TEXT}\b"
    rf"|\b{_TEXT} (?:\w+ ){{0,3}}?{_NOT} (?:\w+ ){{0,2}}?{_SAY}"
    rf"|\b{_NOT} (?:\w+ ){{0,3}}?{_SAY} (?:\w+ ){{0,6}}?(?:in|by|within) {_TEXT}\b"
    rf"|\b{_NOT} (?:\w+ ){{0,4}}?(?:in|by|within|from) {_TEXT}\b"
    rf"|\bthere (?:is|are|was|were) no (?:\w+ ){{0,6}}?(?:in|by|within|from|about) (?:\w+ ){{0,4}}?"
    rf"{_TEXT}\b"
    rf"|\b(?:no|not enough|insufficient) (?:\w+ ){{0,3}}?(?:information|mention|"
    r"detail|answer|evidence)s?\b"
    rf"|\b{_TEXT} (?:makes|gives|has|contains|provides|offers) no\b"
    r"|\bunanswerable\b"
    r"|^\W*(?:not (?:stated|mentioned|specified|given|provided|told|in it|answerable)"
    r"|n/a|none given)\W*$"
    r"|(?:ليس|ليست|غير (?:مذكور|موجود|مذكورة|موجودة|وارد|واردة)|"
    r"لا (?:يوجد|توجد|يرد|ترد|تتوفر|يتوفر)) "
    r"(?:\S+ ){0,6}?(?:في|ضمن|من) (?:هذا |هذه )?(?:النص|الفقرة|السياق|المقال|المستند|الرسالة)"
    r"|(?:لا|لم) (?:يذكر|تذكر|يقل|يقول|يحدد|تحدد|يوضح|توضح|يتضمن|تتضمن|يشير|تشير|يحتوي|تحتوي|يرد|"
    r"يُذكر|يقدم|تقدم|يخبر|يبين) (?:\S+ ){0,6}?(?:النص|الفقرة|السياق|المقال|المستند|الرسالة)"
    r"|(?:النص|الفقرة|السياق|المقال|المستند|الرسالة) (?:\S+ ){0,2}?(?:لا|لم) "
    r"(?:يذكر|تذكر|يقل|يقول|يحدد|تحدد|يوضح|توضح|يتضمن|تتضمن|يشير|تشير|يحتوي|تحتوي|يرد|يقدم|تقدم|يبين)"
    r"|لا (?:توجد|تتوفر) معلومات|^\W*(?:غير مذكورة?|لم يُ?ذكر|غير محدد|لا يوجد)\W*$",
    re.IGNORECASE,
)
_WEAK = re.compile(
    r"\bI(?: am|['’]m)? (?:do not|don['’]?t|really don['’]?t|not) (?:actually |really |currently )?"
    r"(?:know|have (?:any |enough |access|information|the (?:answer|information)|"
    r"real-time|personal)"
    r"|sure|certain|aware|able to)"
    r"|\bI(?: am|['’]m) (?:unsure|unable|unaware|not able|afraid I (?:can|do))"
    r"|\bI (?:cannot|can['’]?t|could not|couldn['’]?t) (?:\w+ ){0,2}?"
    r"(?:answer|know|tell|say|help|provide|find|access|assist|give|browse|determine|confirm)"
    r"|\bI have no (?:idea|information|knowledge|way|access)"
    r"|^\W*(?:as an? (?:AI|large|language|artificial)|no idea|not sure|unknown|sorry\b|"
    r"it is (?:not known|unknown|unclear|impossible to))"
    r"|\bas an? (?:AI|artificial intelligence|language)(?: language)? (?:model|assistant)"
    r"|(?:لا|لست) (?:أعرف|اعرف|أعلم|اعلم|أدري|ادري|متأكدا?ً?|متاكد|أملك|املك|أمتلك|على علم)"
    r"|ليس (?:لدي|لديّ|عندي) (?:\S+ )?(?:معلومات|فكرة|علم|معرفة|إمكانية)"
    r"|(?:لا أستطيع|لا يمكنني|لا استطيع|لا أقدر) (?:\S+ ){0,2}?(?:الإجابة|معرفة|تحديد|الوصول|القول|"
    r"تقديم|مساعدت|توفير|إخبار)"
    r"|^\W*(?:غير معروف|عذر[اًا]+|آسف|للأسف)",
    re.IGNORECASE,
)
_TURN = re.compile(
    r"\b(?:but|however|nevertheless|I (?:think|believe|guess))\b|لكن|ولكن|إلا أن|غير أن"
)


def is_missing(answer: str) -> bool:
    """Whether an answer says that the text which was given does not tell."""
    return len(answer) <= MOST_CHARACTERS and _says(_MISSING, answer)


def is_weak(answer: str) -> bool:
    """Whether an answer says only that it does not know."""
    return len(answer) <= MOST_CHARACTERS and _says(_WEAK, answer)


def _says(said: re.Pattern[str], answer: str) -> bool:
    """Whether an answer says that in its first words and does not turn from it."""
    found = said.search(answer)
    if not found:
        return False
    rest = _TURN.search(answer, found.end())
    return rest is None or len(answer) - rest.end() < len("but it is not told there")
