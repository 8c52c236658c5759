"""Postal codes: by the words before them, by a form that nothing else has, by the town beside them.

What is covered: any country's code after words such as "zip code"; British and Canadian
codes wherever they stand; five or six digits beside a town or after a state's letters.

What is not covered: bare digits without any of these; codes inside of an address are that
recognizer's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy.base import Span
from jisr.privacy.place_names import WELL_KNOWN, fold_place, is_city, is_country

ENTITY_TYPE = "POSTCODE"

_CODE = (
    r"(?:(?:[A-Z]{1,2}-)?\d{5}-\d{3,4}|\d{2}-\d{3}|\d{3}[ -]\d{2}|\d{3}-\d{4}|\d{4}[ ]?[A-Z]{2}"
    r"|[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2}|[A-Z]\d[A-Z][ -]?\d[A-Z]\d|[A-Z]\d{2}[ ]?[A-Z\d]{4}"
    r"|(?:[A-Z]{1,2}-)?\d{3,7})(?![\w-])"
)
_NAMED = re.compile(
    r"(?:\b(?:(?:zip|post(?:al)?|pin)[ _-]?codes?|eir ?code|PLZ|Postleitzahl|code postal|"
    r"c[oó]digo postal|CEP|postnummer|postinumero|(?:zip|postal)(?=[ ]?(?:[:=#]|is|number)))\b"
    r"|(?:ال)?رمز(?:ي|ه|ها)? (?:ال)?بريدي?)[\"']?"
    r"(?:[ ](?:is|was|are|to|for|of|number|no|here|home|the|my|our|هو)\b){0,4}[ ]{0,3}"
    r"[:=#-]?[ ]{0,3}[\"']?"
    rf"(?P<code>{_CODE})",
    re.IGNORECASE,
)
_NAMED_AFTER = re.compile(
    r"(?<![\w.,-])(?P<code>\d{3,6}(?:-\d{3,4})?)[ ](?:is|as)[ ]"
    r"(?:the|my|our|his|her|their|a)[ ](?:zip|post(?:al)?)[ -]?code",
    re.IGNORECASE,
)
_BRITISH = re.compile(
    r"(?<![\w.-])(?:[A-PR-UWYZ][A-HK-Y]?\d(?:\d|[ABEHMNPRV-Y])?)[ ]\d(?!(?:GB|TB|HD)\b)"
    r"[ABD-HJLNP-UW-Z]{2}(?![\w-])"
)
_CANADIAN = re.compile(
    r"(?<![\w.-])[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]\d[ABCEGHJ-NPRSTV-Z]\d(?![\w-])"
)
_AMERICAN = re.compile(r"(?<=[^\W\d_]), ?[A-Z]{2}\.?[ ](?P<code>\d{5}(?:-\d{4})?)(?![\w-])")
_DIGITS = re.compile(r"(?<![\w.,$€£/-])(?:[A-Z]{1,2}-)?\d{5,6}(?![\w-]|[.,]\d)")
_TOWN_AFTER = re.compile(r"[ ]((?!\d)\w[\w'-]{2,30}(?:[ ](?!\d)\w[\w'-]{0,30}){0,2})")
_TOWN_BEFORE = re.compile(r"((?:(?!\d)[\w'-]{1,30}[ ]){0,2}(?!\d)[\w'-]{3,30})[,،]?[ ]\Z")
_OPENING = re.compile(r"(?:\A|[\n,،:(]|\b(?:in|at|near|from|to|of)|في|من)[ ]*\Z")
_CLOSING = re.compile(r"[ ]*(?:\Z|[\n,،.;:!?؟)])")
_NEAR = 96  # characters around a number that are read


def build(settings: PrivacySettings) -> PostcodeRecognizer:
    """Return the recognizer; it has no settings."""
    return PostcodeRecognizer()


class PostcodeRecognizer:
    """Finds postal codes."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the postal codes of `text`."""
        for form in (_NAMED, _NAMED_AFTER):
            for match in form.finditer(text):
                yield Span(*match.span("code"), ENTITY_TYPE, 0.9, "named as a postcode")
        for match in _AMERICAN.finditer(text):
            yield Span(*match.span("code"), ENTITY_TYPE, 0.8, "after a state")
        for form, country in ((_BRITISH, "British"), (_CANADIAN, "Canadian")):
            for match in form.finditer(text):
                yield Span(*match.span(), ENTITY_TYPE, 0.7, f"{country} form")
        for match in _DIGITS.finditer(text):
            if _is_beside_a_town(text, *match.span()):
                yield Span(*match.span(), ENTITY_TYPE, 0.6, "beside a town")


def _is_beside_a_town(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - _NEAR) : start]
    after = _TOWN_AFTER.match(text, end)
    if after and _OPENING.search(before):
        words = after[1].split(" ")
        if any(_is_place(words[:count]) for count in range(len(words), 0, -1)):
            return True
    town = _TOWN_BEFORE.search(before) if _CLOSING.match(text, end) else None
    words = town[1].split(" ") if town else []
    return any(_is_place(words[first:]) for first in range(len(words)))


def _is_place(words: list[str]) -> bool:
    name = " ".join(words)
    if name[:1].islower():
        return False
    folded = fold_place(name)
    return is_city(folded, WELL_KNOWN) or is_country(folded)
