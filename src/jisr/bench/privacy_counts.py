"""What is counted of private text that was found, missed, or seen where there is none.

- A private span is *covered* if all its characters, but white space at its edges, lie in
  what was found, of whatever type.
- Precision, recall and F2 are of characters: one that was found is right if it lies in any
  private span; F2 weighs recall four times as much as precision.
- Dates, titles and nationalities are *apart*: the types of `APART` in the rows are neither
  required nor false alarms, and what is found as one of them is no false alarm either.
- A string *stands* in a text if it is in it in either case, as words of its own where it
  begins and ends with letters or digits; white space counts once.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from jisr.bench.privacy_rows import SpanRow
from jisr.privacy.base import Span

APART = frozenset({"DATE_TIME", "DATE", "TIME", "TITLE", "NRP"})
"""Types of theirs that are counted apart."""

OURS: dict[str, tuple[str, ...]] = {
    "PERSON": ("PERSON",),
    "FIRST_NAME": ("PERSON",),
    "LAST_NAME": ("PERSON",),
    "STREET_ADDRESS": ("STREET_ADDRESS", "POSTCODE", "CITY"),
    "ADDRESS": ("STREET_ADDRESS", "POSTCODE", "CITY"),
    "GPE": ("CITY", "COUNTRY"),
    "LOCATION": ("CITY", "COUNTRY", "STREET_ADDRESS"),
    "CITY": ("CITY",),
    "COUNTRY": ("COUNTRY",),
    "ZIP_CODE": ("POSTCODE",),
    "ORGANIZATION": ("ORGANIZATION",),
    "AGE": ("AGE", "BIRTH_DATE"),
    "US_SSN": ("NATIONAL_ID", "TAX_NUMBER"),
    "US_ITIN": ("TAX_NUMBER", "NATIONAL_ID"),
    "US_PASSPORT": ("PASSPORT",),
    "US_DRIVER_LICENSE": ("DRIVER_LICENSE",),
    "US_BANK_NUMBER": ("BANK_ACCOUNT",),
    "DOMAIN_NAME": ("DOMAIN_NAME", "URL"),
    "URL": ("URL", "DOMAIN_NAME"),
}
"""Type of theirs -> ours that name it; one that is not here keeps its name."""

ADDRESSES = frozenset({"STREET_ADDRESS", "ADDRESS"})
Row = dict[str, object]


def ours(theirs: str) -> tuple[str, ...]:
    """Return the types of ours that name a type of theirs."""
    return OURS.get(theirs, (theirs,))


@dataclass(slots=True)
class Counts:
    """What one finder did with rows that have spans."""

    private: Counter[str] = field(default_factory=Counter)
    """Spans there are, by type of theirs."""
    covered: Counter[str] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    """Of the covered, those whose type is right too."""
    found_as: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Types that were found in spans of a type."""
    alarms: Counter[str] = field(default_factory=Counter)
    """Found where nothing is private, by the finder's own type."""
    right: int = 0
    """Characters that were found and are private."""
    wrong: int = 0
    missed: int = 0
    missed_spans: list[tuple[SpanRow, Span]] = field(default_factory=list)
    alarm_spans: list[tuple[SpanRow, Span]] = field(default_factory=list)

    def add(self, row: SpanRow, found: Sequence[Span]) -> None:
        """Count one text."""
        seen = characters(found)
        required = [span for span in row.spans if span.entity_type not in APART]
        private, apart = characters(required), characters(set(row.spans) - set(required))
        alarmed = characters(it for it in found if it.entity_type not in APART)
        self.right += len(seen & private)
        self.missed += len(private - seen)
        self.wrong += len(alarmed - private - apart)
        for span in row.spans:
            self._add_span(row, span, found, seen)
        for span in found:
            if span.entity_type not in APART and not characters([span]) & (private | apart):
                self.alarms[span.entity_type] += 1
                self.alarm_spans.append((row, span))

    def _add_span(
        self, row: SpanRow, span: Span, found: Sequence[Span], seen: frozenset[int]
    ) -> None:
        self.private[span.entity_type] += 1
        inner = trimmed(span, row.text)
        types = {it.entity_type for it in found if it.start < inner.end and inner.start < it.end}
        self.found_as[span.entity_type].update(types or {"nothing"})
        if characters([inner]) <= seen:
            self.covered[span.entity_type] += 1
            names = {span.entity_type, *ours(span.entity_type)}
            self.named[span.entity_type] += bool(names & types)
        elif span.entity_type not in APART:
            self.missed_spans.append((row, span))

    @property
    def covered_share(self) -> float | None:
        """Share of private spans that are covered; None: there are none."""
        return self.share_of(set(self.private) - APART)

    def share_of(self, types: Iterable[str]) -> float | None:
        """Return the share of the spans of some types that are covered; None: there are none."""
        types = set(types)
        num = sum(self.private[it] for it in types)
        return sum(self.covered[it] for it in types) / num if num else None

    def of_characters(self) -> tuple[float, float, float]:
        """Return precision, recall and F2 of characters; 1 where nothing could be wrong."""
        precision = _share(self.right, self.wrong)
        recall = _share(self.right, self.missed)
        weighed = 4 * self.missed + self.wrong
        return precision, recall, _share(5 * self.right, weighed)


def _share(right: int, other: int) -> float:
    return right / (right + other) if right + other else 1.0


def characters(spans: Iterable[Span]) -> frozenset[int]:
    """Return the places of all characters in some of the spans."""
    return frozenset(at for span in spans for at in range(span.start, span.end))


def trimmed(span: Span, text: str) -> Span:
    """Return a span without white space at its edges; one of nothing else as it is."""
    value = text[span.start : span.end]
    if not value.strip():
        return span
    start = span.start + len(value) - len(value.lstrip())
    return Span(start, start + len(value.strip()), span.entity_type)


def words_of(text: str) -> int:
    """Return the number of words of a text: what stands between white space."""
    return len(text.split())


def stands(string: str, text: str) -> bool:
    """Return whether a private string still stands in a text."""
    wanted, read = (" ".join(it.casefold().split()) for it in (string, text))
    start = r"(?<!\w)" if re.match(r"\w", wanted) else ""
    end = r"(?!\w)" if re.search(r"\w\Z", wanted) else ""
    return re.search(start + re.escape(wanted) + end, read) is not None


def standing(strings: Iterable[str], text: str) -> list[str]:
    """Return the strings that stand in a text, each once."""
    once = {" ".join(it.casefold().split()): it for it in strings}
    return [it for it in once.values() if stands(it, text)]
