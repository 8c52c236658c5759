"""Nationalities, peoples and faiths of somebody: `I am Egyptian`, `my Kurdish neighbour`.

What is covered: English and Arabic words for where somebody comes from or what he believes, in
either case: what is said of a person, and what stands beside words for people or papers
(passport, visa) in text that speaks of its writer or to somebody. Such a word is found wherever
it stands in that text.

What is not covered: what is told of things (`Italian food`), and words that say which language
is meant (`translate it into French`, `an English teacher`), which an answer needs; tribes and
parties.

Source: the words were chosen by the project; those of countries are told by the countries'
names (`jisr.privacy.lexicon`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from jisr.config import PrivacySettings
from jisr.privacy import lexicon, well_known
from jisr.privacy.base import Span
from jisr.privacy.name_cues import NO_NAMES, word_set
from jisr.privacy.place_names import fold_place, is_country

ENTITY_TYPE = "NRP"
SCORE = 0.6

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_CLAUSE = re.compile(r"[ \u00a0]{1,2}|[,/:-] ?|: \Z")
_WHO = word_set(
    "people person persons citizen citizens national nationals man men woman women boy girl lady "
    "guy guys male female child children student students customer customers client clients "
    "shopper shoppers buyer buyers user users colleague colleagues coworker friend friends "
    "neighbour neighbours neighbor neighbors family families wife husband girlfriend boyfriend "
    "fiance fiancé fiancée partner mother father parents son daughter brother sister cousin uncle "
    "aunt boss manager employee employees worker workers engineer doctor nurse driver maid nanny "
    "lawyer candidate candidates applicant applicants patient patients guest guests tourist "
    "tourists immigrant immigrants refugee refugees expat expats resident residents passport "
    "passports visa visas nationality citizenship residency descent origin origins heritage "
    "background roots ancestry territory border borders community team supplier suppliers "
    "landlord tenant tenants soldier officer investor investors"
)
"""Words for people and papers."""
_SUBJECTS = word_set(
    "i he she we they who wife husband mother father parents family son daughter brother sister "
    "friend boss colleague neighbour neighbor cousin uncle aunt girlfriend boyfriend partner "
    "client customer patient candidate manager grandmother grandfather mom mum dad"
)
_TO_BE = word_set("am are is was were being")
_CONTRACTED = word_set("i'm im he's she's who's we're they're you're")
_LABELS = word_set(
    "nationality nationalities citizenship ethnicity religion ethnically originally half part "
    "native"
)
_LINKS = _TO_BE | word_set("a an the of and or also not half partly originally now both actually")
_LANGUAGE_BEFORE = word_set(
    "in into to from speak speaks speaking spoke spoken read write learn learning study translate"
)
_LANGUAGE_AFTER = word_set(
    "language languages lesson lessons class classes course courses grammar word words translation "
    "version text sentence teacher teachers tutor speaker speakers level exam alphabet letters "
    "accent food cuisine restaurant restaurants dish dishes recipe revolution empire history "
    "literature poetry"
)
_NO_BEARERS = _LANGUAGE_AFTER | NO_NAMES - _WHO
_LONGEST_LIST = 6  # words

_ARABIC_CUE = (
    r"(?:(?:ال|ب|و)?(?:جنسي|ديان)ت?[ةهي]?(?:ا|م)?|أنا|إنني|نحن"
    r"|من (?:أصل|أصول)|(?:ال|ب)?جواز سفر(?:ي|ه|ها)?"
    r"|(?:ال)?(?:مواطن|زميل|صديق|جار|زوج|مدير|عميل|طالب|موظف|سائق|طبيب|مهندس|مريض|خادم|مرشح|شريك)"
    r"(?:ة|تي|ته|تها|ي|ه|ها|ين|ون|ات)?|(?:ال)?(?:شاب|رجل|امرأة|فتاة|سيدة|عائلة|عائلتي|زبون|أسرتي))"
)
_ARABIC = re.compile(
    rf"(?<!\w){_ARABIC_CUE}(?: ?: ?| )(?:هو |هي |من )?"
    r"(?P<which>(?:ال)?[\u0620-\u0652]{3,20})(?!\w)"
)


def build(settings: PrivacySettings) -> NationalityRecognizer:
    """Return the recognizer; it has no settings."""
    return NationalityRecognizer()


class NationalityRecognizer:
    """Finds words for where somebody comes from, and what he believes."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield such words of `text`."""
        yield from _arabic(text)
        is_personal = well_known.is_personal(text)
        tokens = [_Token(text, match) for match in _TOKEN.finditer(text)]
        named = [n for n, it in enumerate(tokens) if lexicon.is_nationality(it.key)]
        told = {
            tokens[n].key
            for n in named
            if not _is_language(tokens, n)
            and (_is_said_of(tokens, n) or (is_personal and _has_bearer(tokens, n)))
        }
        for n in named:
            token = tokens[n]
            if token.key in told and not _is_language(tokens, n):
                yield Span(token.start, token.end, ENTITY_TYPE, SCORE, "where somebody comes from")


class _Token:
    """A word, and whether it stands in one clause with the word before."""

    __slots__ = ("end", "key", "start", "text")

    def __init__(self, text: str, match: re.Match[str]) -> None:
        self.text = text
        self.start, self.end = match.span()
        self.key = match[0].casefold().replace("’", "'").removesuffix("'s")

    def follows(self, before: _Token) -> bool:
        """Whether nothing but a space, a comma or the like is between."""
        return _CLAUSE.fullmatch(self.text, before.end, self.start) is not None


def _has_bearer(tokens: Sequence[_Token], n: int) -> bool:
    """Whether a word for people or papers follows, after a list or one more word perhaps."""
    i, last = n + 1, min(len(tokens), n + _LONGEST_LIST)
    while i < last and tokens[i].follows(tokens[i - 1]) and _is_of_list(tokens[i].key):
        i += 1
    following = tokens[i : i + 2]
    for before, token in zip(tokens[i - 1 :], following, strict=False):
        if not token.follows(before) or token.key in _NO_BEARERS:
            return False
        if token.key in _WHO:
            return True
    return False


def _is_of_list(key: str) -> bool:
    return key in {"and", "or"} or lexicon.is_nationality(key) or is_country(fold_place(key))


def _is_said_of(tokens: Sequence[_Token], n: int) -> bool:
    """Whether the words before say it of a person: `she is half Irish`, `nationality: Irish`."""
    i, is_said = n - 1, False
    while i >= 0 and tokens[i + 1].follows(tokens[i]) and tokens[i].key in _LINKS - _LABELS:
        is_said = is_said or tokens[i].key in _TO_BE
        i -= 1
    if i < 0 or not tokens[i + 1].follows(tokens[i]):
        return False
    key = tokens[i].key
    return key in _LABELS or key in _CONTRACTED or (is_said and key in _SUBJECTS)


def _is_language(tokens: Sequence[_Token], n: int) -> bool:
    """Whether a word says which language, or what kind of thing, is meant."""
    following = tokens[n + 1] if n + 1 < len(tokens) else None
    next_key = following.key if following and following.follows(tokens[n]) else ""
    if next_key in _LANGUAGE_AFTER:
        return True
    is_led = n > 0 and tokens[n - 1].key in _LANGUAGE_BEFORE and tokens[n].follows(tokens[n - 1])
    return is_led and (not next_key or next_key in NO_NAMES)


def _arabic(text: str) -> Iterator[Span]:
    for match in _ARABIC.finditer(text):
        if lexicon.is_arabic_nationality(match["which"]):
            yield Span(*match.span("which"), ENTITY_TYPE, SCORE, "where somebody comes from")
