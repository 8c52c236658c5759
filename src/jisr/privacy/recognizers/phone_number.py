"""Telephone numbers that could be dialled, anywhere in the world or as at home.

What is covered: numbers with a country code (`+` or `00`) of every country, and those
of one region as people there write them, extensions included; digits of any script. Numbers
of other regions, also without their area code, after words such as "call", "phone", جوال, or
in groups that numbers of nothing else have (`jisr.privacy.recognizers.local_phones`).

What is not covered: short codes, numbers spelled with letters.

Source: formats and matching by phonenumbers, the port of Google's libphonenumber
(leniency VALID).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from phonenumbers import SUPPORTED_REGIONS, Leniency, PhoneNumberMatcher

from jisr.config import PrivacySettings
from jisr.errors import ConfigError
from jisr.privacy.base import Span
from jisr.privacy.folding import fold
from jisr.privacy.recognizers.local_phones import local_numbers
from jisr.privacy.recognizers.number_forms import is_date

ENTITY_TYPE = "PHONE_NUMBER"
SCORE = 0.8
"""Less than a checksum's: digits of a valid card or IBAN are that and no number to dial."""

_BETWEEN = (
    r"[-xX\u2010-\u2015\u2212\u30fc\uff0d/\uff0f \u00a0\u00ad\u200b\u2060\u3000"
    r"()\uff08\uff09\uff3b\uff3d.\[\]~\u2053\u223c\uff5e]{0,4}"
)
_DIGITS = re.compile(rf"[0-9](?:{_BETWEEN}[0-9]){{6,}}")
_TWO_NUMBERS = re.compile(r"(?<=[0-9]{7})[^0-9]+(?=[0-9]{7})")
_DOUBLE_ZERO = re.compile(r"(?<![0-9+])00(?=[1-9])")
_FRACTION = re.compile(r"(?:[0-9]\.|#[ ]?)\Z")
_BREAK = re.compile(r"[\t\r\n\"\\]")

_PIECE = 448  # a longer run is looked at in pieces, so that time stays linear
_OVERLAP = 64
_BEFORE = 8  # brackets and plus signs
_AFTER = 40  # an extension


def build(settings: PrivacySettings) -> PhoneRecognizer:
    """Return the recognizer for the region of the settings.

    Raises:
        ConfigError: There is no such region.
    """
    if settings.phone_region not in SUPPORTED_REGIONS:
        raise ConfigError(
            f"privacy.phone_region {settings.phone_region!r} is no country: write its two letters, "
            "such as US, OM or GB."
        )
    return PhoneRecognizer(settings.phone_region)


class PhoneRecognizer:
    """Finds telephone numbers, those of one region also without their country code."""

    def __init__(self, region: str) -> None:
        self._region = region

    def find(self, text: str) -> Iterator[Span]:
        """Yield the telephone numbers of `text`."""
        folded = fold(text)
        certain = list(self._dialled(folded))
        yield from certain
        for span in local_numbers(folded):
            if not any(other.start <= span.start and span.end <= other.end for other in certain):
                yield span

    def _dialled(self, folded: str) -> Iterator[Span]:
        """Yield what could be dialled in the region or from abroad."""
        for run in _DIGITS.finditer(folded):
            pieces = list(_pieces(folded, *run.span()))
            last, ends = 0, [start for start, _ in pieces[1:]] + [len(folded)]
            for (start, end), limit in zip(pieces, ends, strict=True):
                begin = max(start - _BEFORE, min(last, start))
                yield from self._look(folded, begin, end, max(end, limit))
                last = end

    def _look(self, text: str, begin: int, end: int, limit: int) -> Iterator[Span]:
        """Yield the numbers that start in `[begin, end)` and end before `limit`."""
        after = text[end : min(limit, end + _AFTER)]
        if found := _BREAK.search(after):
            after = after[: found.start() + 1]
        # Where people write 00 the matcher wants a plus sign, unless it is at home there.
        window = _DOUBLE_ZERO.sub(" +", text[begin:end] + after)
        for match in PhoneNumberMatcher(
            window, self._region, leniency=Leniency.VALID, min_candidate_length=7
        ):
            if match.start < end - begin and not _is_other(window, match.start, match.raw_string):
                stood_zeros = text[begin + match.start] == "0" and match.raw_string[0] == "+"
                start = begin + match.start - stood_zeros
                yield Span(start, begin + match.end, ENTITY_TYPE, SCORE, "could be dialled")


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield ranges that hold one number or, where that cannot be told, a few."""
    for between in _TWO_NUMBERS.finditer(text, start, end):
        yield from _short(start, between.start())
        start = between.end()
    yield from _short(start, end)


def _short(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut what is too long into pieces that overlap, so that time stays linear."""
    yield start, min(end, start + _PIECE + _OVERLAP)
    for cut in range(start + _PIECE, end - _OVERLAP, _PIECE):
        yield cut, min(end, cut + _PIECE + _OVERLAP)


def _is_other(text: str, start: int, written: str) -> bool:
    """Whether it is a date, a number of a list (`# 2024-…`) or a fraction, as in 2.7182818284."""
    return is_date(written) or _FRACTION.search(text, max(0, start - 2), start) is not None
