"""Words near a number or name that say what it is, or what it is not.

What is covered: English words as words of their own, also in `snake_case`, `camelCase` and
with a plural's s; Arabic words with what is joined to them (article, و ف ب ل ك, possessives)
and in either spelling of hamza, ta marbuta and alef maqsura. Of several words the nearest
counts; words of the sentence before do not, unless it asks or leads on (`It is …`).

What is not covered: other inflection; words that stand further away than the range.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

BEFORE, AFTER = 48, 24
"""Characters before and after a candidate that are read."""

_TOKEN = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_GAP = re.compile(r"[ \u00a0_.'’/-]{0,2}")
_ARABIC = re.compile("[\u0620-\u064a]")
_SPELLINGS = str.maketrans(
    "أإآىة", "اااي" + "ه", "\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652"
)
_PREFIX = re.compile("[وف]?[بلك]?(?:ال|لل)?")
_SUFFIXES = ("", "ي", "ك", "كم", "ه", "هم", "ها", "نا")
_SENTENCE_END = re.compile(
    r"(?:(?<!\bno)[.!;؛](?=\s{1,4}[^\W\d_]{2})|\n[ \t]{0,8}\n)"
    r"(?!\s{1,4}(?:it|its|it's|that|this|here|number|the number|هو|هي|وهو|وهي|رقمه|رقمها)(?!\w))",
    re.IGNORECASE,
)

_Token = tuple[int, int, tuple[str, ...]]
"""Where a word starts and ends, and which words of the list it may be."""


@dataclass(frozen=True, slots=True, order=True)
class Cue:
    """A word near a candidate."""

    distance: int
    """Characters between the two."""
    word: str
    """As it stands in the list, not in the text."""
    is_after: bool = False
    """Whether it stands after the candidate."""

    @property
    def why(self) -> str:
        """What it says for a finding."""
        return f'{"before" if self.is_after else "after"} "{self.word}"'


class ContextWords:
    """A list of words that is looked for near candidates. Threads may share it."""

    def __init__(self, words: Iterable[str], *, before: int = BEFORE, after: int = AFTER) -> None:
        """Make a list.

        Args:
            words: In small letters; without plural s, without Arabic article.
            before: Characters before a candidate that are read.
            after: Characters after it; 0 reads none.
        """
        self._before, self._after = before, after
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for word in sorted(set(words), key=len, reverse=True):
            parts = tuple(match[0].translate(_SPELLINGS) for match in _TOKEN.finditer(word))
            self._by_first.setdefault(parts[0], []).append((parts, word))
        self._known = {
            part for phrases in self._by_first.values() for parts, _ in phrases for part in parts
        }

    def scan(self, text: str) -> Cues:
        """Return where the words stand in a text, to ask about many candidates of it."""
        tokens = list(self._tokens(text))
        found, i = [], 0
        while i < len(tokens):
            length, word = self._phrase(text, tokens, i)
            if length:
                found.append((tokens[i][0], tokens[i + length - 1][1], word))
            i += length or 1
        cuts = [cut.end() for cut in _SENTENCE_END.finditer(text)] if found else []
        return Cues(found, cuts, self._before, self._after)

    def near(self, text: str, start: int, end: int) -> Cue | None:
        """Return the nearest word to a candidate `[start, end)`; None if there is none."""
        return self.scan(text).near(start, end)

    def _tokens(self, text: str) -> Iterator[_Token]:
        """Yield the words that the list knows, with their forms that it knows."""
        for match in _TOKEN.finditer(text):
            token, start = match[0], match.start()
            if not (token.islower() or token[1:].islower() or token.isupper()):
                for piece in _HUMP.split(token):
                    if forms := self._forms(piece):
                        yield start, start + len(piece), forms
                    start += len(piece)
            elif forms := self._forms(token):
                yield start, match.end(), forms

    def _forms(self, token: str) -> tuple[str, ...]:
        low = token.lower()
        if low[0] >= "\u0620" and _ARABIC.match(low):
            return tuple(form for form in _arabic_forms(low) if form in self._known)
        if low in self._known:
            return (low,)
        return (low[:-1],) if low[-1] == "s" and low[:-1] in self._known else ()

    def _phrase(self, text: str, tokens: Sequence[_Token], i: int) -> tuple[int, str]:
        """Return how many words from one on stand in the list together, and as what."""
        for form in tokens[i][2]:
            for parts, word in self._by_first.get(form, ()):
                rest = tokens[i + 1 : i + len(parts)]
                if len(rest) == len(parts) - 1 and all(
                    part in token[2] and _GAP.fullmatch(text, before[1], token[0])
                    for part, token, before in zip(parts[1:], rest, tokens[i:], strict=False)
                ):
                    return len(parts), word
        return 0, ""


class Cues:
    """The words of a list in one text."""

    def __init__(
        self, found: list[tuple[int, int, str]], cuts: list[int], before: int, after: int
    ) -> None:
        self._found, self._cuts = found, cuts
        self._before, self._after = before, after
        self._starts = [start for start, _, _ in found]

    def all(self, start: int, end: int) -> list[Cue]:
        """Return every word near a candidate, the nearest first."""
        if not self._found:
            return []
        return sorted((*self._behind(start), *self._ahead(end)))

    def near(self, start: int, end: int) -> Cue | None:
        """Return the nearest word to a candidate `[start, end)`; None if there is none."""
        return next(iter(self.all(start, end)), None)

    def _behind(self, start: int) -> Iterator[Cue]:
        cut = bisect_right(self._cuts, start)
        first = max(start - self._before, self._cuts[cut - 1] if cut else 0)
        for i in range(bisect_left(self._starts, start) - 1, -1, -1):
            begin, end, word = self._found[i]
            if begin < first:
                return
            if end <= start:
                yield Cue(start - end, word)

    def _ahead(self, end: int) -> Iterator[Cue]:
        cut = bisect_right(self._cuts, end)
        last = min(
            end + self._after, self._cuts[cut] if cut < len(self._cuts) else end + self._after
        )
        for begin, _, word in self._found[bisect_left(self._starts, end) :]:
            if begin >= last:
                return
            yield Cue(begin - end, word, is_after=True)


def is_nearer(cue: Cue | None, other: Cue | None) -> bool:
    """Whether there is a cue, and no other one stands nearer."""
    return cue is not None and (other is None or cue.distance <= other.distance)


def _arabic_forms(word: str) -> Iterator[str]:
    """Yield what an Arabic word may be without what is joined to it."""
    word = word.translate(_SPELLINGS)
    longest = _PREFIX.match(word)
    for cut in range(longest.end() + 1 if longest else 1):
        for suffix in _SUFFIXES:
            if word.endswith(suffix):
                stem = word[cut : len(word) - len(suffix)]
                yield stem
                if suffix and stem.endswith("ت"):
                    yield f"{stem[:-1]}ه"


NOT_PERSONAL = ContextWords(
    [
        *("order", "invoice", "tracking", "shipment", "parcel", "isbn", "issn", "doi", "sku"),
        *("version", "release", "build", "commit", "revision", "ticket", "issue", "pull request"),
        *("serial", "model", "part number", "product", "item", "batch", "barcode", "ean", "upc"),
        *("price", "amount", "total", "population", "votes", "bytes", "timestamp", "epoch"),
        *("transaction id", "session", "pid", "process id", "error code", "line", "page"),
        *("طلب", "فاتورة", "شحنة", "تتبع", "إصدار", "مبلغ", "سعر", "منتج", "تذكرة", "صفحة"),
    ],
    before=24,
    after=0,
)
"""Words of numbers that say nothing of a person."""
