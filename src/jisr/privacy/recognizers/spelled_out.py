"""Addresses and numbers that are written as they are said.

What is covered: e-mail addresses with `at` and `dot` in words, in brackets, or with spaces
around their signs (`ali at example dot com`, `ali [at] example.com`, `ali @ example . com`),
in Arabic too (`علي آت مثال دوت كوم`); seven digits or more that are told in words.

What is not covered: other languages, addresses whose last label is none of the common ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy.base import Span
from jisr.privacy.spelled_numbers import told_digits

SCORE = 0.7
_LONGEST = 80
_WORD = r"[^\W_][\w+-]{0,40}"
_AT = re.compile(
    r"[ ]{0,2}[(\[{<][ ]?(?:at|@|آت)[ ]?[)\]}>][ ]{0,2}|[ ]{1,2}(?:@|at|آت|أت|ات)[ ]{1,2}",
    re.IGNORECASE,
)
_SIGN_DOT = r"\.|[ ]{1,2}\.[ ]{1,2}|[ ]{0,2}[(\[{<][ ]?(?:dot|\.|دوت|نقطة)[ ]?[)\]}>][ ]{0,2}"
_WORD_DOT = r"[ ]{1,2}(?:dot|دوت|نقطة)[ ]{1,2}"
_TOP = r"(?:com|net|org|edu|gov|info|mil|biz|app|dev|كوم|نت|اورج|أورغ|[a-z]{2})"
_LABELS = rf"{_WORD}(?:(?:{_SIGN_DOT}|{_WORD_DOT}){_WORD}){{0,3}}"
_LOCAL = re.compile(rf"(?<!\w){_LABELS}\Z", re.IGNORECASE)
_DOMAIN = re.compile(
    rf"(?!(?:the|an?|this|that)\b){_LABELS}(?P<dot>{_SIGN_DOT}|{_WORD_DOT}){_TOP}(?!\w)",
    re.IGNORECASE,
)


def build(settings: PrivacySettings) -> SpelledOut:
    """Return the recognizer; it has no settings."""
    return SpelledOut()


class SpelledOut:
    """Finds addresses and numbers in words."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the addresses and numbers of `text`."""
        for at in _AT.finditer(text):
            domain = _DOMAIN.match(text, at.end(), at.end() + _LONGEST)
            local = _LOCAL.search(text[max(0, at.start() - _LONGEST) : at.start()])
            if local and domain and _is_address(at[0], domain["dot"]):
                start = at.start() - len(local[0])
                yield Span(start, domain.end(), "EMAIL_ADDRESS", SCORE, "at and dot in words")
        for start, end in told_digits(text):
            if "\n" not in text[start:end]:
                yield Span(start, end, "PHONE_NUMBER", SCORE, "digits told in words")


def _is_address(at: str, dot: str) -> bool:
    """Whether both are as one says an address: `at` alone is a word like any other."""
    return not at.strip().isalpha() or any(map(str.isalpha, dot))
