"""The person's own words: contacts, addresses and numbers that were named as private.

What is covered: each value as it was given, in any case and with any Arabic vowel signs,
hamzas and endings (أ and ا, ى and ي, ة and ه are the same); with what English and Arabic
join to a word (`Sara's`, `Haddads`, `وسارة`, `بسارة`); a telephone number however it is
grouped, with its country code or without; first and last names of their own.

What is not covered: nicknames that were not given, other spellings in Latin letters.

Words are found one after another in a tree of words, so that thousands of values cost no
more time than one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Protocol

from jisr.config import PrivacySettings
from jisr.errors import ConfigError
from jisr.privacy.base import Span
from jisr.privacy.entities import ENTITY_TYPES
from jisr.privacy.generalise import ascii_digits
from jisr.privacy.vcard import read_vcards

SCORE = 0.95
PART_SCORE = 0.6
"""Of one word of a longer name."""
WHY, WHY_PART = "one of your own words", "a part of a name of your own"

_MARKS = "\u0300-\u036f\u064b-\u065f\u0670"
_TOKEN = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*")
_GAP = re.compile(r"[ \u00a0.,'’@:/+()\-\u2010-\u2015_]{0,3}\Z")
_FOLDED = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ـ": None})
_JOINED = (
    *("وال", "بال", "فال", "كال", "ولل", "وبال", "ال", "لل"),
    *("وب", "ول", "وك", "فب", "فل", "و", "ف", "ب", "ل", "ك"),
)
_NUMBER = re.compile(r"(?<!\w)[+]?\d(?:[ \u00a0().\-]{0,3}\d){6,18}(?!\w)")
_ONLY_NUMBER = re.compile(r"[+\d \u00a0().\-]+\Z")
_TAIL, _SHORTEST_NUMBER = 8, 7
"""Digits at the end of a telephone number that tell it; a shorter one is told by all."""
_MOST_TOKENS = 16
_SHORTEST_PART = 3
_SHORTEST_STEM = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One value that is private."""

    entity_type: str
    value: str = field(repr=False)


class OwnWords(Protocol):
    """Where such values come from: a file, or the stores of contacts and events."""

    def entries(self) -> Iterable[Entry]:
        """Return the values there are now."""
        ...


