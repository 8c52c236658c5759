"""The reckoning in an answer, done again: which of its steps are right.

What is covered: `a op b = c` and chains of it, in digits of either script, plain, in LaTeX or in
signs that are typeset, with units, money, percentages, powers, fractions and numbers that were
rounded. What is not covered: letters that stand for numbers, functions, dates, times, numbers
in words, and sums whose units are of several measures: these are not counted as steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice

from jisr.guard.formula import PER_CENT, CannotReckonError, Part, Sort, parts_of, worked_out
from jisr.guard.notation import plain

MOST_STEPS = 200
"""Of an answer that are done again."""
CARRIED = Fraction(1, 200)
"""Share by which a step may be off if it goes on with a number that was rounded."""
NEARLY = Fraction(1, 50)
"""The same where the answer itself says that it is about."""
ROUNDED_PLACES = 2
"""Digits behind the point from which a number is taken for rounded."""

_MEASURES: tuple[tuple[str, ...], ...] = (
    ("second", "sec", "ثانية", "ثوان"),
    ("minute", "min", "دقيقة", "دقائق"),
    ("hour", "hr", "ساعة", "ساعات"),
    ("day", "يوم", "يوما", "يومًا", "أيام"),
    ("week", "أسبوع", "أسابيع", "أسبوعا", "أسبوعًا"),
    ("month", "شهر", "أشهر", "شهرا", "شهرًا", "شهور"),
    ("year", "سنة", "سنوات", "عام", "عاما", "عامًا", "أعوام"),
    ("mm", "millimeter"), ("cm", "centimeter", "سم"), ("meter", "metre", "متر", "مترا", "أمتار"),
    ("km", "kilometer", "كم", "كيلومتر"), ("inch", "inche"), ("foot", "feet", "ft"), ("yard", "yd"),
    ("mile",), ("gram", "غرام", "جرام"), ("kg", "kilogram", "كيلو", "كجم", "كغ"), ("ounce", "oz"),
    ("pound", "lb"), ("ml", "milliliter"), ("liter", "litre", "لتر"), ("cup",), ("gallon",),
    ("pint",), ("quart",), ("cent", "¢", "penny", "pennie", "nickel", "dime"),
    ("dollar", "$", "دولار", "دولارا", "دولارات"), ("dozen", "دزينة"), ("pair", "زوج"),
    ("hundred", "مئة", "مائة"), ("thousand", "ألف", "آلاف", "ألفا"), ("million", "مليون"),
    ("billion", "مليار"), ("quarter",), ("half", "نصف"), ("mod",), ("remainder", "remaining"),
)  # fmt: skip
_MEASURE = {word: number for number, words in enumerate(_MEASURES) for word in words}
_ABOUT = {"about", "approximately", "around", "roughly", "only", "just", "a", "total", "حوالي"}
_ABOUT |= {"تقريبا", "تقريبًا", "نحو", "$", "£", "€", "to"}


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """What came of doing the steps of an answer again."""

    num_checked: int
    num_wrong: int
    wrong: tuple[str, ...]
    """The steps that are wrong, as they were read, in order."""


@dataclass(frozen=True, slots=True)
class _Side:
    """A formula beside an equals sign."""

    formula: tuple[Part, ...]
    measures: frozenset[int]

    @property
    def is_number(self) -> bool:
        return sum(part.sort is Sort.NUMBER for part in self.formula) == 1

    @property
    def text(self) -> str:
        return " ".join(part.text for part in self.formula)

    @property
    def num_places(self) -> int:
        return max(part.num_places for part in self.formula)

    @property
    def divides(self) -> bool:
        return any(part.text == "/" or part.is_percent for part in self.formula)


def recheck(text: str) -> Arithmetic:
    """Do every step of an answer again that can be read.

    Args:
        text: An answer, of any length; time and memory are bounded whatever it says.
    """
    num_checked, wrong = 0, []
    for left, right, is_about in islice(_steps(text), MOST_STEPS):
        is_right = _is_right(left, right, is_about=is_about)
        if is_right is None:
            continue
        num_checked += 1
        if not is_right:
            wrong.append(f"{left.text} = {right.text}")
    return Arithmetic(num_checked, len(wrong), tuple(wrong))


def _steps(text: str) -> Iterator[tuple[_Side, _Side, bool]]:
    """Yield both sides of every equals sign between formulas, and whether it says `about`."""
    for chain, signs in _chains(parts_of(plain(text))):
        for number, sign in enumerate(signs):
            left, right = _ending(chain[number]), _beginning(chain[number + 1])
            if left and right and not (left.is_number and right.is_number):
                yield left, right, sign == "≈"


def _chains(parts: Sequence[Part]) -> Iterator[tuple[list[list[Part]], list[str]]]:
    """Yield what stands between breaks, cut at its equals signs, and those signs."""
    sides: list[list[Part]] = [[]]
    signs: list[str] = []
    for part in (*parts, Part(Sort.BREAK, "")):
        if part.sort is Sort.EQUALS:
            sides.append([])
            signs.append(part.text)
        elif part.sort is Sort.BREAK:
            if signs:
                yield sides, signs
            sides, signs = [[]], []
        else:
            sides[-1].append(part)


def _pieces(side: Sequence[Part]) -> list[list[Part]]:
    """Return a side cut where a number follows a word or a number: there a formula begins."""
    pieces: list[list[Part]] = [[]]
    for part in side:
        before = pieces[-1][-1] if pieces[-1] else None
        starts = part.sort in (Sort.NUMBER, Sort.OPEN) and before is not None
        if starts and before and before.sort in (Sort.UNIT, Sort.NUMBER, Sort.CLOSE):
            if before.sort is not Sort.UNIT and part.is_glued:
                pieces[-1].append(Part(Sort.SIGN, "*"))
            elif not _is_money(pieces[-1]):
                pieces.append([])
        pieces[-1].append(part)
    return pieces


def _is_money(piece: Sequence[Part]) -> bool:
    """Whether it ends in the sign of a currency that belongs to the number behind it."""
    is_currency = piece[-1].text in ("$", "£", "€")
    return is_currency and (len(piece) == 1 or piece[-2].sort in (Sort.SIGN, Sort.OPEN))


def _ending(side: Sequence[Part]) -> _Side | None:
    """Return the formula that ends a side; None if what stands there is none."""
    piece = _pieces(side)[-1]
    depth = 0
    for number in range(len(piece) - 1, -1, -1):
        depth += {Sort.CLOSE: 1, Sort.OPEN: -1}.get(piece[number].sort, 0)
        if depth < 0:
            return _side(piece[number + 1 :])
    return _side(piece)


def _beginning(side: Sequence[Part]) -> _Side | None:
    """Return the formula that begins a side; None if what stands there is none."""
    num_skipped = 0
    while num_skipped < len(side) and side[num_skipped].text in _ABOUT:
        num_skipped += 1
    piece = _pieces(side[num_skipped:])[0]
    depth = 0
    for number, part in enumerate(piece):
        depth += {Sort.OPEN: 1, Sort.CLOSE: -1}.get(part.sort, 0)
        after = piece[number + 1].sort if number + 1 < len(piece) else None
        is_prose = part.sort is Sort.SIGN and after is not None and _is_word(piece[number + 1])
        if depth < 0 or is_prose or (number and part.sort is Sort.SIGN and after is None):
            return _side(piece[:number])
    return _side(piece)


def _is_word(part: Part) -> bool:
    return part.sort is Sort.UNIT and part.text not in ("$", "£", "€")


def _side(piece: Sequence[Part]) -> _Side | None:
    if any(part.sort is Sort.UNREAD for part in piece):
        return None
    formula: list[Part] = []
    measures = []
    for part in piece:
        if part.sort is not Sort.UNIT:
            formula.append(part)
            continue
        if _is_word(part) and (not formula or formula[-1].sort is Sort.SIGN):
            return None
        measures.append(_measure(part.text))
    if not any(part.sort is Sort.NUMBER for part in formula):
        return None
    return _Side(tuple(formula), frozenset(it for it in measures if it is not None))


def _measure(word: str) -> int | None:
    word = word.lstrip("/ ")
    return _MEASURE.get(word, _MEASURE.get(word.removesuffix("s")))


def _is_right(left: _Side, right: _Side, *, is_about: bool) -> bool | None:
    """Whether a step is right; None if that cannot be told."""
    try:
        if any(
            _agree(left, right, percent, stated, is_about=is_about)
            for percent in (PER_CENT, Fraction(1))
            for stated in (PER_CENT, Fraction(1))
        ):
            return True
    except CannotReckonError:
        return None
    return None if _is_doubtful(left, right) else False


def _is_doubtful(left: _Side, right: _Side) -> bool:
    """Whether several measures meet, or percentages are added to what are none."""
    parts = (*left.formula, *right.formula)
    adds = any(part.text in "+-" for part in parts if part.sort is Sort.SIGN)
    percents = {part.is_percent for part in left.formula if part.sort is Sort.NUMBER}
    return len(left.measures | right.measures) > 1 or (adds and len(percents) > 1)


def _agree(
    left: _Side, right: _Side, percent: Fraction, stated: Fraction, *, is_about: bool
) -> bool:
    first = worked_out(left.formula, percent=percent)
    second = worked_out(right.formula, percent=stated)
    if left.is_number:
        return _is_rounding(second, first, right, left, is_about=is_about)
    if _is_rounding(first, second, left, right, is_about=is_about):
        return True
    # "5 + 7 = 12 - 3 = 9": people run on with what came out
    begun = replace(right, formula=_first_number(right.formula))
    return not right.is_number and _is_rounding(
        first, worked_out(begun.formula, percent=stated), left, begun, is_about=is_about
    )


def _first_number(formula: Sequence[Part]) -> tuple[Part, ...]:
    return next((part,) for part in formula if part.sort is Sort.NUMBER)


def _is_rounding(
    exact: Fraction, said: Fraction, formula: _Side, stated: _Side, *, is_about: bool
) -> bool:
    """Whether what is said is what comes out, as far as it was rounded."""
    off = abs(exact - said)
    if not off:
        return True
    if is_about and off <= NEARLY * abs(exact):
        return True
    is_carried = formula.num_places >= ROUNDED_PLACES and off <= CARRIED * abs(exact)
    if stated.num_places:
        last = stated.formula[-1]
        scale = PER_CENT if last.is_percent and abs(said) != last.value else 1
        unit = Fraction(1, 10**stated.num_places) * scale
        is_cut = abs(said) <= abs(exact) and off < unit
        return off <= unit / 2 or is_cut or is_carried
    is_whole = off <= Fraction(1, 2) and formula.divides and not _ends(exact)
    return is_whole or (is_carried and off <= Fraction(1, 2))


def _ends(value: Fraction) -> bool:
    """Whether a number has no more than two digits behind the point."""
    return (value * 100).denominator == 1
