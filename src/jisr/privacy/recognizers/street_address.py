"""Postal addresses: a street or post box with what belongs to it, on one line or on several.

What is covered: number and street in either order, with the street words of some forty
languages; units, post boxes, military mail, street corners; towns, regions, postcodes and
countries that follow; a number and a name after words such as "lives at".

What is not covered: towns or countries that stand alone, names of buildings, directions
("behind the mosque"), a street that is named without a number and without context.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy.address_growth import MAX_TOWN, Candidate, grow, skip
from jisr.privacy.address_parts import Parts, Token
from jisr.privacy.address_words import (
    ALONG,
    BEFORE,
    CUE,
    DIRECTLY,
    HUNGARIAN,
    NO_STREETS,
    NOT_A_NAME,
    NUMBER_WORDS,
    PLAIN_STREETS,
    STOP,
    STREET_ENDINGS,
    STREET_FIRST,
    STREET_LAST,
    STREET_SOMETIMES,
    UNITS,
)
from jisr.privacy.arabic_addresses import arabic_addresses
from jisr.privacy.base import Span

ENTITY_TYPE = "STREET_ADDRESS"

_ENOUGH = 3  # points

_CONTEXT = 72  # characters before an address that are read
_SHORTEST_ENDING = 6  # letters: shorter words end like a street by chance

_AND = ("and", "&", "und", "y", "et")
_IN = ("in", "à", "en", "i")
_CORNER_WORDS = 3
_MAX_UNITS = 3
_UNIT_TOKENS = 4

_YEAR = re.compile(r"(?:19|20)\d\d")
_BOX = re.compile(
    r"\b(?:P\.?[ ]?O\.?[ ]{0,2}Box|Post Office Box|Postfach|Postbus|Postboks|Casilla|Apartado|"
    r"Caixa Postal|PMB)[ .:#]{0,3}(?:No\.? ?)?\d{1,6}\b",
    re.IGNORECASE,
)
_MILITARY = re.compile(
    r"\b(?:(?:PSC|CMR|Unit)[ ]\d{1,6},?[ ]Box[ ]\d{1,6}|US(?:S|NS|NV|CGC)(?:[ ][^\W\d]{1,30}){1,3})"
    r"[,\s>]{1,12}(?:APO|FPO|DPO),?[ ]A[AEP][ ]\d{5}\b",
    re.IGNORECASE,
)
_CORNERED = "corner of two streets"
_CORNER = re.compile(r"\b(?:the[ ])?(?:corner|intersection|junction)[ ]of[ ]", re.IGNORECASE)
_WORTH_A_LOOK = re.compile(
    r"\d|" + r"\b(?:street|road|avenue|lane|boulevard|corner)\b", re.IGNORECASE
)


def build(settings: PrivacySettings) -> StreetAddressRecognizer:
    """Return the recognizer; it has no settings."""
    return StreetAddressRecognizer()


class StreetAddressRecognizer:
    """Finds postal addresses."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the addresses of `text`."""
        for start, end, points in arabic_addresses(text):
            yield Span(start, end, ENTITY_TYPE, _score(points), "Arabic words of an address")
        if not _WORTH_A_LOOK.search(text):
            return
        parts = Parts(text)
        fixed = _fixed(parts)
        i = last = 0
        while i < len(parts.tokens):
            found = fixed.get(i) or _street(parts, i) or _units(parts, i)
            if found is None:
                i += 1
                continue
            grow(parts, found)
            _context(parts, found)
            if found.points < _ENOUGH:
                i += 1
                continue
            _take_other_corner(parts, found)
            _take_units_before(parts, found, last)
            yield _span(parts, found)
            yield from _city_after(parts, found)
            i = last = found.end


def _span(parts: Parts, found: Candidate) -> Span:
    start, end = parts.tokens[found.start].start, parts.tokens[found.end - 1].end
    why = ", ".join(dict.fromkeys(found.reasons))
    return Span(start, end, ENTITY_TYPE, _score(found.points), why)


def _score(points: int) -> float:
    return min(0.95, 0.4 + 0.1 * points)


