"""What `jisr bench privacy` reads: texts with their private spans, or with private strings.

The form of a row is told by the row: `spans` are ranges of characters with a type,
`private` are strings that must not leave. One file may hold both.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from jisr.errors import BenchError
from jisr.privacy.base import Span

FORMS = (
    '{"id": …, "text": "…", "spans": [{"start": 0, "end": 3, "type": "PERSON"}]} or '
    '{"id": …, "text": "…", "private": ["…"]}'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanRow:
    """A text with every private span in it."""

    id: str
    lang: str
    text: str
    spans: tuple[Span, ...]
    """With the types of whoever wrote them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StringRow:
    """A user's prompt with the strings that must not leave with it."""

    id: str
    text: str
    private: tuple[str, ...]


PrivacyRow = SpanRow | StringRow
AnyRow = TypeVar("AnyRow", SpanRow, StringRow)


def read(path: Path) -> list[PrivacyRow]:
    """Return the rows of a file: lines of JSON.

    Raises:
        BenchError: It cannot be read, holds no row, or a line is none.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError) as error:
        raise BenchError(f"{path} cannot be read: {error}") from None
    rows = [
        _row(line, number, f"{path}:{number}")
        for number, line in enumerate(lines, 1)
        if line.strip()
    ]
    if not rows:
        raise BenchError(f"{path} holds no row.")
    return rows


def choose(rows: Iterable[AnyRow], limit: int | None, seed: int) -> list[AnyRow]:
    """Return so many rows, in their order; the seed chooses which. None: all."""
    found = list(rows)
    if limit is None or limit >= len(found):
        return found
    kept = sorted(random.Random(seed).sample(range(len(found)), limit))
    return [found[number] for number in kept]


def _row(line: str, number: int, where: str) -> PrivacyRow:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise BenchError(f"{where} is not JSON: {error}") from None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise BenchError(f"{where} is no row of the form {FORMS}: it has no text.")
    if ("spans" in row) == ("private" in row):
        both = "both spans and private" if "spans" in row else "neither spans nor private"
        raise BenchError(f"{where} is no row of the form {FORMS}: it has {both}.")
    text, name = row["text"], str(row.get("id", number))
    if "private" in row:
        strings = tuple(_strings(row["private"], where))
        return StringRow(id=name, text=text, private=strings)
    spans = tuple(_spans(row["spans"], text, where))
    return SpanRow(id=name, lang=str(row.get("lang", "")), text=text, spans=spans)


def _strings(found: object, where: str) -> Iterator[str]:
    for string in _listed(found, "private", where):
        if not isinstance(string, str) or not string.strip():
            raise BenchError(f"{where}: `private` is a list of strings that are not empty.")
        yield string


def _spans(found: object, text: str, where: str) -> Iterator[Span]:
    for span in _listed(found, "spans", where):
        values = [span.get(it) for it in ("start", "end", "type")] if isinstance(span, dict) else []
        match values:
            case [int(start), int(end), str(kind)] if 0 <= start < end <= len(text) and kind:
                yield Span(start, end, kind)
            case _:
                raise BenchError(
                    f"{where}: each of `spans` has a start and an end (0 ≤ start < end ≤ "
                    f"{len(text)}, the characters of its text) and a type."
                )


def _listed(found: object, name: str, where: str) -> Sequence[object]:
    if not isinstance(found, list):
        raise BenchError(f"{where}: `{name}` is a list.")
    return found
