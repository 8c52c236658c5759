"""Words near a number or name that say what it is, or what it is not.

What is covered: English words as words of their own, also in `snake_case`, `camelCase` and
with a plural's s; Arabic words with what is joined to them (article, و ف ب ل ك, possessives)
and in either spelling of hamza, ta marbuta and alef maqsura. Of several words the nearest
counts; words of the sentence before do not, unless it asks or leads on (`It is …`).

What is not covered: other inflection; words that stand further away than the range.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

BEFORE, AFTER = 48, 24
"""Characters before and after a candidate that are read."""

_ARABIC = re.compile("[\u0620-\u064a]")
_SPELLINGS = {"ا": "[اأإآ]", "ي": "[يى]", "ه": "[هة]"}
_ARTICLE = "(?:ال|لل)?"
_JOINED = "[وفبلك]?"
_POSSESSIVE = "(?:ي|كم?|هم?|ها|نا)?"
_START = r"(?:(?<![^\W_])|(?-i:(?<=[a-z])(?=[A-Z])))"
_END = r"s?(?:(?![^\W\d_])|(?-i:(?<=[a-z])(?=[A-Z])))"
_SENTENCE_END = re.compile(
    r"(?:(?<!\bno)[.!;؛](?=\s+[^\W\d_]{2})|\n[ \t]*\n)"
    r"(?!\s+(?:it|its|it's|that|this|here|number|the number|هو|هي|وهو|وهي|رقمه|رقمها)(?!\w))",
    re.IGNORECASE,
)
_REST_OF_WORD = re.compile(r"\w{0,20}")


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
    """A list of words that is looked for near candidates."""

    def __init__(self, words: Iterable[str], *, before: int = BEFORE, after: int = AFTER) -> None:
        """Make a list.

        Args:
            words: In small letters, Arabic without article and hamza, most without plural s.
            before: Characters before a candidate that are read.
            after: Characters after it; 0 reads none.
        """
        self._words = sorted(set(words), key=len, reverse=True)
        self._before, self._after = before, after
        forms = "|".join(f"({_form(word)})" for word in self._words)
        self._any = re.compile(forms, re.IGNORECASE)

    def near(self, text: str, start: int, end: int) -> Cue | None:
        """Return the nearest word to a candidate `[start, end)`; None if there is none."""
        return min((*self._behind(text, start), *self._ahead(text, end)), default=None)

    def before(self, text: str, start: int) -> Cue | None:
        """Return the last word before a candidate; None if there is none."""
        return next(self._behind(text, start), None)

    def _behind(self, text: str, start: int) -> Iterator[Cue]:
        first = max(0, start - self._before)
        for cut in _SENTENCE_END.finditer(text, first, start):
            first = cut.end()
        for found in list(self._any.finditer(text, first, start))[-1:]:
            yield Cue(start - found.end(), self._words[(found.lastindex or 1) - 1])

    def _ahead(self, text: str, end: int) -> Iterator[Cue]:
        if not self._after:
            return
        stop = min(end + self._after, len(text))
        if rest := _REST_OF_WORD.match(text, stop):
            stop = rest.end()
        cut = _SENTENCE_END.search(text, end, stop)
        if found := self._any.search(text, end, cut.start() if cut else stop):
            yield Cue(found.start() - end, self._words[(found.lastindex or 1) - 1], is_after=True)


def is_nearer(cue: Cue | None, other: Cue | None) -> bool:
    """Whether there is a cue, and no other one stands nearer."""
    return cue is not None and (other is None or cue.distance <= other.distance)


def _form(word: str) -> str:
    """Return the form of a word and of what may be joined to it."""
    parts = word.split(" ")
    if not _ARABIC.search(word):
        return _START + r"[ _-]?".join(re.escape(part) for part in parts) + _END
    forms = (_ARTICLE + _spelled(part) for part in parts)
    return rf"(?<!\w){_JOINED}{'[ _]'.join(forms)}(?!\w)"


def _spelled(word: str) -> str:
    """Return the form of an Arabic word in its spellings, with a possessive."""
    stem = "".join(_SPELLINGS.get(letter, letter) for letter in word[:-1])
    end = "[هةت]" if word[-1] in "هة" else _SPELLINGS.get(word[-1], word[-1])
    return f"{stem}{end}{_POSSESSIVE}"
