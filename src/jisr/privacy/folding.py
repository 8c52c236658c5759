"""The digits of every script as 0 to 9, character by character, so that offsets still hold."""

from __future__ import annotations

import re
import unicodedata

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks that right-to-left text puts about
_LONG_NUMBER = re.compile(r"\d(?:[\W_xX]{0,5}\d){4}")
_FOLDED = re.compile(rf"[^\D0-9]|[{_BIDI}]|\u202f")


def fold(text: str) -> str:
    """Return `text`, equally long, with ASCII digits, plain spaces and no direction marks.

    A direction mark becomes a word joiner (U+2060), which is as invisible and which
    number formats know as punctuation. A text without five digits near one another
    is returned as it is: no number that is looked for is as short.
    """
    if text.isascii() or not _LONG_NUMBER.search(text):
        return text
    return _FOLDED.sub(_fold_one, text)


def _fold_one(match: re.Match[str]) -> str:
    character = match[0]
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return " " if character == "\u202f" else "\u2060"
