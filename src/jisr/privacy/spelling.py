"""The signs of a text as a reader sees them, however they were written down.

A sign may be a character, or stand for one: escaped for Markdown, HTML, JSON or an address on
the web. Digits of every script, full-width forms and dashes are read as their ASCII kin;
characters that nobody sees (direction marks, zero-width ones) are read over.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import Enum

_MARKS = "<>[]{}()_- "
_MOST_INVISIBLE = 8
_INVISIBLE = frozenset(
    "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_DASHES = frozenset("\u2010\u2011\u2012\u2013\u2212")
_QUOTES = frozenset("\u2019\u02bc")


class Spelling(Enum):
    """How a sign was written down."""

    PLAIN = "plain"
    MARKDOWN = "markdown"
    HTML = "html"
    URL = "url"
    JSON = "json"


def _escapes() -> dict[str, tuple[str, Spelling]]:
    escapes = {}
    for mark in _MARKS:
        number = ord(mark)
        for written, spelling in (
            (f"\\{mark}", Spelling.MARKDOWN),
            (f"\\\\{mark}", Spelling.MARKDOWN),  # Markdown inside of JSON
            (f"\\u{number:04x}", Spelling.JSON),
            (f"&#{number};", Spelling.HTML),
            (f"&#x{number:x};", Spelling.HTML),
            (f"%{number:02x}", Spelling.URL),
            (f"%25{number:02x}", Spelling.URL),
        ):
            if mark != " " or spelling is not Spelling.MARKDOWN:
                escapes[written] = (mark, spelling)
    named = {"lt": "<", "gt": ">", "lowbar": "_", "nbsp": " ", "laquo": "«", "raquo": "»"}
    for name, mark in named.items():
        escapes |= {f"&{name};": (mark, Spelling.HTML), f"&amp;{name};": (mark, Spelling.HTML)}
    return escapes


_ESCAPES = _escapes()
"""What is written (lower case) -> the mark it stands for, and how; none begins another."""
_LENGTHS = sorted({len(written) for written in _ESCAPES})
_LONGEST = _LENGTHS[-1]
_BEGINNINGS = frozenset(written[:end] for written in _ESCAPES for end in range(1, len(written)))


class Cut(Exception):
    """The text ends where more of it could change what was read."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of a text; `character` is empty at the text's end."""

    character: str
    start: int
    """Where it begins; what nobody sees before it is left out."""
    end: int
    spelling: Spelling = Spelling.PLAIN


def read_sign(text: str, at: int, *, is_whole: bool) -> Sign:
    """Return the sign at a place of a text.

    Args:
        text: The text, or as much of it as has come.
        at: Where the sign begins.
        is_whole: Whether no more of the text is to come.

    Raises:
        Cut: More of the text could change what is read.
    """
    start = at
    while start < len(text) and text[start] in _INVISIBLE and start - at < _MOST_INVISIBLE:
        start += 1
    if start == len(text):
        if not is_whole:
            raise Cut
        return Sign("", at, at)
    character = text[start]
    if character in "\\&%":
        return _read_escape(text, start, is_whole)
    return Sign(character if character.isascii() else _kin(character), start, start + 1)


def _read_escape(text: str, start: int, is_whole: bool) -> Sign:
    for length in _LENGTHS:
        found = _ESCAPES.get(text[start : start + length].lower())
        if found is not None:
            return Sign(found[0], start, start + length, found[1])
    if not is_whole and text[start : start + _LONGEST].lower() in _BEGINNINGS:
        raise Cut
    return Sign(text[start], start, start + 1)


def _kin(character: str) -> str:
    """Return the ASCII character that is meant by another, if there is one."""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if character in _DASHES:
        return "-"
    if character in _QUOTES:
        return "'"
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character
