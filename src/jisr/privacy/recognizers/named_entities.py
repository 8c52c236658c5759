"""Names of people, bodies and places that a model finds in English text.

What is covered: running English text with capitals; what the rules for capitals miss, above
all names made of ordinary words.

The model is slow (about 3 ms for 200 characters), so it is asked only where the rules leave a
word with a capital undecided.

What is not covered: other languages, and text without capitals. Without the extra `names` the
model is not there and this finds nothing, which is logged once and said by `jisr doctor`.

Source: spaCy's small English model; what it takes for names is held against lists.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from jisr.config import PrivacySettings
from jisr.privacy import entity_model, person_names, place_names, well_known
from jisr.privacy.base import Recognizer, Span
from jisr.privacy.entity_model import Entity
from jisr.privacy.name_cues import NO_NAMES, PLACE_BEFORE, word_set
from jisr.privacy.name_filters import (
    OFTEN,
    is_code,
    is_distinct,
    is_line_of_address,
    is_public,
    names_nobody,
)
from jisr.privacy.name_rules import Part
from jisr.privacy.recognizers import proper_names
from jisr.privacy.words import Word, Words, split

_TYPES = {
    "PERSON": "PERSON",
    "ORG": "ORGANIZATION",
    "GPE": "CITY",
    "LOC": "CITY",
    "FAC": "ORGANIZATION",
    "PRODUCT": "ORGANIZATION",
}
_AT = word_set("at for join joined from of")
_LONGEST = 8  # words; more is a sentence that was taken for a name
_BROKEN = re.compile(r'["\\\n\r\t<>{}|]')


def build(settings: PrivacySettings) -> NamedEntityRecognizer:
    """Return the recognizer; it has no settings. The model is loaded when first asked."""
    return NamedEntityRecognizer(proper_names.build(settings))


class NamedEntityRecognizer:
    """Finds names of people, organisations, cities and countries by a model."""

    def __init__(self, rules: Recognizer) -> None:
        """Ask the model only where `rules` leave a word with a capital undecided."""
        self._rules = rules

    def find(self, text: str) -> Iterator[Span]:
        """Yield the names of `text`."""
        if not any(map(str.isalpha, text)):
            return
        there = split(text)
        if there.is_small or there.is_shouted or not there.is_english:
            return
        is_personal = well_known.is_personal(text)
        if not _is_undecided(there, self._rules.find(text), is_personal=is_personal):
            return
        starts = [word.start for word in there.words]
        for entity in entity_model.entities(text):
            if entity.label not in _TYPES:
                continue
            for first, last in _ranges(there, starts, entity):
                if is_personal or not is_public(there, first, last):
                    yield from _span(there, first, last, entity.label)


def _is_undecided(there: Words, decided: Iterable[Span], *, is_personal: bool) -> bool:
    """Whether there is a word with a capital that may be a name and that no rule took for one."""
    covered = {start for span in decided for start in range(span.start, span.end)}
    return any(
        word.is_capital
        and word.start not in covered
        and not names_nobody(word)
        and not (word.starts_sentence and _is_plain_start(word))
        and (is_personal or not is_public(there, n, n))
        for n, word in enumerate(there.words)
    )


def _is_plain_start(word: Word) -> bool:
    """Whether the first word of a sentence is said far too often to be a name by itself."""
    return word.times > OFTEN and not person_names.is_name(word.folded)


def _ranges(there: Words, starts: list[int], entity: Entity) -> Iterator[tuple[int, int]]:
    """Yield the words of an entity without articles and titles, line by line."""
    text, start = there.text, entity.start
    for piece in _BROKEN.split(text[entity.start : entity.end]):
        first = bisect_left(starts, start)
        last = bisect_left(starts, start + len(piece)) - 1
        start += len(piece) + 1
        while first <= last and _is_outside(there.words[first]):
            first += 1
        while first <= last and there.words[last].key in NO_NAMES:
            last -= 1
        if first <= last < first + _LONGEST:
            yield first, last


def _is_outside(word: Word) -> bool:
    return (word.key in NO_NAMES and word.key != "new") or word.key in person_names.TITLES


def _is_likely(part: Part, label: str) -> bool:
    """Whether ordinary words are a name all the same, for their capitals and what is around."""
    if label == "PRODUCT":
        return False
    if part.words[0].start in part.there.in_headings:
        return is_line_of_address(part.there.text, part.words[0].start, part.words[-1].end)
    if label in {"GPE", "LOC"}:
        return part.before in PLACE_BEFORE
    return len(part.words) > 1 or part.is_beside_body or (label == "ORG" and part.before in _AT)


def _span(there: Words, first: int, last: int, label: str) -> Iterator[Span]:
    words = there.words[first : last + 1]
    start, end = words[0].start, words[-1].end
    if is_code(there.text, start, end) or not any(word.is_capital for word in words):
        return
    if all(names_nobody(word) for word in words):
        return
    is_certain = any(is_distinct(word) and not names_nobody(word) for word in words)
    if not is_certain and not _is_likely(Part(there, first, last), label):
        return
    entity_type = _TYPES[label]
    if label == "GPE" and place_names.is_country(place_names.fold_place(there.text[start:end])):
        entity_type = "COUNTRY"
    yield Span(start, end, entity_type, 0.65 if is_certain else 0.45, f"model says {label}")
