"""A part of a text that may be a postal address, and how it grows over the parts that follow.

What follows a street in an address: units, towns, regions, postcodes and countries, in any
order, after spaces, commas or on lines of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from jisr.privacy.address_parts import Parts
from jisr.privacy.address_words import NOT_A_NAME, STOP

MAX_TOWN = 5
"""Words in the name of a town."""

_MAX_PARTS = 9
_REGION_LETTERS = 3
_MAX_UNKNOWN = 2
_CLEAR_DIGITS = 5  # a shorter number before a small letter counts something
_SEPARATORS = frozenset(",،;-–|")
_STOPS = frozenset(".,،;!?؟)")
_PLACES = ("city", "town", "region", "country")
_POINTS = {"unit": 2, "country": 1, "city": 1, "postcode": 1}


@dataclass(slots=True)
class Candidate:
    """Tokens that may be an address, and what speaks for it."""

    start: int
    end: int
    points: int = 0
    reasons: list[str] = field(default_factory=list)
    kind: str = ""
    """How its street is known: by a word `last`, `first`, by an `ending`, `sometimes`; or not."""
    num_numbers: int = 0

    def add(self, points: int, reason: str) -> None:
        """Count what speaks for it."""
        self.points += points
        self.reasons.append(reason)


def grow(parts: Parts, found: Candidate) -> None:
    """Add the parts of an address that follow, in whatever order."""
    last, num_unknown = "street" if found.kind else "name", 0
    for _ in range(_MAX_PARTS):
        start, between = skip(parts, found.end)
        kind, end = _next_part(parts, start, last, between)
        num_unknown += kind == "town"
        if end == start or num_unknown > _MAX_UNKNOWN:
            return
        if kind == "city" and parts.is_after(parts.numbers(end, 1), "line", "mark"):
            end = parts.numbers(end, 1)  # of a district: `Praha 1`
        found.end, last = end, kind
        if kind in _POINTS:
            found.add(_POINTS[kind], kind)


def skip(parts: Parts, i: int) -> tuple[int, str]:
    """Return where the next part may start, and what stands between: a `line`, a `mark` or ``."""
    between = ""
    for _ in range(3):
        token = parts.tokens[i]
        if token.kind == "line" and between != "line":
            between = "line"
        elif token.text in _SEPARATORS:
            between = between or "mark"
        else:
            break
        i += 1
    return i, between


def _next_part(parts: Parts, i: int, last: str, between: str) -> tuple[str, int]:
    """Return the kind and end of the part that starts at a token; the token if there is none."""
    for kind, end in (
        ("unit", parts.unit(i)),
        ("unit", parts.lone_street(i) if between else i),
        ("country", parts.country(i)),
        ("postcode", _postcode(parts, i, last, between)),
        ("region", _region(parts, i, last, between)),
    ):
        if end > i:
            return kind, end
    city = parts.city(i)
    for end in (parts.bracketed(parts.name(i, MAX_TOWN)), city):
        if end > i and _is_town_here(parts, i, end, last, between):
            return ("city" if city > i else "town"), end
    return "", i


def _postcode(parts: Parts, i: int, last: str, between: str) -> int:
    """Return the end of a number or code that is a postcode in this place."""
    end, after = parts.postcode(i), parts.tokens[parts.postcode(i)]
    if end == i or last in ("country", "region"):
        return end
    is_counted = (
        after.kind == "word"
        and not after.is_name
        and after.low not in STOP
        and len(parts.tokens[i].text) < _CLEAR_DIGITS
    )
    if is_counted or (after.kind == "word" and last not in _PLACES and parts.city(end) == end):
        return i
    return end if last in _PLACES or between == "line" or after.kind == "word" else i


def _region(parts: Parts, i: int, last: str, between: str) -> int:
    """Return the end of a region in this place."""
    end = parts.region(i)
    if end == i or not (between or last in _PLACES or last == "unit"):
        return i
    after = parts.tokens[end]
    is_other = after.is_name and len(parts.tokens[i].text) <= _REGION_LETTERS
    return i if is_other and parts.country(end) == end else end


def _is_town_here(parts: Parts, i: int, end: int, last: str, between: str) -> bool:
    """Whether a name in this place is a town's, known or not."""
    is_known = parts.city(i) == end
    if last in ("street", "name") and _is_unit_next(parts, end):
        return True
    if any(token.low in NOT_A_NAME for token in parts.tokens[i:end]):
        return False
    after = parts.tokens[end]
    if between == "line":
        return is_known or _leads_on(parts, end)
    if between == "mark":
        return (
            is_known
            or after.kind in ("line", "break")
            or after.text in _STOPS
            or _leads_on(parts, end)
        )
    return last in ("unit", "postcode") or (is_known and last in ("street", "city", "town"))


def _leads_on(parts: Parts, i: int) -> bool:
    """Whether a region, postcode or country comes next, perhaps after one more name."""
    start, between = skip(parts, i)
    if _is_outer(parts, start):
        return True
    end = parts.name(start, 3)
    return end > start and between != "" and parts.postcode(end) > end


def _is_unit_next(parts: Parts, i: int) -> bool:
    start, _ = skip(parts, i)
    return parts.unit(start) > start


def _is_outer(parts: Parts, i: int) -> bool:
    return max(parts.country(i), parts.postcode(i), parts.region(i)) > i
