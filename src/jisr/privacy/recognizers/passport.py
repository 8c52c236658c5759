"""Passport numbers, and the lines for machines at the foot of a passport or card.

What is covered: eight and nine digits, one to three letters with digits, after a word such
as "passport", جواز; both lines of TD3 passports and the three of TD1 cards, wherever they stand.

What is not covered: a number alone: nothing tells it from others.

Source: the machine-readable lines follow ICAO Doc 9303.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy.base import Span
from jisr.privacy.recognizers.number_forms import Kind, NumberForms, digits

ENTITY_TYPE = "PASSPORT"

_WORDS = (
    *("passport", "passport number", "passport no", "travel document", "reisepass", "passeport"),
    *("pasaporte", "passaporto", "paspoort", "pass no"),
    *("جواز", "جواز سفر", "رقم جواز", "رقم جواز سفر", "وثيقة سفر"),
)
_LAYOUTS = (
    *(digits(8), digits(9), digits(10), digits(2, 7), digits(4, 6)),
    *(f"{'A' * letters}{digits(length)}" for letters in (1, 2, 3) for length in (6, 7, 8, 9)),
    *("99AA99999", "A99AA9999", "A9AAA99AA", "AA9999999", "A99999999A", "AAA999999A"),
)
_KINDS = (Kind("passport number", dict.fromkeys(_LAYOUTS, 0.0), _WORDS),)
_MACHINE = re.compile(
    r"(?<![A-Z0-9<])(?:[PVIAC][A-Z<][A-Z]{3}[A-Z0-9<]{25,39}"  # the first line
    r"|[A-Z0-9<]{9}[0-9][A-Z<]{3}[0-9]{6}[0-9][MFX<][0-9]{6}[0-9][A-Z0-9<]{2,16}"  # TD3, TD2
    r"|[0-9]{6}[0-9][MFX<][0-9]{6}[0-9][A-Z<]{3}[A-Z0-9<]{11}[0-9]"  # TD1's second
    r"|[A-Z]{2,}(?:<[A-Z]+)*<<[A-Z<]{8,36})(?![A-Z0-9<])"  # a name, filled up
)


def build(settings: PrivacySettings) -> PassportRecognizer:
    """Return the recognizer; it has no settings."""
    return PassportRecognizer()


class PassportRecognizer:
    """Finds passport numbers and machine-readable lines."""

    def __init__(self) -> None:
        self._numbers = NumberForms(ENTITY_TYPE, _KINDS, words=_WORDS)

    def find(self, text: str) -> Iterator[Span]:
        """Yield the passport numbers of `text`."""
        yield from self._numbers.find(text)
        if "<" in text:
            for line in _MACHINE.finditer(text):
                if "<" in line[0]:
                    yield Span(*line.span(), ENTITY_TYPE, 0.95, "a line for machines")
