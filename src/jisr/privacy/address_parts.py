"""The parts of a postal address: street, unit, post box, postcode, region, town, country.

A text is cut into tokens once. Each question of `Parts` looks at a few tokens from a
place on, and answers with the place after the part, or with the place itself if there is
no such part. So time stays linear.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence

from jisr.privacy.address_words import (
    ABBREVIATIONS,
    EMPTY_CELLS,
    LOWER_STOP,
    NOT_A_NAME,
    NUMBERED_STREETS,
    PARTICLES,
    STOP,
    STREET_ABBREVIATION,
    STREET_FIRST,
    STREET_LOWER,
    UNITS,
)
from jisr.privacy.place_names import fold_place, is_city, is_country, is_region

MAX_NAME = 8
"""Words in the name of a street or town."""
MAX_PLACE = 4
"""Words in the name of a town or country that is looked up."""

_LOWER_WORDS = 4
_WHOLE_WORD = 3  # letters; a shorter street word is an abbreviation
_REGION_LETTERS = (2, 3)

_WORD = r"(?:[^\W\d_]|∆)+"
_TOKEN = re.compile(
    r"(?P<break>\n[ \t\r>|*]*\n|[\"\\])|(?P<line>\n[ \t\r>|*]*)|(?P<digits>\d[\w/-]*)"
    rf"|(?P<word>[cC]/(?!o\b)|{_WORD}(?:['’´`-]{_WORD})*)|(?P<mark>\S)"
)
_HOUSE = re.compile(r"\d{1,6}(?:[-/]\d{1,4})?[^\W\d_]?")
_ORDINAL = re.compile(r"\d{1,3}(?:st|nd|rd|th)", re.IGNORECASE)
_AMOUNT = frozenset("$€£¥%°+=*^~@_/")
_BETWEEN_DIGITS = frozenset(".,:'")
_POSTCODE_FORM = (
    r"\d{4} ?[A-Z]{2}(?!\w)|(?:[A-Z]{1,2}-)?\d{4,6}(?:-\d{3,4})?(?![\w-])|\d{2}-\d{3}(?![\w-])"
    r"|\d{3}(?: \d{2})?(?![\w-])|\d{4} ?[A-Z]{2}(?!\w)|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}(?!\w)"
    r"|[A-Z]\d[A-Z][ -]?\d[A-Z]\d(?!\w)"
)
_POSTCODE = re.compile(_POSTCODE_FORM)
_LOWER_POSTCODE = re.compile(_POSTCODE_FORM.replace("A-Z", "a-z"))


class Token:
    """A word, number, mark, line end or break of a text.

    `kind` is `word`, `number` (one that a house could have), `digits` (another), `mark`,
    `line` or `break`, which no address goes across.
    """

    __slots__ = ("end", "is_name", "kind", "low", "start", "text")

    def __init__(self, kind: str, start: int, text: str, is_lower: bool = False) -> None:
        self.kind = kind
        self.start = start
        self.end = start + len(text)
        self.text = text
        self.low = text.casefold() if kind == "word" else text
        self.is_name = kind == "word" and (
            text[0].islower() and self.low not in LOWER_STOP if is_lower else text != text.lower()
        )
        """Whether it is written as a name; in a text without capitals, whether it may be one."""


_END = Token("break", -1, "")


class Parts:
    """The tokens of a text, and what parts of an address they are."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.is_lower = text == text.lower()
        self.tokens = [
            Token(match.lastgroup or "mark", match.start(), match[0], self.is_lower)
            for match in _TOKEN.finditer(text)
        ]
        self._starts = [token.start for token in self.tokens]
        self.tokens += [_END] * 3
        for i, token in enumerate(self.tokens):
            if token.kind == "digits":
                _classify(self.tokens, i)

    def at(self, position: int) -> int:
        """Return the first token that starts at a character or after it."""
        return bisect_left(self._starts, position)

    def is_after(self, i: int, *kinds: str) -> bool:
        """Whether a token of these kinds comes next, or the text ends."""
        return self.tokens[i].kind in kinds or self.tokens[i].kind == "break"

    def numbers(self, i: int, most: int) -> int:
        """House numbers."""
        end = i
        while end - i < most and self.tokens[end].kind == "number":
            end += 1
        return end

    def name(self, i: int, most: int = MAX_NAME) -> int:
        """Words that may be a name: capitals, small words between them, abbreviations."""
        tokens, end, num_words, last = self.tokens, i, 0, i
        while num_words < most:
            token = tokens[end]
            if token.kind != "word" or (token.is_name and token.low in STOP):
                break
            is_written_so = token.is_name or self._is_street_word(end)
            if not is_written_so and not (end > i and self._is_inside(i, end)):
                break
            if end > i and self.unit(end) > end:
                break
            num_words += 1
            end += 1
            if self._is_point(end):
                end += 1
            if is_written_so or token.low not in PARTICLES:
                last = end
        return last

    def _is_inside(self, start: int, i: int) -> bool:
        """Whether a small word may stand here inside of the name that starts at `start`."""
        token, after = self.tokens[i], self.tokens[i + 1]
        if token.low in PARTICLES:
            return True
        if token.kind != "word" or token.low in LOWER_STOP or token.low in UNITS:
            return False
        if self.tokens[start].low in STREET_FIRST and i <= start + _LOWER_WORDS:
            return True
        is_after_number = self.tokens[start - 1].kind == "number"
        return (after.kind == "word" and self._is_street_word(i + 1)) or (
            is_after_number and after.kind == "number"
        )

    def _is_street_word(self, i: int) -> bool:
        low = self.tokens[i].low
        return low in STREET_LOWER and (len(low) >= _WHOLE_WORD or self._is_point(i + 1))

    def _is_point(self, i: int) -> bool:
        """Whether this is the full stop of an abbreviation."""
        before, token = self.tokens[i - 1], self.tokens[i]
        return (
            token.text == "."
            and token.start == before.end
            and (
                len(before.text) == 1
                or before.low in ABBREVIATIONS
                or before.low.endswith(STREET_ABBREVIATION)
            )
        )

    def unit(self, i: int) -> int:
        """A part of a house with its number: `Apt. 864`, `#12`, `Suite B`."""
        tokens = self.tokens
        if tokens[i].text == "#":
            return i + 2 if tokens[i + 1].kind in ("number", "digits") else i
        if tokens[i].low not in UNITS:
            return i
        end = i + 1 + (tokens[i + 1].text == ".")
        if tokens[end].low in ("no", "number", "nr", "#", "رقم"):
            end += 1 + (tokens[end + 1].text == ".")
        token = tokens[end]
        is_letter = len(token.text) == 1 and token.kind == "word" and token.text.isupper()
        if is_letter and tokens[end + 1].start == token.end and tokens[end + 1].kind != "mark":
            end += 1
        return end + 1 if is_letter or token.kind in ("number", "digits") else i

    def lone_street(self, i: int) -> int:
        """A street that has a number for a name: `Street 45`."""
        is_street = self.tokens[i].low in NUMBERED_STREETS
        return i + 2 if is_street and self.tokens[i + 1].kind == "number" else i

    def postcode(self, i: int) -> int:
        """A number or code that a postcode could be; what stands around must say that it is."""
        token = self.tokens[i]
        if token.kind not in ("number", "digits") and not (
            token.kind == "word"
            and len(token.text) < _WHOLE_WORD
            and self.tokens[i + 1].start <= token.end + 1
        ):
            return i
        form = _LOWER_POSTCODE if self.is_lower else _POSTCODE
        match = form.match(self.text, token.start)
        return self.at(match.end()) if match else i

    def region(self, i: int) -> int:
        """A state or province: two or three letters, its name, or a table's empty cell."""
        token = self.tokens[i]
        if token.kind != "word":
            return i
        is_written_so = token.text.isupper() or (
            self.is_lower and self.tokens[i + 1].kind in ("number", "digits", "line", "break")
        )
        if token.low in EMPTY_CELLS or (is_written_so and len(token.text) in _REGION_LETTERS):
            return i + 1
        return self._longest(i, is_region)

    def country(self, i: int) -> int:
        """A country, with what stands in brackets after it."""
        return self.bracketed(self._longest(i, is_country))

    def bracketed(self, end: int) -> int:
        """Move the end of a name over one word in brackets: `Cyprus (Greek)`."""
        tokens = self.tokens
        return end + 3 if tokens[end].text == "(" and tokens[end + 2].text == ")" else end

    def city(self, i: int) -> int:
        """A town whose name is known."""
        return self._longest(i, is_city)

    def _longest(self, i: int, is_place: Callable[[str], bool]) -> int:
        if not self.tokens[i].is_name or self.tokens[i].low in NOT_A_NAME:
            return i
        end = self.name(i, MAX_PLACE)
        while end > i and not is_place(self.folded(i, end)):
            end -= 1
        return end

    def folded(self, start: int, end: int) -> str:
        """Return the text of tokens as names of places are looked up."""
        return fold_place(self.text[self.tokens[start].start : self.tokens[end - 1].end])


def _classify(tokens: Sequence[Token], i: int) -> None:
    """Call digits a house number if they can be one, and a word if they are an ordinal."""
    token, before, after = tokens[i], tokens[i - 1], tokens[i + 1]
    if _ORDINAL.fullmatch(token.text):
        token.kind, token.low, token.is_name = "word", token.text.casefold(), True
        return
    is_part = (before.end == token.start and _is_bound(before, tokens[i - 2])) or (
        after.start == token.end and _is_bound(after, tokens[i + 2])
    )
    if not is_part and _HOUSE.fullmatch(token.text):
        token.kind = "number"


def _is_bound(mark: Token, beyond: Token) -> bool:
    """Whether a mark beside digits makes them an amount, a fraction, a time or the like."""
    if mark.text in _BETWEEN_DIGITS:
        return beyond.kind in ("digits", "number") and (
            beyond.end == mark.start or beyond.start == mark.end
        )
    return mark.text in _AMOUNT