def _fixed(parts: Parts) -> dict[int, Candidate]:
    """Return what is an address by its form alone, by its first token."""
    found = {}
    for form, reason in ((_BOX, "post box"), (_MILITARY, "military mail")):
        for match in form.finditer(parts.text):
            start, end = parts.at(match.start()), parts.at(match.end())
            candidate = Candidate(start, end, _ENOUGH, [reason], reason)
            if form is _BOX:
                candidate.end = parts.name(end)
                while candidate.start and parts.tokens[candidate.start - 1].kind == "number":
                    candidate.start -= 1
            found[candidate.start] = candidate
    for match in _CORNER.finditer(parts.text):
        start = parts.at(match.start())
        one = _one_street(parts, parts.at(match.end()))
        if parts.tokens[one].low in ("and", "&", "with"):
            two = _one_street(parts, one + 1)
            if two > one + 1:
                found[start] = Candidate(start, two, _ENOUGH, [_CORNERED], _CORNERED)
    return found


def _street(parts: Parts, i: int) -> Candidate | None:
    """Return the street with its numbers that starts at a token, if one may."""
    tokens = parts.tokens
    if tokens[i].kind != "number" and not _may_start(parts, i):
        return None
    first = name = parts.numbers(i, 3)
    if first > i and tokens[first].text == "," and tokens[first + 1].low in STREET_FIRST:
        name += 1
    last = parts.name(name)
    if last == name:
        return None
    kind, cut = _street_word(parts, name, last)
    end = _numbers_after(parts, last, kind)
    if kind == "last" and cut < last and first == i and end > last:
        kind = ""  # a number after a name that only has a street's word in it
    elif kind == "last" and end == last:
        end = cut
    found = Candidate(i, end, kind=kind, num_numbers=(first > i) + (end > last))
    return _counted(found) if _is_enough(parts, found, name, last) else None


def _units(parts: Parts, i: int) -> Candidate | None:
    """Return a chain of units that starts at a token: `House 14, Road 27, Block K`."""
    end = parts.unit(i)
    start, _ = skip(parts, end)
    if (
        end == i
        or parts.tokens[i].text == "#"
        or max(parts.unit(start), parts.lone_street(start)) == start
    ):
        return None
    return Candidate(i, end, 1, ["unit"], "unit")


def _counted(found: Candidate) -> Candidate:
    """Count what speaks for a street by itself, and return it."""
    if found.kind:
        found.add(1 if found.kind == "sometimes" else 2, "street word")
    if found.num_numbers:
        found.add(found.num_numbers, "house number")
    return found


def _may_start(parts: Parts, i: int) -> bool:
    """Whether a street without a number before it may start with this word."""
    token, before = parts.tokens[i], parts.tokens[i - 1]
    if token.kind != "word" or token.low in STOP:
        return False
    if token.low in STREET_FIRST and parts.tokens[i + 1].kind in ("word", "mark"):
        return True
    return token.is_name and not (before.is_name and before.low not in STOP)


def _street_word(parts: Parts, start: int, end: int) -> tuple[str, int]:
    """Return how a name is known as a street's, and where it ends if by its last word."""
    tokens = parts.tokens
    found, cut = "", end
    for i in range(start, end):
        low = tokens[i].low
        if i > start and low in STREET_LAST:
            if f"{tokens[i - 1].low} {low}" not in NO_STREETS:
                found, cut = "last", i + 1 + (tokens[i + 1].text == "." and i + 1 < end)
        elif low in STREET_FIRST and i + 1 < end and found != "last":
            found = "first"
        elif len(low) >= _SHORTEST_ENDING and low.endswith(STREET_ENDINGS):
            found = found or "ending"
        elif i > start and low in STREET_SOMETIMES:
            found = found or "sometimes"
    return found, cut


