"""Private text that Jisr and Presidio find, miss, and see where there is none; and how fast.

Both look at every text in one run, in turns: the first is first with every other text, so
that what else the machine does bears on both. A few texts are looked at before, so that
what is loaded at first use is loaded.

What is covered: rows with spans (share covered, characters, types, false alarms), rows
with strings (share that still stands in what would leave), clean texts of its own, times.
What is not covered: values hidden on purpose (tests/privacy/test_attacks.py), and what the
rows' own writers overlooked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import median

from jisr.bench.load import quantile
from jisr.bench.privacy_clean import CLEAN
from jisr.bench.privacy_counts import ADDRESSES, APART, Counts, Row, standing, words_of
from jisr.bench.privacy_finders import Finder
from jisr.bench.privacy_rows import SpanRow, StringRow
from jisr.privacy.base import Span

WARM_UP = 8
USUAL_LENGTHS = range(100, 401)
"""Characters of the texts that `ms_per_text` is of."""

Tell = Callable[[int, int], None]
"""Is told how many texts are done, and how many there are."""


@dataclass(slots=True)
class Found:
    """What one finder did."""

    finder: Finder
    spans: Counts = field(default_factory=Counts)
    clean: dict[str, Counts] = field(default_factory=dict)
    """By kind of clean text."""
    clean_words: int = 0
    times_ms: list[tuple[int, float]] = field(default_factory=list)
    """Characters of a text, and how long it took."""
    strings: int = 0
    """Private strings that stand in the texts as they were written."""
    left: int = 0
    """Of these, those that stand in what would leave."""
    left_strings: list[tuple[StringRow, str]] = field(default_factory=list)

    def find(self, text: str) -> Sequence[Span]:
        """Look at a text, timed."""
        begun = time.perf_counter()
        found = self.finder.find(text)
        self.times_ms.append((len(text), (time.perf_counter() - begun) * 1000))
        return found

    def add_clean(self, kind: str, row: SpanRow, found: Sequence[Span]) -> None:
        """Count a text in which nothing is private."""
        self.clean.setdefault(kind, Counts()).add(row, found)
        self.clean_words += words_of(row.text)

    def add_strings(self, row: StringRow) -> None:
        """Count the strings that still stand in what would leave."""
        before = standing(row.private, row.text)
        after = standing(before, self.finder.leaving(row.text))
        self.strings += len(before)
        self.left += len(after)
        self.left_strings += ((row, it) for it in after)


def measure(
    finders: Sequence[Finder],
    span_rows: Sequence[SpanRow],
    string_rows: Sequence[StringRow],
    tell: Tell,
) -> list[Found]:
    """Look at every text with every finder.

    Raises:
        PrivacyError: A recognizer failed.
    """
    found = [Found(finder) for finder in finders]
    takes = [*map(_take_spans, span_rows), *_take_own(), *map(_take_strings, string_rows)]
    texts = [*(row.text for row in span_rows), *(row.text for row in string_rows)]
    for text in texts[:WARM_UP]:
        for finder in finders:
            finder.find(text)
    for number, take in enumerate(takes):
        for it in found[:: -1 if number % 2 else 1]:
            take(it)
        tell(number + 1, len(takes))
    return found


Take = Callable[[Found], None]
"""Has a finder look at one text, and counts."""


def _take_spans(row: SpanRow) -> Take:
    is_clean = all(it.entity_type in APART for it in row.spans)

    def take(found: Found) -> None:
        spans = found.find(row.text)
        found.spans.add(row, spans)
        if is_clean:
            found.add_clean("rows", row, spans)

    return take


def _take_strings(row: StringRow) -> Take:
    def take(found: Found) -> None:
        found.find(row.text)
        found.add_strings(row)

    return take


def _take_own() -> Iterator[Take]:
    """Yield how the clean texts are taken."""
    for kind, texts in CLEAN.items():
        for number, text in enumerate(texts):
            row = SpanRow(id=f"{kind}-{number}", lang="", text=text, spans=())
            yield partial(_take_clean, kind, row)


def _take_clean(kind: str, row: SpanRow, found: Found) -> None:
    found.add_clean(kind, row, found.find(row.text))


def figures(found: Found) -> dict[str, float]:
    """Return the figures of one finder by name; what could not be measured is left out.

    `ms_per_text` is the median of texts of 100 to 400 characters, of all where none is.
    """
    counts = found.spans
    precision, recall, f2 = counts.of_characters()
    usual = [ms for length, ms in found.times_ms if length in USUAL_LENGTHS]
    every = [ms for _, ms in found.times_ms]
    num_alarms = sum(it.alarms.total() for it in found.clean.values())
    measured: dict[str, float | None] = {"covered_share": counts.covered_share}
    if counts.covered_share is not None:
        measured |= {"f2": f2, "precision": precision, "recall": recall}
    measured |= {
        "address_covered_share": counts.share_of(ADDRESSES),
        "strings_left_share": found.left / found.strings if found.strings else None,
        "false_alarms_per_1000_words": 1000 * num_alarms / max(1, found.clean_words),
        "ms_per_text": median(usual or every),
        "ms_per_text_p90": quantile(usual or every, 0.9),
        "ms_per_any_text": median(every),
        "ms_per_any_text_p90": quantile(every, 0.9),
        "chars_per_s": 1000 * sum(length for length, _ in found.times_ms) / sum(every),
    }
    prefix = found.finder.prefix
    return {prefix + name: value for name, value in measured.items() if value is not None}


def misses(found: Found) -> Iterator[Row]:
    """Yield what was missed, seen where there is none, or left, with its text."""
    finder = found.finder.prefix.rstrip("_") or "jisr"
    places = {"missed": found.spans.missed_spans, "alarm": found.spans.alarm_spans}
    for counts in (found.clean[kind] for kind in CLEAN):
        places["alarm"] = places["alarm"] + counts.alarm_spans
    for what, spans in places.items():
        for row, span in spans:
            yield {
                "finder": finder,
                "what": what,
                "id": row.id,
                "type": span.entity_type,
                "value": row.text[span.start : span.end],
                "why": span.why,
                "text": row.text,
            }
    for prompt, string in found.left_strings:
        yield {
            "finder": finder,
            "what": "left",
            "id": prompt.id,
            "value": string,
            "text": prompt.text,
        }
