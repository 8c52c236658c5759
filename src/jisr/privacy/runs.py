"""Runs of words that may be one name: capitals side by side, with what joins them.

What is covered: initials (`Johnny B. Bay`), particles (`van der Bay`), `&`, `of` and `and` in
the names of bodies (`Ministry of Health`), text without capitals or all in capitals, where
words that no dictionary knows and names from lists stand for the capitals.

What is not covered: names broken over lines; names of bodies in small letters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jisr.privacy import foreign_words, lexicon, person_names, place_names
from jisr.privacy.name_cues import (
    NO_NAMES,
    ORGANIZATION_AFTER,
    ORGANIZATION_BEFORE,
    ORGANIZATION_ENDS,
    ORGANIZATION_HEADS,
    PERSON_BEFORE,
    PLACE_BEFORE,
    word_set,
)
from jisr.privacy.name_filters import RARE, names_nobody
from jisr.privacy.words import Word, Words

_SPACE = re.compile(r"[ \u00a0]{1,2}\Z")
_AFTER_DOT = re.compile(r"\.[ \u00a0]?\Z")
_AND_SIGN = re.compile(r" ?& ?\Z")
_COMMA = re.compile(r", ?\Z")
_LINKS = word_set("of for the and in")
_NO_COUNTRIES = word_set("turkey jersey guinea china")  # in small letters
_MOST_LINKS = 3
_LONGEST = 12  # words of a run; a longer line of capitals is cut
_BODY_WITH_AND = 4  # words
_NAME_TIMES = 1_000
"""In text without capitals a name from a list counts if it is said less often than this."""
_GIVEN_TIMES = 300
"""The same among words with capitals."""
_LAND_TIMES = 3_000
"""The same for countries and regions after a word of place."""
_SHORTEST, _SHORTEST_SMALL = 3, 4
_LARGE = 15_000
_CUES = (PERSON_BEFORE | PLACE_BEFORE | ORGANIZATION_BEFORE | {"at", "for"}) - {"and", "be", "with"}


@dataclass(frozen=True, slots=True)
class Run:
    """Words `[first, last]` of a text that may be one name."""

    first: int
    last: int
    num_links: int = 0
    """How many of them are `of`, `and` and the like."""


def find_runs(there: Words) -> list[Run]:
    """Return the runs of a text in order; none overlap."""
    runs, n = [], 0
    while n < len(there.words):
        if not can_be_name(there, n):
            n += 1
            continue
        run = _extend(there, n)
        runs.append(run)
        n = run.last + 1
    return runs


def can_be_name(there: Words, n: int) -> bool:
    """Whether a word may be one of a name by how it is written."""
    word = there.words[n]
    if "_" in word.text or (there.language and foreign_words.is_smallest(word.key, there.language)):
        return False
    if there.is_code and there.is_small:
        return False
    if there.is_shouted:
        return is_rare_name(word)
    if there.is_small:
        is_cued = word.times > 0 or is_listed(word) or _is_cued(there, n)
        return (is_cued and is_rare_name(word)) or _is_large_town(there, n)
    if word.is_capital:
        return not lexicon.is_calendar(word.key) and word.text not in ("I", "I'm", "I’m")
    return _is_name_in_small_letters(there, n) or _is_large_town(there, n)


def is_rare_name(word: Word) -> bool:
    """Whether a word is a name without its capital: from a list, or in no dictionary."""
    if len(word.key) < _SHORTEST or word.key in NO_NAMES or lexicon.is_software(word.key):
        return False
    if place_names.is_country(word.folded):
        return True
    is_long = len(word.key) >= _SHORTEST_SMALL
    if is_long and word.times < RARE and place_names.is_city(word.folded, _LARGE):
        return True
    if word.times < _NAME_TIMES and person_names.is_given(word.folded):
        return True
    if word.times == 0 and word.key.isalpha():
        return is_listed(word) or not lexicon.is_misspelt(word.key)
    return False


def _is_cued(there: Words, n: int) -> bool:
    """Whether words before or after say that a name stands here."""
    before = [word.key for word in there.words[max(0, n - 2) : n]]
    after = {word.key for word in there.words[n + 1 : n + 3]}
    if n and person_names.is_given(there.words[n - 1].folded) and can_be_name(there, n - 1):
        return True  # olga krylova
    return bool(set(before[-1:]) & _CUES or before == ["who", "is"] or after & ORGANIZATION_AFTER)


def _is_large_town(there: Words, n: int) -> bool:
    """Whether a word after a word of place is a town's name and nothing else: `in london`."""
    is_town = there.words[n].key in place_names.NO_OTHER_WORDS
    return is_town and n > 0 and there.words[n - 1].key in PLACE_BEFORE


