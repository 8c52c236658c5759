"""How much of an answer's quality redacting is expected to cost: 0 nothing, 1 all of it.

It is the share of the meaning-bearing words of the last user message that do not leave,
each weighted by how far the cloud needs to know the value and not just to carry it: the
country of a question is its point, an account number in a letter is not. A turn that asks
about the private value itself (which domain is this address of? is this IBAN valid?) loses
all. The weights are set by judgement and no measurement stands behind them yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from jisr.privacy.plan import Action, Planned

WEIGHTS: Mapping[str, float] = {
    "COUNTRY": 0.8,
    "CITY": 0.7,
    "NRP": 0.6,
    "ORGANIZATION": 0.6,
    "AGE": 0.5,
    "DOMAIN_NAME": 0.5,
    "URL": 0.5,
    "BIRTH_DATE": 0.4,
    "COORDINATES": 0.4,
    "STREET_ADDRESS": 0.3,
    "PERSON": 0.25,
}
"""Entity type -> how far a value's meaning is needed for an answer."""
OTHER = 0.15
"""The same, for numbers and keys, which are carried and seldom understood."""
GENERALISED = 0.5
"""Share of the loss that is left where words say less."""

_WORD = re.compile(r"\w+")
_SHORT = 3
_POINT = re.compile(
    r"(?<!\w)(?:"
    r"(?:domain|country|provider|network|bank|prefix|format|checksum|hash|length|origin) of"
    r"|(?:which|what) (?:domain|country|bank|network|provider|carrier|state|city|timezone)"
    r"|(?:is|are) (?:this|that|it|these|my|the) .{0,60}?(?:valid|correct|real|safe|strong)"
    r"|how many (?:digits|letters|characters|vowels|syllables)"
    r"|(?:first|last|third) (?:letter|digit|digits|character|four|three)"
    r"|spell|reverse|backwards|upper ?case|lower ?case|anagram|decode|encode|rhymes? with"
    r"|who (?:is|was)|where is|tell me about|biography of"
    r"|من (?:هو|هي|هذا|هذه)|أين (?:تقع|يقع|توجد)|كم عدد (?:الأرقام|الحروف|الخانات)"
    r"|(?:صالح|صحيح|سليم)ة?|تهج|بالعكس|اعكس|نطاق|أي (?:بلد|دولة|بنك|مدينة|شبكة)|سيرة"
    r")",
    re.IGNORECASE,
)


def redaction_loss(text: str, planned: Iterable[Planned]) -> float:
    """Return the expected loss for the text that asks, 0 to 1."""
    lost = [it for it in planned if it.action is not Action.KEEP]
    if not lost:
        return 0.0
    if _POINT.search(text):
        return 1.0
    said = [word for word in _WORD.finditer(text) if _bears_meaning(word[0])]
    num_said = max(len(said), 1)
    weighed = 0.0
    for it in lost:
        num_words = len(_WORD.findall(text, it.span.start, it.span.end)) or 1
        weight = WEIGHTS.get(it.span.entity_type, OTHER)
        weighed += num_words * weight * (GENERALISED if it.action is Action.GENERALISE else 1.0)
    return min(1.0, weighed / num_said)


def _bears_meaning(word: str) -> bool:
    return len(word) > _SHORT or word[0].isupper() or word[0].isdigit()
