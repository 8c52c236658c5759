"""Texts as a reader sees them, however their characters were chosen: masks taken off.

What is covered:
- characters that nobody sees: zero-width ones, direction marks, tags; Arabic vowel signs and
  the stroke that stretches a word; accents put over what takes none;
- letters and digits of other widths and styles: full-width, bold, circled, ligatures, the
  shapes that Arabic letters have in old files;
- Cyrillic and Greek letters inside of a word that has Latin ones;
- text in escapes, base64 and hexadecimal (`jisr.privacy.encodings`);
- numbers in words, digit by digit, or with odd separators (`jisr.privacy.spelled_numbers`).

What is not covered: a word in another alphabet from end to end, letters written as digits
(`s4ra`), text that is reversed, shifted (ROT13) or cut over messages.

Source: compatibility forms are those of Unicode's NFKC (UAX #15); letters that look alike are
a part of its confusables (UTS #39).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from jisr.privacy.encodings import decoded, unescaped
from jisr.privacy.reading import Reading, Writing
from jisr.privacy.spelled_numbers import spelled_numbers

_HIDDEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e01ef"
)
_VOWELS = "\u0640\u064b-\u065f\u0670"  # of Arabic, and the stroke that stretches
_ACCENTS = "\u0300-\u036f\u0483-\u0487\u20d0-\u20f0"
_STYLED = (
    "\u2460-\u24ff\uff01-\uff5e\ufb00-\ufb06\ufb50-\ufdff\ufe70-\ufefc"
    "\U0001d400-\U0001d7ff\U0001f110-\U0001f149"
)
_MASK = re.compile(
    rf"(?P<accented>[^\W\d_][{_ACCENTS}]+)"
    rf"|(?P<above>[{_VOWELS}{_ACCENTS}]+)"
    rf"|(?P<hidden>[{_HIDDEN}]+)"
    rf"|[{_STYLED}]"
)
_ABOVE = re.compile(f"[{_ACCENTS}]")
_CYRILLIC = ("аеорсухіјѕһԁԛԝкгьАВЕКМНОРСТУХІЈЅԛԜ", "aeopcyxijshdqwkrbABEKMHOPCTYXIJSqW")
_GREEK = ("αονιρυκτεηχγΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aoviouktenxyABEZHIKMNOPTYX")
_LATIN = ("ıɑɡ", "iag")
LOOKALIKES = dict(pair for them in (_CYRILLIC, _GREEK, _LATIN) for pair in zip(*them, strict=True))
"""Letter -> the Latin one it looks like."""
_OTHER = re.compile("[\u0131\u0251\u0261\u0370-\u03ff\u0400-\u052f]")
_MIXED = re.compile("[A-Za-z\u0131\u0251\u0261\u0370-\u03ff\u0400-\u052f]+")
_TO_LATIN = str.maketrans(LOOKALIKES)


def readings(text: str) -> Iterator[Reading]:
    """Yield the ways to read a text: first all of it without masks, then what is encoded in it."""
    shown = _shown(text)
    yield shown
    for read in (unescaped, decoded, spelled_numbers):
        for other in read(shown.text):
            yield other.through(shown)


def _shown(text: str) -> Reading:
    if text.isascii():
        return Reading.plain(text)
    reading = _unmasked(text) if _MASK.search(text) else Reading.plain(text)
    if _OTHER.search(reading.text):
        reading = replace(reading, text=_MIXED.sub(_as_latin, reading.text))
    return reading


def _unmasked(text: str) -> Reading:
    writing, done = Writing(), 0
    for match in _MASK.finditer(text):
        writing.copy(text, done, match.start())
        done = match.end()
        if match["above"]:  # it goes with the letter below
            if writing.ends:
                writing.ends[-1] = done
        elif match["accented"]:
            writing.put(_ABOVE.sub("", unicodedata.normalize("NFC", match[0])), *match.span())
        elif not match["hidden"]:
            writing.put(unicodedata.normalize("NFKC", match[0]), *match.span())
    writing.copy(text, done, len(text))
    return writing.reading()


def _as_latin(match: re.Match[str]) -> str:
    word = match[0]
    return word.translate(_TO_LATIN) if re.search("[A-Za-z]", word) else word