class OwnWordsFile:
    """A text file with one value a line (`TYPE<tab>value` says of what type), or vCards."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def entries(self) -> list[Entry]:
        """Return the values of the file.

        Raises:
            ConfigError: It cannot be read, or names a type that is none.
        """
        try:
            text = self._path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise ConfigError(f"privacy.own_words {self._path}: {reason}.") from None
        if self._path.suffix.lower() in (".vcf", ".vcard") or text.startswith("BEGIN:VCARD"):
            return [Entry(*it) for it in read_vcards(text)]
        lines = enumerate(text.splitlines(), 1)
        return [
            self._entry(number, line.strip())
            for number, line in lines
            if line.strip() and not line.startswith("#")
        ]

    def _entry(self, number: int, line: str) -> Entry:
        entity_type, tab, value = line.partition("\t")
        if not tab:
            return Entry(_guessed(line), line)
        if entity_type.strip() not in ENTITY_TYPES:
            near = get_close_matches(entity_type.strip().upper(), ENTITY_TYPES, n=1, cutoff=0.3)
            remedy = f"did you mean {near[0]}?" if near else f"there are {', '.join(ENTITY_TYPES)}"
            raise ConfigError(
                f"privacy.own_words {self._path}, line {number}: what stands before the tab is no "
                f"entity type: {remedy}"
            )
        return Entry(entity_type.strip(), value.strip())


def build(settings: PrivacySettings) -> OwnWordsRecognizer:
    """Return the recognizer of the file that the settings name; without one it finds nothing.

    Raises:
        ConfigError: The file cannot be read.
    """
    if settings.own_words is None:
        return OwnWordsRecognizer(())
    return OwnWordsRecognizer(OwnWordsFile(settings.own_words).entries())


@dataclass(slots=True)
class _Node:
    """A word of the tree, after the words that lead to it."""

    next: dict[str, _Node] = field(default_factory=dict)
    entity_type: str = ""
    """Of the value that ends here; empty: none does."""
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    word: str


class OwnWordsRecognizer:
    """Finds the values that it was given."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._root = _Node()
        self._numbers: dict[str, str] = {}
        for entry in entries:
            self._add(entry)

    def find(self, text: str) -> Iterator[Span]:
        """Yield where the values stand in `text`."""
        if self._root.next:
            tokens = [_Token(*m.span(), _fold(m[0])) for m in _TOKEN.finditer(text)]
            end = 0
            for at in range(len(tokens)):
                span = self._longest_from(text, tokens, at)
                if span is not None and span.end > end:  # not a part of the one before
                    end = span.end
                    yield span
        if self._numbers:
            yield from self._find_numbers(text)

    def _add(self, entry: Entry) -> None:
        digits = re.sub(r"\D", "", ascii_digits(entry.value))
        if _ONLY_NUMBER.match(ascii_digits(entry.value)) and len(digits) >= _SHORTEST_NUMBER:
            self._numbers.setdefault(digits[-_TAIL:], entry.entity_type)
            return
        words = [_fold(it) for it in _TOKEN.findall(entry.value)][:_MOST_TOKENS]
        self._add_words(words, entry.entity_type)
        if entry.entity_type == "PERSON" and len(words) > 1:
            for word in (words[0], words[-1]):
                if len(word) >= _SHORTEST_PART:
                    self._add_words([word], entry.entity_type, is_part=True)

    def _add_words(self, words: list[str], entity_type: str, *, is_part: bool = False) -> None:
        node = self._root
        for word in words:
            node = node.next.setdefault(word, _Node())
        if words and (not node.entity_type or (node.is_part and not is_part)):
            node.entity_type, node.is_part = entity_type, is_part

    def _longest_from(self, text: str, tokens: list[_Token], at: int) -> Span | None:
        """Return the longest value that begins with a token, what is joined before left out."""
        for joined in ("", *(it for it in _JOINED if tokens[at].word.startswith(it))):
            first = tokens[at].word[len(joined) :]
            if joined and len(first) < _SHORTEST_STEM:
                continue
            found = self._walk(text, tokens, at, first)
            if found is None:
                continue
            end, node = found
            start = tokens[at].start
            if joined and _fold(text[start : start + len(joined)]) == joined:
                start += len(joined)
            if not node.is_part or _could_be_a_name(text[start]):
                score, why = (PART_SCORE, WHY_PART) if node.is_part else (SCORE, WHY)
                return Span(start, end, node.entity_type, score, why)
        return None

    def _walk(
        self, text: str, tokens: list[_Token], at: int, first: str
    ) -> tuple[int, _Node] | None:
        """Return where the longest value ends that begins with `first`, and its node."""
        node, word, longest = self._root, first, None
        while True:
            if word.endswith("s") and (plural := node.next.get(word[:-1])) and plural.entity_type:
                longest = tokens[at].end - 1, plural
            following = node.next.get(word)
            if following is None:
                return longest
            node = following
            if node.entity_type:
                longest = tokens[at].end, node
            at += 1
            if at == len(tokens) or not _GAP.match(text[tokens[at - 1].end : tokens[at].start]):
                return longest
            word = tokens[at].word

    def _find_numbers(self, text: str) -> Iterator[Span]:
        folded = ascii_digits(text)
        for match in _NUMBER.finditer(folded):
            digits = re.sub(r"\D", "", match[0])
            for tail in {digits[-_TAIL:], digits[-_SHORTEST_NUMBER:]}:
                if entity_type := self._numbers.get(tail):
                    yield Span(*match.span(), entity_type, SCORE, WHY)
                    break


def _guessed(value: str) -> str:
    """Return the type of a value that is given without one."""
    if "@" in value:
        return "EMAIL_ADDRESS"
    if _ONLY_NUMBER.match(ascii_digits(value)):
        return "PHONE_NUMBER"
    has_number = any(map(str.isdigit, value))
    return "STREET_ADDRESS" if has_number and " " in value else "PERSON"


def _fold(word: str) -> str:
    """Return a word as it is compared: no case, no marks, one form of each Arabic letter."""
    if word.isascii():
        return word.casefold()
    plain = unicodedata.normalize("NFKD", word).translate(_FOLDED)
    plain = "".join(it for it in plain if not unicodedata.combining(it))
    return ascii_digits(plain.translate(_FOLDED).casefold())


def _could_be_a_name(first: str) -> bool:
    """Whether a name could begin so: with a capital, in a script that has them."""
    return first.isupper() or first.lower() == first.upper()
