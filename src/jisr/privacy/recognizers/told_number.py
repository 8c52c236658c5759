"""Numbers that are told in words: seven digits or more, one after the other.

What is covered: English and Arabic words, `double five`, `twenty one`, `plus`. Which number it
is the words do not say, so it is taken for one to dial; digits that make a card or an id are
found as these too (`jisr.privacy.spelled_numbers`).

What is not covered: counting up or down, ones with zeros, other languages.
"""

from __future__ import annotations

from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy.base import Span
from jisr.privacy.spelled_numbers import told_digits

ENTITY_TYPE = "PHONE_NUMBER"
SCORE = 0.7


def build(settings: PrivacySettings) -> ToldNumberRecognizer:
    """Return the recognizer; it has no settings."""
    return ToldNumberRecognizer()


class ToldNumberRecognizer:
    """Finds numbers in words."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the numbers of `text` that stand on one line."""
        for start, end in told_digits(text):
            if "\n" not in text[start:end]:
                yield Span(start, end, ENTITY_TYPE, SCORE, "digits told in words")
