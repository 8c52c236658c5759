"""A text as recognizers read it, and where each of its characters stands in the text itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from jisr.privacy.base import Span


@dataclass(frozen=True, slots=True)
class Reading:
    """A text that is made of another, in its order."""

    text: str
    starts: Sequence[int]
    """Of each character: where what it was made of starts in the text itself."""
    ends: Sequence[int]
    why: str = ""
    """How it was read, for the reason of what is found in it."""
    only: frozenset[str] = frozenset()
    """Entity types that are believed in it; empty: all."""

    @classmethod
    def plain(cls, text: str) -> Reading:
        """Return a text as it is written."""
        return cls(text, range(len(text)), range(1, len(text) + 1))

    def placed(self, spans: Iterable[Span]) -> Iterator[Span]:
        """Yield what was found in it, as spans of the text itself."""
        for span in spans:
            if not self.only or span.entity_type in self.only:
                yield replace(
                    span,
                    start=self.starts[span.start],
                    end=self.ends[span.end - 1],
                    why=f"{self.why}: {span.why}" if self.why else span.why,
                )

    def through(self, below: Reading) -> Reading:
        """Return this reading of the text of `below` as one of what `below` reads."""
        return replace(
            self,
            starts=[below.starts[at] for at in self.starts],
            ends=[below.ends[at - 1] for at in self.ends],
        )


@dataclass(slots=True)
class Writing:
    """A reading that is being made, piece by piece."""

    pieces: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def copy(self, text: str, start: int, end: int) -> None:
        """Add a part of the text as it is."""
        self.pieces.append(text[start:end])
        self.starts += range(start, end)
        self.ends += range(start + 1, end + 1)

    def put(self, written: str, start: int, end: int) -> None:
        """Add what a part of the text is read as; each character stands for all of the part."""
        self.pieces.append(written)
        self.starts += [start] * len(written)
        self.ends += [end] * len(written)

    def reading(self, why: str = "", only: frozenset[str] = frozenset()) -> Reading:
        """Return what was made."""
        return Reading("".join(self.pieces), self.starts, self.ends, why, only)
