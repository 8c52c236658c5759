"""Names of people, bodies and places by their capitals, by lists and by the words around them.

What is covered: Latin, Greek and Cyrillic letters; full names, single names, initials,
particles, titles; speakers (`Ubul: What?`); firms by their ending, schools, banks, hospitals and
agencies by their kind; towns and countries; capitalised words that no dictionary has; text
without capitals or all in capitals, by lists and dictionary only.

What is not covered: names that are ordinary words where nothing around says so (Rose will
come); small letters among capitals that no list has; which of person, body and place an
unknown word names (it says the likeliest); people whom everybody knows, in text that is not
personal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from jisr.config import PrivacySettings
from jisr.privacy import person_names, place_names, well_known
from jisr.privacy.base import Span
from jisr.privacy.name_cues import NO_NAMES, ORGANIZATION_ENDS, ORGANIZATION_HEADS, word_set
from jisr.privacy.name_filters import OFTEN, is_code, is_public
from jisr.privacy.name_rules import Judgement, Part, judge
from jisr.privacy.runs import Run, find_runs
from jisr.privacy.words import Word, Words, split

_PLAIN_TITLES = word_set("mr mrs ms dr prof engr miss sheikh")
"""Titles after which anything is a name; `Princess Royal` and `Judge Not` are none."""
_SPLITTERS = word_set(
    "me my you your he his she her it its we our they their to in on from with by at as is are "
    "was this that back what who when where why how not no"
)
_TITLE_LINKS = word_set("to in on at by our your my")
_TITLE_GAP = re.compile(r"\.? ?\Z")
_NUMBER = re.compile(r"(?<![\w.,])\d{1,4} \Z")


def build(settings: PrivacySettings) -> ProperNameRecognizer:
    """Return the recognizer; it has no settings."""
    return ProperNameRecognizer()


class ProperNameRecognizer:
    """Finds names of people, organisations, cities and countries by rules."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the names of `text`."""
        there = split(text)
        is_personal = well_known.is_personal(text)
        body = -1
        for run in find_runs(there):
            for it in _parts(there, run):
                part = replace(it, follows_body=it.first == body + 1)
                start, end = part.words[0].start, part.words[-1].end
                found = None if is_code(text, start, end) else judge(part)
                if found and found.entity_type == "ORGANIZATION":
                    body = part.last
                if found and (is_personal or not is_public(there, part.first, part.last)):
                    yield _span(text, part, found)


def _span(text: str, part: Part, found: Judgement) -> Span:
    start, end = part.words[0].start, part.words[-1].end
    if found.entity_type == "ORGANIZATION" and part.words[-1].key in ORGANIZATION_ENDS:
        end += text.startswith(".", end)
        number = _NUMBER.search(text, max(0, start - 6), start)  # 3 Round Stones Inc
        start = number.start() if number else start
    return Span(start, end, found.entity_type, found.score, found.why)


def _parts(there: Words, run: Run) -> Iterator[Part]:
    """Yield what is left of a run without titles, and the ordinary words that cut it."""
    first = run.first
    is_body = any(word.key in ORGANIZATION_HEADS for word in there.words[run.first : run.last + 1])
    for n in range(run.first, run.last + 2):
        if n > run.last or (there.words[n].key in _SPLITTERS and not (is_body or _links(there, n))):
            if part := _trimmed(there, first, n - 1, run.num_links):
                yield part
            first = n + 1


def _links(there: Words, n: int) -> bool:
    """Whether a word that cuts runs has a capital as its neighbours have: Key To The World."""
    word, neighbours = there.words[n], there.words[n - 1 : n + 2 : 2]
    return (
        n > 0
        and word.is_capital
        and word.key in _TITLE_LINKS
        and word.start not in there.in_headings
        and all(it.is_capital and not it.starts_sentence for it in neighbours)
    )


def _trimmed(there: Words, first: int, last: int, num_links: int) -> Part | None:
    words, has_title = there.words, False
    while first <= last:
        if _is_title(there, first, last):
            has_title = True
        elif not _is_to_be_trimmed(there, first, last):
            break
        first += 1
    while last > first and words[last].key in NO_NAMES:
        last -= 1
    if first > last:
        return None
    return Part(there, first, last, has_title or _stands_after_title(there, first), num_links)


def _is_title(there: Words, first: int, last: int) -> bool:
    word = there.words[first]
    if word.key in _PLAIN_TITLES:
        return True
    return (
        first < last and word.key in person_names.TITLES and not _is_plain(there.words[first + 1])
    )


def _stands_after_title(there: Words, first: int) -> bool:
    """Whether a title in small letters stands before: `mr. Bay`."""
    if not first or not _TITLE_GAP.match(there.words[first].gap):
        return False
    return there.words[first - 1].key in _PLAIN_TITLES


def _is_to_be_trimmed(there: Words, first: int, last: int) -> bool:
    """Whether the first word of a run is there only because a sentence starts."""
    word = there.words[first]
    if not word.starts_sentence:
        return word.key in _SPLITTERS or word.key == "the"
    whole = there.text[word.start : there.words[last].end]
    if first < last and _is_place(whole):
        return False  # New Westminster
    if word.key in NO_NAMES:
        return True
    is_plain = first < last and word.times > OFTEN and not word.is_shouted
    return is_plain and not _belongs(there.words[first : last + 1])


def _belongs(words: Sequence[Word]) -> bool:
    """Whether the first of some words belongs to the name that the others are of."""
    bodies = ORGANIZATION_HEADS | ORGANIZATION_ENDS
    following = words[1]
    return (
        _is_plain(following)  # National Van Lines
        or person_names.is_given(words[0].folded)
        or place_names.is_country(following.folded)  # Orange Egypt
        or any(word.key in bodies for word in words)
    )


def _is_place(name: str) -> bool:
    folded = place_names.fold_place(name)
    return place_names.is_city(folded) or place_names.is_country(folded)


def _is_plain(word: Word) -> bool:
    """Whether a word is an ordinary one that is no name of its own."""
    return word.is_ordinary and not (word.times < OFTEN and person_names.is_name(word.folded))
