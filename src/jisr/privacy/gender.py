"""Whether a name is a woman's or a man's, where the words before it say so.

Languages inflect by it, so a placeholder keeps it: `<PERSON_FEMALE_1>`.

What is covered: titles and kin before a name, in English and Arabic, and titles that the
name was found with.

What is not covered: names that are usual for one gender: nothing is guessed.
"""

from __future__ import annotations

import re

_FEMALE = (
    r"(?:mrs|ms|miss|madam|madame|lady|sister|aunt|(?:my|her|his|our|your) "
    r"(?:wife|mother|mom|mum|daughter|sister|aunt|grandmother|niece|girlfriend))"
    r"|(?:السيدة|الآنسة|الأستاذة|الدكتورة|المهندسة|الشيخة|الحاجة|أم|زوجت[يهك]|أمي|والدت[يهك]|"
    r"ابنت[يهك]|أخت[يهك]|خالت[يهك]|عمت[يهك]|جدت[يهك])"
)
_MALE = (
    r"(?:mr|mister|sir|lord|brother|uncle|(?:my|her|his|our|your) "
    r"(?:husband|father|dad|son|brother|uncle|grandfather|nephew|boyfriend))"
    r"|(?:السيد|الأستاذ|الدكتور|المهندس|الشيخ|الحاج|أبو|زوجي|زوجها|أبي|والد[يهك]|ابن[يهك]|أخي|أخوه|"
    r"خالي|عمي|جدي)"
)
_LONGEST = 24
"""Characters before a name that are looked at."""


def _before(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{words})[.,:،]?\s+\Z", re.IGNORECASE)


def _at_start(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{words})[.]?\s+\w", re.IGNORECASE)


_IS_FEMALE, _IS_MALE = _before(_FEMALE), _before(_MALE)
_STARTS_FEMALE, _STARTS_MALE = _at_start(_FEMALE), _at_start(_MALE)


def gender_before(text: str, start: int, end: int) -> str:
    """Return `FEMALE` or `MALE` for the name at `[start, end)`; empty if nothing tells."""
    before = text[max(0, start - _LONGEST) : start]
    if _IS_FEMALE.search(before) or _STARTS_FEMALE.match(text, start, end):
        return "FEMALE"
    if _IS_MALE.search(before) or _STARTS_MALE.match(text, start, end):
        return "MALE"
    return ""
