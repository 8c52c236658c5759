"""A text as words with their capitals: what finding names by rules starts from.

What is covered: words of scripts with capitals (Latin, Greek, Cyrillic), with apostrophes,
hyphens, ampersands and digits inside.

What is not covered: scripts without capitals; words broken over lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jisr.privacy import foreign_words, lexicon, person_names
from jisr.privacy.name_cues import word_set
from jisr.privacy.place_names import fold_place

# Letters, but those of scripts without capitals, which stand in the same text without spaces.
_LETTER = r"[^\W\d_\u0590-\u08ff\u0900-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\uffdc]"
_INNER = rf"(?:{_LETTER}|[\d_\u0300-\u036f])"
_WORD = re.compile(rf"(?<!{_LETTER})(?<![\d_]){_LETTER}{_INNER}*(?:['’‘`&\u2010\u2011-]{_INNER}+)*")
_OWNERS = ("'s", "’s", "'S", "’S")
_ENDS_SENTENCE = frozenset('.!?:\n"“>•*|：。！？#')
_CODE = re.compile(r"[{}();=<>\[\]]")
_CODE_EACH = 30  # characters that have no more than one such sign in prose
_IN_ADDRESS = frozenset({".", "/", "@", "_", "-"})  # what stands between parts of web addresses
_OFTEN_CAPITAL = 3  # times
_FOREIGN = 1_000  # times said, for an ordinary word of another language
_GERMAN = 50_000  # the same where every noun has a capital
_LINKS = word_set("a an and as at by for from in into of on or over the to vs with de la")
_ORDINARY = 60
"""Times a word is said in films to count as ordinary."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text, without the `'s` of an owner."""

    start: int
    end: int
    text: str
    key: str
    """In small letters."""
    folded: str
    """As the lists of names want it."""
    times: int
    """How often it is said in films; 0 if it is no English word."""
    is_capital: bool
    """Whether it starts with a capital."""
    is_shouted: bool
    """Whether it is all capitals, of two letters or more."""
    starts_sentence: bool
    gap: str
    """What stands between it and the word before."""

    @property
    def is_ordinary(self) -> bool:
        """Whether it is a common English word."""
        return self.times >= _ORDINARY


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, and how it is written."""

    text: str
    words: tuple[Word, ...]
    is_small: bool
    """Whether it has hardly any capitals, so that they say nothing."""
    is_shouted: bool
    """Whether it is mostly capitals, so that they say nothing."""
    is_code: bool
    """Whether it has many signs of programs."""
    language: str
    """Another language that it is in, or has parts in; mostly empty."""
    is_english: bool
    """Whether most of its words are English ones."""
    line_starts: frozenset[int]
    """Offsets of words that are the first of a line."""
    always_capital: frozenset[str]
    """Words, in small letters, that stand with capitals only, and more than once."""
    in_headings: frozenset[int]
    """Offsets of words of lines in which every word but the smallest has a capital."""


def split(text: str) -> Words:
    """Return the words of a text."""
    keys = [match[0].casefold() for match in _WORD.finditer(text)]
    language = foreign_words.language_of(keys)
    words = tuple(_words(text, language))
    long = [word for word in words if len(word.key) > 1]
    num_capital = sum(word.is_capital for word in long)
    num_shouted = sum(word.is_shouted for word in long)
    num_small = len(long) - num_capital
    num_known = sum(word.times > 0 for word in words if not word.is_capital or word.is_shouted)
    num_counted = sum(not word.is_capital or word.is_shouted for word in words)
    is_english = num_counted == 0 or num_known >= 0.5 * num_counted or num_small == 0
    is_english = is_english and (not language or foreign_words.is_mostly_english(keys, language))
    headings = frozenset(word.start for line in _lines(words) if _is_heading(line) for word in line)
    return Words(
        text,
        words,
        is_small=num_capital == 0,
        is_shouted=num_shouted > 1 and num_shouted > 2 * (len(long) - num_shouted),
        is_code=len(_CODE.findall(text)) > len(text) / _CODE_EACH,
        language=language,
        is_english=is_english,
        line_starts=frozenset(line[0].start for line in _lines(words)),
        always_capital=_always_capital(words, headings),
        in_headings=headings,
    )


def _words(text: str, language: str) -> list[Word]:
    words: list[Word] = []
    end = 0
    for match in _WORD.finditer(text):
        start, stop = match.span()
        written = match[0]
        if written.endswith(_OWNERS):
            written, stop = written[:-2], stop - 2
        gap = text[end:start]
        key = written.casefold()
        words.append(
            Word(
                start,
                stop,
                written,
                key,
                fold_place(written),
                _times(key, language),
                is_capital=written[0].isupper(),
                is_shouted=len(written) > 1 and written.isupper(),
                starts_sentence=not words or _is_break(gap, words[-1].key),
                gap=gap,
            )
        )
        end = stop
    return words


def _times(key: str, language: str) -> int:
    """Return how often a word is said, in English or another language of the text."""
    times = lexicon.count(key)
    if not language or not foreign_words.is_ordinary(key, language):
        return times
    is_noun = language == "de" and not person_names.is_given(fold_place(key))
    return max(times, _GERMAN if is_noun or foreign_words.is_smallest(key, language) else _FOREIGN)


def _is_break(gap: str, before: str) -> bool:
    """Whether a new sentence may start after a gap; not after an initial or `Dr.`."""
    if gap.startswith("."):
        return len(before) > 1 and before not in _SHORTENED
    return any(sign in _ENDS_SENTENCE for sign in gap)


_SHORTENED = word_set("mr mrs ms dr prof st jr sr inc co ltd corp engr no vs etc eng rev")


def _always_capital(words: Sequence[Word], headings: frozenset[int]) -> frozenset[str]:
    small = {word.key for word in words if not word.is_capital and word.gap not in _IN_ADDRESS}
    capital = [word for word in words if word.is_capital]
    times = Counter(word.key for word in capital)
    inside = Counter(
        word.key for word in capital if not word.starts_sentence and word.start not in headings
    )
    return frozenset(
        key
        for key, num in inside.items()
        if key not in small and (num > 1 or times[key] >= _OFTEN_CAPITAL)
    )


def _lines(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    first = 0
    for n in range(1, len(words) + 1):
        if n == len(words) or "\n" in words[n].gap:
            yield words[first:n]
            first = n


def _is_heading(line: Sequence[Word]) -> bool:
    return len(line) > 1 and all(word.is_capital or word.key in _LINKS for word in line)
