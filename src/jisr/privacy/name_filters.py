"""What is no private name after all: code, headings' words, nationalities, famous people."""

from __future__ import annotations

import re

from jisr.privacy import lexicon, person_names, place_names, well_known
from jisr.privacy.name_cues import NO_NAMES
from jisr.privacy.words import Word, Words

RARE = 60
"""Times a word is said in films below which it is hardly an English word."""
OFTEN = 8_000
"""Times a word that is also a name is said at most; above, it is a word first."""

_NUMBERED = re.compile(r"[>*\s|]*\d+ \w")
_LETTER_AND_NUMBER = re.compile(r"[a-z]\d{1,2}")
_NEAR = 120  # characters
_OTHER_OF_TWO = re.compile(r"(?<![\w/.:@-])[^\W\d_a-z][^\W\d_]{1,30}/\Z")
_CODE_BEFORE = frozenset("`_/\\@#$=~^.")
_CODE_AFTER = frozenset("`_(=\\@")


def names_nobody(word: Word) -> bool:
    """Whether a word alone names nobody: a nationality, software, a pronoun, a letter, C4."""
    return (
        len(word.key) == 1
        or _LETTER_AND_NUMBER.fullmatch(word.key) is not None
        or word.key in NO_NAMES
        or lexicon.is_calendar(word.key)
        or lexicon.is_software(word.key)
        or lexicon.is_people(word.key)
    )


def is_distinct(word: Word) -> bool:
    """Whether a word marks out one of a kind: rare, or a name of a person, people or country."""
    return (
        word.times < RARE
        or lexicon.is_people(word.key)
        or (word.times < OFTEN and person_names.is_name(word.folded))
        or place_names.is_country(word.folded)
    )


def is_code(text: str, start: int, end: int) -> bool:
    """Whether what stands right before or after makes a range part of an identifier or path."""
    before, after, following = (
        text[max(0, start - 1) : start],
        text[end : end + 1],
        text[end + 1 : end + 2],
    )
    if before == "." and (text[start].isupper() or not text[max(0, start - 2)].isalnum()):
        before = ""  # "end.Next": a full stop without its space
    if (
        before == "/"
        and text[start].isupper()
        and _OTHER_OF_TWO.search(text, max(0, start - 32), start)
    ):
        before = ""  # Acme/Leeds
    if (before and before in _CODE_BEFORE) or (after and after in _CODE_AFTER):
        return True
    return after in {"/", "."} and following.islower()


def is_line_of_address(text: str, start: int, end: int) -> bool:
    """Whether a range is a line of its own, near one that starts with a number and a word."""
    before, after = text[:start].rpartition("\n"), text[end:].partition("\n")
    if any(map(str.isalnum, before[2] + after[0])):
        return False
    lines = [*before[0][-_NEAR:].splitlines()[-2:], *after[2][:_NEAR].splitlines()[:3]]
    return any(_NUMBERED.match(line) for line in lines)


def is_public(there: Words, first: int, last: int) -> bool:
    """Whether everybody knows whom the words `[first, last]` name; not in a personal text."""
    words = there.words[first : last + 1]
    if well_known.is_asked_of_the_world(there.text, words[0].start):
        return True
    following = there.words[last + 1] if last + 1 < len(there.words) else None
    if following is not None and len(words) == 1 and well_known.is_eponym(following.key):
        return True
    return well_known.is_famous(" ".join(word.folded for word in words))
