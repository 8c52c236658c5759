"""The words of a text as they are compared: sentences, stems, names, numbers.

Endings are taken off by rule, in English and Arabic, so that `built` meets `builds` and `المدينة`
meets `لمدينتهم`; what two words mean is not known here.

Source: light stemming of Arabic, Larkey, Ballesteros, Connell 2007, "Light Stemming for Arabic
Information Retrieval", Arabic Computational Morphology. The lists are our own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from jisr.guard.word_lists import ENDINGS, FORMS, NUMBERS, STOP_WORDS

MOST_CHARACTERS = 60_000
"""Of a text that are read."""
LEAST_STEM = 3
"""Letters that are left of a word when its ending goes."""
LEAST_SHARED = 5
"""First letters that two words share if they are taken for forms of one."""

_DIGITS = {chr(0x0660 + digit): str(digit) for digit in range(10)}
_DIGITS |= {chr(0x06F0 + digit): str(digit) for digit in range(10)}
_FOLDED = str.maketrans(
    {
        **_DIGITS,
        **dict.fromkeys("أإآٱ", "ا"),
        "ى": "ي",
        "ة": "ه",
        "ؤ": "و",
        "ئ": "ي",
        "’": "'",
        "‘": "'",
        "٫": ".",
        "٬": ",",
        **{chr(code): None for code in (*range(0x064B, 0x0653), 0x0670, 0x0640)},
        **{chr(code): None for code in (0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F))},
    }
)
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]{1,3})?|[^\W_]+")
_END = re.compile(r"(?<=[.!?؟…])[\"'”»)\]*]{0,3}\s+(?=[\"'“«(\[*]{0,3}[^\Wa-z])|\n+|(?<=؛)\s")
_SHORTENED = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|etc|No|Gen|Col|Lt|Sgt|Rev|Hon|approx|ca|c|Inc|Ltd|Co"
    r"|e\.g|i\.e|[A-Z])|\b[A-Z]\.[A-Z])\.$"
)
_NUMBERS = {word: str(number) for number, word in enumerate(NUMBERS.split())}
_NUMBERS |= {"اثنان": "2", "اثنين": "2", "ثلاثه": "3", "اربعه": "4", "خمسه": "5", "سته": "6"}
_NUMBERS |= {"سبعه": "7", "ثمانيه": "8", "تسعه": "9", "عشره": "10", "واحد": "1", "واحده": "1"}

_FORMS = {form: line.split()[0] for line in FORMS.split("/") for form in line.split()[1:]}
_STOP = frozenset(STOP_WORDS.split())
_PREFIXES = ("وال", "ولل", "بال", "كال", "فال", "لل", "ال", "و")
_SUFFIXES: tuple[str, ...] = (
    "تهما",
    "هما",
    "تها",
    "تهم",
    "ها",
    "هم",
    "هن",
    "نا",
    "ات",
    "ون",
    "ين",
    "ان",
    "وا",
)
_SUFFIXES += ("يه", "ته", "ه", "ي", "ا", "ت")
_ENDINGS = tuple(line.split(">") for line in ENDINGS.split())


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text."""

    text: str
    stem: str
    is_number: bool = False
    is_name: bool = False
    """It begins with a capital, and not because it begins a sentence."""

    @property
    def is_content(self) -> bool:
        """Whether it says what a text is about."""
        return self.is_number or self.text.translate(_FOLDED).lower() not in _STOP


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text, in order; headings and list items are sentences too."""
    text = text[:MOST_CHARACTERS]
    found: list[str] = []
    begun = 0
    for end in _END.finditer(text):
        piece = text[begun : end.start()]
        if "\n" in end.group() or not _SHORTENED.search(piece[-12:].rstrip("\"'”»)]* ")):
            found.append(piece)
            begun = end.end()
    found.append(text[begun:])
    return [piece.strip() for piece in found if _WORD.search(piece)]


@lru_cache(maxsize=2048)
def words_of(sentence: str) -> tuple[Word, ...]:
    """Return the words of a sentence, in order."""
    found = [it.group() for it in _WORD.finditer(sentence[:MOST_CHARACTERS].translate(_FOLDED))]
    is_full = [text[0].isupper() for text in found]
    return tuple(
        _word(text, can_be_name=number > 0 or is_full[1:2] == [True])
        for number, text in enumerate(found)
    )


def content_of(words: Sequence[Word]) -> list[Word]:
    """Return the words that say something, each stem once."""
    return list({word.stem: word for word in words if word.is_content}.values())


def meets(stem: str, stems: frozenset[str]) -> float:
    """Return 1 if a stem is among others, less if only the beginning of one is the same."""
    if stem in stems:
        return 1.0
    if stem[:1].isdigit() or len(stem) < LEAST_SHARED:
        return 0.0
    head = stem[:LEAST_SHARED]
    alike = (it for it in stems if it.startswith(head) and abs(len(it) - len(stem)) <= LEAST_STEM)
    return 0.8 if next(alike, None) is not None else 0.0


def _word(text: str, *, can_be_name: bool) -> Word:
    low = text.lower()
    number = _NUMBERS.get(low, low.replace(",", "") if low[0].isdigit() else "")
    if number:
        return Word(text, number, is_number=True)
    is_name = text[0].isupper() and can_be_name and low not in _STOP
    return Word(text, stem_of(low), is_name=is_name)


@lru_cache(maxsize=8192)
def stem_of(word: str) -> str:
    """Return a word in small letters without its ending, and in Arabic without its article."""
    word = word.removesuffix("'s").removesuffix("'")
    if "\u0600" <= word[:1] <= "\u06ff":
        return _arabic_stem(word)
    word = _FORMS.get(word, word)
    for ending, put in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= LEAST_STEM:
            stem = word.removesuffix(ending) + put
            is_doubled = len(stem) > LEAST_STEM and stem[-1] == stem[-2] and stem[-1] not in "sl"
            return stem[:-1] if is_doubled else stem
    return word


def _arabic_stem(word: str) -> str:
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= LEAST_STEM:
            word = word.removeprefix(prefix)
            break
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= LEAST_STEM:
            return word.removesuffix(suffix)
    return word
