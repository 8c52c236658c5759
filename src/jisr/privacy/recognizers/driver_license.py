"""Driver's licence numbers, after the words that name them.

What is covered: letters and digits of any country's licence after "driver's license",
"driving licence", "DL", رخصة القيادة; the British number by its form alone.

What is not covered: other numbers without such words.
"""

from __future__ import annotations

from jisr.config import PrivacySettings
from jisr.privacy.recognizers.number_forms import Kind, NumberForms

ENTITY_TYPE = "DRIVER_LICENSE"

_WORDS = (
    *("driver's license", "drivers license", "driver license", "driver licence"),
    *("driver's licence", "drivers licence", "driving license", "driving licence"),
    *("driving permit", "driver's permit", "license number", "licence number", "license no"),
    *("dl number", "dl no", "dl", "dln", "führerschein", "führerscheinnummer"),
    *("permis de conduire", "licencia de conducir", "patente di guida"),
    *("رخصة قيادة", "رقم رخصة", "رخصة سياقة", "رخصة سوق", "رخصة سير"),
)


def _is_british(number: str) -> bool:
    """Whether month and day of the birth in it may be."""
    month, day = int(number[6:8]) % 50, int(number[8:10])
    return month in range(1, 13) and day in range(1, 32)


_KINDS = (
    Kind(
        "British licence",
        {"AAAAA999999AA9AA": 0.9, "AAAAA999999A99AA": 0.9},
        ("dvla",),
        _is_british,
    ),
    Kind("Californian licence", {"A9999999": 0.0}, ("dmv",)),
)


def build(settings: PrivacySettings) -> NumberForms:
    """Return the recognizer; it has no settings."""
    return NumberForms(ENTITY_TYPE, _KINDS, words=_WORDS)