def is_listed(word: Word) -> bool:
    """Whether a list has it as the name of a person or a larger town."""
    return person_names.is_name(word.folded) or place_names.is_city(word.folded, _LARGE)


def _is_name_in_small_letters(there: Words, n: int) -> bool:
    """Whether a word is a name that somebody did not write with its capital."""
    word = there.words[n]
    if len(word.key) < _SHORTEST_SMALL or word.times >= _LAND_TIMES or not word.key.isalpha():
        return False
    if not there.is_english or names_nobody(word):
        return False
    before = there.words[n - 1].key if n else ""
    if place_names.is_country(word.folded) and word.key not in _NO_COUNTRIES:
        return True
    if place_names.is_region(word.folded):
        return word.times < RARE or before in PLACE_BEFORE or before == "of"
    if person_names.is_given(word.folded) and word.times < _GIVEN_TIMES:
        return True
    return word.times < RARE and _is_rare_in_small_letters(word, before)


def _is_rare_in_small_letters(word: Word, before: str) -> bool:
    if place_names.is_city(word.folded, _LARGE):
        return True
    return word.times == 0 and before in _CUES and not lexicon.is_misspelt(word.key)


def _extend(there: Words, first: int) -> Run:
    words, last, num_links = there.words, first, 0
    while last + 1 < len(words) and last - first < _LONGEST:
        num_words = _next_joint(there, first, last)
        if not num_words:
            break
        if words[last + 1].text != "I":
            num_links += num_words - 1
        last += num_words
    return Run(first, last, num_links)


def _next_joint(there: Words, first: int, last: int) -> int:
    """Return how many words further the run reaches by its next joint; 0 if it ends here."""
    this, following = there.words[last], there.words[last + 1]
    if can_be_name(there, last + 1):
        return int(_is_joined(this, following))
    if not _SPACE.match(following.gap):
        return 0
    return _over_initial(there, last) or _over_links(there, first, last)


def _over_initial(there: Words, last: int) -> int:
    """Return 2 if `I.` and a name follow, which is the letter and not the pronoun."""
    if there.words[last + 1].text != "I" or last + 2 >= len(there.words) or there.is_shouted:
        return 0
    name = there.words[last + 2]
    return 2 if name.is_capital and name.gap.startswith(".") else 0


def _over_links(there: Words, first: int, last: int) -> int:
    """Return how many words reach over `van der`, `of the` and the like; 0 if nothing does."""
    words = there.words
    links = _num_links(words, last)
    end = last + links + 1
    if not links or end >= len(words) or not can_be_name(there, end):
        return 0
    if not _SPACE.match(words[end].gap):
        return 0
    linked = {word.key for word in words[last + 1 : end]}
    if linked <= person_names.PARTICLES or _is_body(words[first : end + 1], linked):
        return links + 1
    return 0


def _num_links(words: Sequence[Word], last: int) -> int:
    """Return how many small words that may link a name follow."""
    links = 0
    for word in words[last + 1 : last + 1 + _MOST_LINKS]:
        if word.is_capital or not (word.key in person_names.PARTICLES or word.key in _LINKS):
            break
        links += 1
    return links


def _is_joined(this: Word, following: Word) -> bool:
    if this.is_capital != following.is_capital and len(this.key) > 1:
        return this.key in person_names.TITLES and bool(_AFTER_DOT.match(following.gap))
    if _SPACE.match(following.gap) or _AND_SIGN.match(following.gap):
        return True
    if _AFTER_DOT.match(following.gap):
        return len(this.text) == 1 or this.key in person_names.TITLES
    return bool(_COMMA.match(following.gap)) and following.key in ORGANIZATION_ENDS


def _is_body(words: Sequence[Word], linked: set[str]) -> bool:
    """Whether words with `of` or `and` between are the name of an organisation."""
    if "and" in linked or "in" in linked:
        is_led = words[0].key in ORGANIZATION_HEADS or words[0].key == "partners"
        return len(words) >= _BODY_WITH_AND and is_led
    return any(word.key in ORGANIZATION_HEADS for word in words)
