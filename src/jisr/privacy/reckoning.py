"""Sums and dates that need the real values: reckoned here, so that nothing has to leave.

A turn that asks for such a thing stays on the device, and what it asks for is worked out by
these lines, not by a model that is weak at sums: the device's model is given the outcome.

What is covered: somebody's age from a date of birth, the days to the next birthday, and
sum, mean or difference of private numbers, asked in English or Arabic in the last message.

What is not covered: other questions about values; dates of which it cannot be told which
number is the month, where that matters; Hijri dates. Such a turn stays and gets no outcome.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from jisr.privacy.generalise import ascii_digits
from jisr.types import Request

_MONTHS = (
    ("jan", "يناير", "كانون الثاني"),
    ("feb", "فبراير", "شباط"),
    ("mar", "مارس", "آذار"),
    ("apr", "أبريل", "نيسان"),
    ("may", "مايو", "أيار"),
    ("jun", "يونيو", "حزيران"),
    ("jul", "يوليو", "تموز"),
    ("aug", "أغسطس", "آب"),
    ("sep", "سبتمبر", "أيلول"),
    ("oct", "أكتوبر", "تشرين الأول"),
    ("nov", "نوفمبر", "تشرين الثاني"),
    ("dec", "ديسمبر", "كانون الأول"),
)
_NUMBER_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_MONTH = re.compile("|".join(sorted(_NUMBER_OF, key=len, reverse=True)), re.IGNORECASE)
_NUMBERS = re.compile(r"\d+")
_YEAR_DIGITS = 4
_PLAIN_NUMBER = re.compile(r"[-+]?\d{1,18}(?:[.,٫]\d{1,6})?\Z")

_ASKS_AGE = re.compile(
    r"\bhow old\b|\bwhat(?:['’]s| is| was| will be)? (?:my|his|her|the|their) age\b|\b(?:calculate|"
    r"compute|work out|tell me) (?:my|his|her|the|their) age\b|كم (?:\w+ )?(?:عمر|يبلغ|تبلغ|سن)|"
    r"احسب (?:لي )?(?:ال)?عمر",
    re.IGNORECASE,
)
_ASKS_DAYS = re.compile(
    r"\b(?:how many|number of) (?:days|weeks|months)\b|\bhow long (?:until|till|before)\b|"
    r"\bdays (?:until|till|to|since|between)\b|كم (?:يوم|أسبوع|شهر)|عدد الأيام|متى (?:يحين )?عيد",
    re.IGNORECASE,
)
_ASKS_SUM = re.compile(
    r"\b(?:sum|total|add up|altogether|combined)\b|\b(?:average|mean|difference)\b|"
    r"(?:ال)?مجموع|اجمع|إجمالي|متوسط|معدل|الفرق",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?؟\n]+")
_SHORT_TEXT = 200
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What a turn asks for that only real values can tell."""

    is_asked: bool = False
    facts: tuple[str, ...] = ()
    """The outcomes, in words; they are private as the values are."""


def reckon(text: str, values: Sequence[tuple[str, str]], today: date) -> Reckoning:
    """Return what a text asks to be reckoned from private values, and the outcome.

    Args:
        text: The message that asks.
        values: Entity types and values in it that may not leave as they are.
        today: The date that ages are told for.
    """
    births = [readings(value) for entity_type, value in values if entity_type == "BIRTH_DATE"]
    written = [value for _, value in values if _number(value) is not None]
    numbers = [it for value in written if (it := _number(value)) is not None]
    asks_dates = bool(births) and bool(_ASKS_AGE.search(text) or _ASKS_DAYS.search(text))
    asks_sum = len(numbers) >= _FEWEST and _asks_sum(text, written)
    facts: list[str] = []
    if asks_dates:
        facts += (fact for dates in births for fact in _about_birth(dates, today))
    if asks_sum:
        facts.append(_about_numbers(numbers))
    return Reckoning(asks_dates or asks_sum, tuple(facts))


def with_facts(request: Request, facts: Sequence[str]) -> Request:
    """Return a turn for the device's model, with what was reckoned at the end of its last text."""
    if not facts or not request.messages:
        return request
    *before, last = request.messages
    text = f"{last.text}\n\n(Reckoned: {'; '.join(facts)}.)"
    return replace(request, messages=(*before, replace(last, text=text)))


def readings(value: str) -> frozenset[date]:
    """Return the dates that a value may mean: two where day and month could be swapped."""
    plain = ascii_digits(value)
    numbers = [(int(it[0]), len(it[0])) for it in _NUMBERS.finditer(plain)]
    years = [number for number, length in numbers if length == _YEAR_DIGITS]
    others = [number for number, length in numbers if length < _YEAR_DIGITS]
    if len(years) != 1:
        return frozenset()
    if month := _MONTH.search(plain):
        pairs = {(_NUMBER_OF[month[0].lower()], it) for it in others[:1]}
    elif len(others) != _FEWEST:
        return frozenset()
    elif numbers[0][1] == _YEAR_DIGITS:
        pairs = {(others[0], others[1])}
    else:
        pairs = {(others[0], others[1]), (others[1], others[0])}
    return frozenset(it for month_, day in pairs if (it := _date(years[0], month_, day)))


def age_on(birth: date, today: date) -> int:
    """Return the whole years since a birth."""
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def next_birthday(birth: date, today: date) -> date:
    """Return the next birthday, today's if it is today; of 29 February it is 1 March."""
    for year in (today.year, today.year + 1):
        day = _date(year, birth.month, birth.day) or date(year, 3, 1)
        if day >= today:
            return day
    raise AssertionError("one of two years holds it")


def _asks_sum(text: str, written: Sequence[str]) -> bool:
    """Whether a sum of these numbers is asked for: a long text may speak of totals anyhow."""
    if len(text) <= _SHORT_TEXT:
        return bool(_ASKS_SUM.search(text))
    return any(
        _ASKS_SUM.search(sentence) and sum(it in sentence for it in written) >= _FEWEST
        for sentence in _SENTENCE.findall(text)
    )


def _about_birth(dates: frozenset[date], today: date) -> list[str]:
    """Return what can be told of a birth, if all readings of its date agree."""
    facts = []
    ages = {age_on(birth, today) for birth in dates if birth <= today}
    if len(ages) == 1:
        facts.append(f"age on {today.isoformat()}: {ages.pop()} years")
    days = {(next_birthday(birth, today) - today).days for birth in dates}
    if len(days) == 1:
        facts.append(f"days to the next birthday: {days.pop()}")
    return facts


def _about_numbers(numbers: Sequence[Decimal]) -> str:
    total = sum(numbers, Decimal(0))
    told = f"sum of the {len(numbers)} private numbers: {total}, mean: {total / len(numbers):.10g}"
    if len(numbers) == _FEWEST:
        told += f", difference: {abs(numbers[0] - numbers[1])}"
    return told


def _number(value: str) -> Decimal | None:
    plain = ascii_digits(value).strip()
    if not _PLAIN_NUMBER.match(plain):
        return None
    return Decimal(plain.replace(",", ".").replace("٫", "."))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
