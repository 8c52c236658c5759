"""The parts of a reckoning, and what it comes to, exactly.

Numbers are fractions, so nothing is rounded on the way. Nothing is evaluated as code, and what
would grow beyond bounds is not worked out: size, depth and exponents have limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

MOST_DIGITS = 40
MOST_PARTS = 120
"""Of a formula that is worked out."""
MOST_DEPTH = 12
"""Of parentheses."""
MOST_BITS = 2048
"""Of a number on the way."""
MOST_EXPONENT = 64
PER_CENT = Fraction(1, 100)


class Sort(StrEnum):
    """What a part of a reckoning is."""

    NUMBER = "number"
    SIGN = "sign"
    """`+ - * / ^`."""
    OPEN = "("
    CLOSE = ")"
    EQUALS = "="
    UNIT = "unit"
    """A word: what is counted, or prose."""
    UNREAD = "unread"
    """Something whose meaning here is not known: a variable, a function, a ratio."""
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class Part:
    """A number, a sign or a word."""

    sort: Sort
    text: str
    value: Fraction = Fraction(0)
    num_places: int = 0
    """Digits behind the point."""
    is_percent: bool = False
    is_glued: bool = False
    """Nothing stands between it and what comes before."""


class CannotReckonError(ValueError):
    """A formula is not one, or would grow beyond bounds."""


_NUMBER = (
    r"\d{1,3}(?:,\d{2,3}){0,9},\d{3}(?:\.\d+)?(?![\d,])|\d{1,3}(?: \d{3}){1,9}(?![\d.,/])"
    r"|\d+(?:\.\d+)?|(?<![\w.])\.\d+"
)
_AR = r"\u0621-\u0652\u0670-\u06d3"
_PART = re.compile(
    r"(?P<unread>\d+,\d{1,2}(?![\d,])|\d+\s?:\s?\d|\d+/\d+/\d+|[a-zA-Z]\w{0,20}\(|[√!|∑∫]\s?(?=[-+*/^=\d(])"
    r"|\\[a-zA-Z]+|%\s?(?=[\d(])|\w{0,30}_\w{1,30}|[a-zA-Z]\d|\d+[eE][+-]?\d+)"
    rf"|(?P<mixed>\d+ \d+/\d+(?![\d/]))|(?P<number>(?:{_NUMBER}) ?%?)"
    r"|(?P<times>(?<=[\d) ])[xX](?=\s?[-(\d$£€]))"
    r"|(?P<per>/ ?(?:[hs]\b|[a-zA-Z\u0621-\u064a]\w{1,30}))"
    r"|(?P<money>[$£€¢])"
    rf"|(?P<word>[a-zA-Z{_AR}][\w'’{_AR}-]{{0,60}}(?:\s?\^\(?\d\)?)?)"
    r"|(?P<sign>[-+*/^])|(?P<open>\()|(?P<close>\))|(?P<equals>[=≈])|(?P<space>[ \t]+)"
    r"|(?P<break>.|\n)",
)
_SIGN_WORDS = {
    "plus": "+",
    "minus": "-",
    "times": "*",
    "زائد": "+",
    "ناقص": "-",
    "ضرب": "*",
    "في": "*",
}
_EQUAL_WORDS = {"equals", "equal", "يساوي", "تساوي"}
_OF = {"of", "من"}
_PHRASES = (
    (re.compile(r"\b(?:is|are) equal to\b", re.IGNORECASE), " = "),
    (re.compile(r"\bdivided by\b|مقسومًا على|مقسوما على|تقسيم", re.IGNORECASE), " / "),
    (re.compile(r"\bmultiplied by\b|مضروبًا في|مضروبا في", re.IGNORECASE), " * "),
)
_SORTS = {
    "times": Sort.SIGN,
    "sign": Sort.SIGN,
    "per": Sort.UNIT,
    "money": Sort.UNIT,
    "open": Sort.OPEN,
    "close": Sort.CLOSE,
    "equals": Sort.EQUALS,
    "unread": Sort.UNREAD,
}
_STARTS = {Sort.NUMBER, Sort.OPEN}
_ENDS = {Sort.NUMBER, Sort.CLOSE}


def parts_of(text: str) -> list[Part]:
    """Return the parts of a text in plain notation."""
    for found, put in _PHRASES:
        text = found.sub(put, text)
    parts = list(_raw_parts(text))
    return [_settled(parts, number) for number in range(len(parts))]


def _raw_parts(text: str) -> Iterator[Part]:
    is_glued = False
    for found in _PART.finditer(text):
        name, said = found.lastgroup or "break", found.group()
        if name == "space":
            is_glued = False
            continue
        yield _part(name, said, is_glued=is_glued)
        is_glued = True


def _part(name: str, said: str, *, is_glued: bool) -> Part:
    if name in ("number", "mixed"):
        return _number(said, is_glued=is_glued)
    if name == "word":
        return _word(said, is_glued=is_glued)
    text = "*" if name == "times" else said
    return Part(_SORTS.get(name, Sort.BREAK), text, is_glued=is_glued)


def _number(said: str, *, is_glued: bool) -> Part:
    if len(said) > MOST_DIGITS:
        return Part(Sort.UNREAD, said)
    is_percent = said.endswith("%")
    whole, _, fraction = said.rstrip(" %").partition("/")
    if fraction:
        units, above = whole.split(" ")
        below = int(fraction)
        if not below:
            return Part(Sort.UNREAD, said)
        return Part(Sort.NUMBER, said, int(units) + Fraction(int(above), below), 2)
    digits = whole.replace(",", "").replace(" ", "")
    places = len(digits.partition(".")[2])
    return Part(Sort.NUMBER, said.strip(), Fraction(digits), places, is_percent, is_glued)


def _word(said: str, *, is_glued: bool) -> Part:
    low = said.lower()
    if low in _EQUAL_WORDS:
        return Part(Sort.EQUALS, "=")
    if len(low) == 1 and low.isascii() and not (low == "s" and is_glued):
        return Part(Sort.UNREAD, said)
    return Part(Sort.UNIT, low, is_glued=is_glued)


def _settled(parts: Sequence[Part], number: int) -> Part:
    """Return a part as what stands around it makes it: a word between numbers may be a sign."""
    here = parts[number]
    if here.sort is not Sort.UNIT or not 0 < number < len(parts) - 1:
        return here
    before, after = parts[number - 1], parts[number + 1]
    if after.sort not in _STARTS and after.text not in "$£€":
        return here
    if here.text in _OF and _is_share(parts, number - 1):
        return Part(Sort.SIGN, "*")
    is_between = before.sort in _ENDS or here.text in ("plus", "minus", "times")
    sign = _SIGN_WORDS.get(here.text) if is_between else None
    return Part(Sort.SIGN, sign) if sign else here


def _is_share(parts: Sequence[Part], number: int) -> bool:
    """Whether a percentage or a simple fraction ends there."""
    if parts[number].sort is Sort.CLOSE:
        return True
    if parts[number].sort is not Sort.NUMBER:
        return False
    return parts[number].is_percent or (number > 0 and parts[number - 1].text == "/")


def worked_out(formula: Sequence[Part], *, percent: Fraction = PER_CENT) -> Fraction:
    """Return what a formula comes to.

    Args:
        formula: Numbers, signs and parentheses.
        percent: What one per cent counts for.

    Raises:
        CannotReckonError: It is no formula, divides by zero, or would grow beyond bounds.
    """
    if len(formula) > MOST_PARTS:
        raise CannotReckonError("too long")
    reading = _Reading(formula, percent)
    value = reading.sum(0)
    if reading.at != len(formula):
        raise CannotReckonError("something is left")
    return value


class _Reading:
    """Works a formula out from left to right; `at` is the next part."""

    def __init__(self, formula: Sequence[Part], percent: Fraction) -> None:
        self.formula = formula
        self.percent = percent
        self.at = 0

    def sum(self, depth: int) -> Fraction:
        value = self.product(depth)
        while sign := self.sign("+-"):
            other = self.product(depth)
            value = _bounded(value + other if sign == "+" else value - other)
        return value

    def product(self, depth: int) -> Fraction:
        value = self.signed(depth)
        while sign := self.sign("*/"):
            other = self.signed(depth)
            if sign == "/" and not other:
                raise CannotReckonError("division by zero")
            value = _bounded(value * other if sign == "*" else value / other)
        return value

    def signed(self, depth: int) -> Fraction:
        sign = self.sign("+-")
        value = self.power(depth)
        return -value if sign == "-" else value

    def power(self, depth: int) -> Fraction:
        base = self.atom(depth)
        if not self.sign("^"):
            return base
        if depth >= MOST_DEPTH:
            raise CannotReckonError("too deep")
        return _raised(base, self.signed(depth + 1))

    def atom(self, depth: int) -> Fraction:
        if self.at >= len(self.formula):
            raise CannotReckonError("a number is missing")
        here = self.formula[self.at]
        self.at += 1
        if here.sort is Sort.NUMBER:
            return here.value * self.percent if here.is_percent else here.value
        if here.sort is not Sort.OPEN or depth >= MOST_DEPTH:
            raise CannotReckonError("a number is missing")
        value = self.sum(depth + 1)
        if self.at >= len(self.formula) or self.formula[self.at].sort is not Sort.CLOSE:
            raise CannotReckonError("a parenthesis is open")
        self.at += 1
        return value

    def sign(self, signs: str) -> str:
        """Return the sign that comes next if it is one of those, and step over it."""
        if self.at < len(self.formula):
            here = self.formula[self.at]
            if here.sort is Sort.SIGN and here.text in signs:
                self.at += 1
                return here.text
        return ""


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS:
        raise CannotReckonError("too large")
    return value


def _raised(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1 or abs(exponent) > MOST_EXPONENT or (not base and exponent < 0):
        raise CannotReckonError("this power is not worked out")
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if bits * max(1, abs(int(exponent))) > MOST_BITS:
        raise CannotReckonError("too large")
    return Fraction(base ** int(exponent))
