"""Where the private text of a turn is: seen once, before anything is decided.

What is covered: every text that could leave (`jisr.privacy.leaving`); a value found in one
place is marked wherever it stands in the turn, a part of a name and a rare name in other
capitals too; what is masked is read without its mask (`jisr.privacy.unmasking`).

What is not covered: what no recognizer finds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from jisr.errors import PrivacyError
from jisr.privacy.base import Recognizer, Span
from jisr.privacy.leaving import texts_of
from jisr.privacy.name_parts import is_known_in_any_case, parts_of
from jisr.privacy.unmasking import readings
from jisr.types import Request

SEARCH_LIMIT = 500_000_000
"""Most characters that are compared to look for values again, about half a second; a turn
with more values times text is searched by its recognizers only."""

SHORT_NUMBER = 4
"""Digits of a number that stands in many longer ones by chance."""

PART = 0.8
"""Share of its score that a name's part keeps."""
PART_WHY = "part of a name found elsewhere"

ONLY_WHERE_FOUND = frozenset({"AGE", "NRP"})
"""Types whose values are private only where they were found: 34 is an age once, and a number
of apples elsewhere; French is somebody's nation once, and the language to write in elsewhere."""

_FIRST_WITHOUT_SPACES = "\u0e00"  # Thai; the scripts from here on set no spaces between words
_ARABIC = re.compile("[\u0620-\u064a]")
_JOINED_BEFORE = re.compile(r"(?<!\w)[وف]?(?:[بلك]|ال|[بك]ال|لل)?\Z")
_LONGEST_JOINED = 5


@dataclass(frozen=True, slots=True)
class Sighting:
    """The private spans of one turn."""

    spans: Mapping[str, tuple[Span, ...]] = field(repr=False)
    """By text: spans in order, none overlapping; every text that could leave has a row."""
    counts: Mapping[str, int]
    """Number of spans by entity type, each distinct text counted once."""
    found: Mapping[str, tuple[Span, ...]] = field(default_factory=dict, repr=False)
    """By text: the spans as they were found, which may overlap; what a policy is applied to."""

    @property
    def types(self) -> frozenset[str]:
        """Entity types that were found."""
        return frozenset(self.counts)


class Sight:
    """Looks at turns with a set of recognizers. Threads may share it."""

    def __init__(self, recognizers: Iterable[Recognizer]) -> None:
        self._recognizers = tuple(recognizers)

    def look(self, request: Request) -> Sighting:
        """Return what is private in a turn.

        Raises:
            PrivacyError: A recognizer failed; nothing can be said of the turn.
        """
        found = {text: self._find(text) for text in dict.fromkeys(texts_of(request))}
        _mark_again(found)
        spans = {text: tuple(resolve(there)) for text, there in found.items()}
        counts = Counter(span.entity_type for span in chain.from_iterable(spans.values()))
        whole = {text: tuple(sorted(there)) for text, there in found.items()}
        return Sighting(spans, dict(sorted(counts.items())), whole)

    def _find(self, text: str) -> list[Span]:
        return [
            span
            for reading in readings(text)
            for span in reading.placed(self._find_in(reading.text))
        ]

    def _find_in(self, text: str) -> list[Span]:
        spans: list[Span] = []
        for recognizer in self._recognizers:
            name, failure = type(recognizer).__name__, ""
            try:
                spans += recognizer.find(text)
            except Exception as error:
                failure = type(error).__name__
            if failure:  # raised out here: the error's own message may quote the text
                raise PrivacyError(f"{name} failed ({failure}), so this turn may not leave.")
        if any(not 0 <= span.start < span.end <= len(text) for span in spans):
            raise PrivacyError("A recognizer gave a span outside of its text.")
        return spans


def resolve(spans: Iterable[Span]) -> list[Span]:
    """Return spans that do not overlap, in order of their start.

    Spans that overlap become one that covers them all, so that nothing of any is left
    uncovered; the surest gives its type, of equals the longest, then the first.
    """
    resolved: list[Span] = []
    best = None
    for span in sorted(spans):
        if best is None or not resolved or span.start >= resolved[-1].end:
            best = span
            resolved.append(span)
            continue
        best = min(best, span, key=lambda s: (-s.score, s.start - s.end, s.start))
        last = resolved[-1]
        end = max(last.end, span.end)
        resolved[-1] = replace(best, start=last.start, end=end)
    return resolved


def is_worth_searching(num_values: int, texts: Sequence[str]) -> bool:
    """Whether every value can be looked for in every text in a short time."""
    return num_values * sum(map(len, texts)) <= SEARCH_LIMIT


def occurrences(value: str, text: str) -> Iterator[int]:
    """Yield where a private value stands in a text.

    A value that has digits is found inside of longer ones too, but a PIN not inside of a longer
    number; a name only as words of their own (`Ali` not in `Alice`), with what English and
    Arabic join to them: `Alis`, `وعلي`.
    """
    is_name = not any(map(str.isdigit, value))
    is_short = value.isdecimal() and len(value) <= SHORT_NUMBER
    start = text.find(value)
    while start >= 0:
        end = start + len(value)
        if is_name:
            stands = _starts_word(text, start) and _ends_word(text, end)
        else:
            stands = not (is_short and _is_in_number(text, start, end))
        if stands:
            yield start
        start = text.find(value, end if stands else start + 1)


def _is_in_number(text: str, start: int, end: int) -> bool:
    return text[max(0, start - 1) : start].isdecimal() or text[end : end + 1].isdecimal()


def _starts_word(text: str, start: int) -> bool:
    if not (start and _is_letter(text[start]) and text[start - 1].isalnum()):
        return True
    before = text[max(0, start - _LONGEST_JOINED) : start]
    return bool(_ARABIC.match(text[start]) and _JOINED_BEFORE.search(before))


def _ends_word(text: str, end: int) -> bool:
    if not _is_letter(text[end - 1]):
        return True
    after = text[end : end + 2]
    return not after[:1].isalnum() or (after[0] == "s" and not after[1:].isalnum())


def _is_letter(character: str) -> bool:
    return character.isalpha() and character < _FIRST_WITHOUT_SPACES


def _mark_again(found: dict[str, list[Span]]) -> None:
    """Add a span wherever a value that was found somewhere stands again, or a part of a name."""
    everywhere = ((span, text) for text, spans in found.items() for span in spans)
    values = {
        text[span.start : span.end]: span
        for span, text in sorted(everywhere, key=lambda it: it[0].score)  # the surest names it
        if span.entity_type not in ONLY_WHERE_FOUND
    }
    if not is_worth_searching(2 * len(values), list(found)):
        return
    for value, span in list(values.items()):
        for part in parts_of(value, span.entity_type):
            values.setdefault(part, replace(span, score=PART * span.score, why=PART_WHY))
    in_any_case = {
        value.lower(): span
        for value, span in values.items()
        if value.upper() != value.lower() and is_known_in_any_case(value, span.entity_type)
    }
    for text, spans in found.items():
        known = {(span.start, span.end, span.entity_type) for span in spans}
        again = [*_again(values, text), *_again(in_any_case, _lower(text))]
        spans += (it for it in again if (it.start, it.end, it.entity_type) not in known)


def _again(values: Mapping[str, Span], text: str) -> Iterator[Span]:
    for value, span in values.items():
        for start in occurrences(value, text):
            yield replace(span, start=start, end=start + len(value))


def _lower(text: str) -> str:
    """Return a text in small letters, of equal length; as it is if that cannot be."""
    lower = text.lower()
    return lower if len(lower) == len(text) else text