def _numbers_after(parts: Parts, i: int, kind: str) -> int:
    """Return the end of the numbers after a street's name."""
    tokens = parts.tokens
    has_comma = tokens[i].text == ","
    start = i + has_comma
    if tokens[start].low in NUMBER_WORDS:
        start += 1 + (tokens[start + 1].text in (".", ":"))
    elif has_comma and kind not in ("first", "ending"):
        return i
    end = parts.numbers(start, 2)
    if end == start:
        return i
    letter = tokens[end]
    if len(letter.text) == 1 and letter.kind == "word" and letter.text.isupper():
        end = parts.numbers(end + 1, 1)
    if tokens[end].text == "." and any(t.low in HUNGARIAN for t in tokens[max(0, i - 2) : i]):
        end += 1
    return end


def _is_enough(parts: Parts, found: Candidate, name: int, last: int) -> bool:
    """Whether a name in `[name, last)` with its numbers may be an address at all."""
    tokens = parts.tokens
    if found.kind == "last" and not found.num_numbers:
        return any(token.low in PLAIN_STREETS for token in tokens[name:last])
    if found.kind:
        return found.num_numbers > 0
    if any(token.low in NOT_A_NAME for token in tokens[name:last]):
        return False
    numbers = (*tokens[found.start : name], *tokens[last : found.end])
    after = tokens[found.end]
    return any(_is_telling(number) for number in numbers) and (
        after.kind != "word" or after.is_name or after.low in STOP
    )


def _is_telling(number: Token) -> bool:
    """Whether it is no year and no single digit."""
    return len(number.text) > 1 and not _YEAR.fullmatch(number.text)


def _context(parts: Parts, found: Candidate) -> None:
    """Add what stands before a candidate."""
    start = parts.tokens[found.start].start
    before = parts.text[max(0, start - _CONTEXT) : start]
    if not found.kind and "unit" not in found.reasons and not DIRECTLY.search(before):
        found.points = 0
        return
    if CUE.search(before):
        found.add(2, "context")
    elif BEFORE.search(before) or (
        found.kind == "last"
        and parts.tokens[found.end - 1].low in PLAIN_STREETS
        and ALONG.search(before)
    ):
        found.add(1, "place in the sentence")


def _take_other_corner(parts: Parts, found: Candidate) -> None:
    """Take the other one of two streets in as well: `Main and 12 Elm Street`."""
    tokens = parts.tokens
    if tokens[found.end].low in _AND:
        end = parts.name(found.end + 1)
        if tokens[end - 1].low in PLAIN_STREETS and end > found.end + 1:
            found.end = end
    if tokens[found.start - 1].low not in _AND:
        return
    start = found.start - 1
    while start and found.start - start <= _CORNER_WORDS and tokens[start - 1].is_name:
        start -= 1
    before = parts.text[: tokens[start].start][-_CONTEXT:]
    if start < found.start - 1 and (DIRECTLY.search(before) or CUE.search(before)):
        found.start = start


def _take_units_before(parts: Parts, found: Candidate, first: int) -> None:
    """Move the start over units that stand before the street: `Flat 3, 27 Elm Street`."""
    if parts.tokens[found.start - 1].low in UNITS:
        found.start -= 1
    for _ in range(_MAX_UNITS):
        end = found.start - (parts.tokens[found.start - 1].text == ",")
        starts = range(max(first, end - _UNIT_TOKENS), end)
        start = next((i for i in starts if parts.unit(i) == end), end)
        if start == end:
            return
        found.start = start


def _city_after(parts: Parts, found: Candidate) -> Iterator[Span]:
    """Yield the town of `12 Elm Street in Springfield`."""
    i = found.end + (parts.tokens[found.end].text == ".")
    i += parts.tokens[i].low in STREET_LAST
    start = i + 1
    end = parts.name(start, MAX_TOWN)
    if parts.tokens[i].low in _IN and end > start:
        words = parts.tokens[start:end]
        if not any(word.low in NOT_A_NAME for word in words):
            yield Span(words[0].start, words[-1].end, "CITY", 0.6, "after a street")


def _one_street(parts: Parts, i: int) -> int:
    """Return the end of a street's name with the numbers around it."""
    return parts.numbers(parts.name(parts.numbers(i, 2)), 2)
