"""Numbers of known forms: what the recognizers of ids, tax and account numbers share.

A text is scanned once for runs of digits with a few letters. Whole runs, and pieces of them
between spaces, are looked up by their layout; the few kinds of number that have this layout
then check theirs. A form gives little, words near it more, a checksum most.

What is covered: digits of any script; spaces, dashes, dots and slashes between groups.

What is not covered: numbers broken over lines; groups with two separators between.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module

from jisr.privacy.base import Span
from jisr.privacy.context_words import NOT_PERSONAL, ContextWords, Cue, Cues, is_nearer
from jisr.privacy.folding import fold

LEAST = 0.3
"""A finding that is less sure than this is none."""
CHECKED_AND_NAMED, NAMED, NAMED_LOOSELY = 0.95, 0.85, 0.7
"""Scores: checksum and a word of it near; a word right before, or with the form; a word near."""
HINTED = 0.2
"""What a word that hints at the type adds to a checksum."""

Check = Callable[[str], bool]

_BETWEEN = " \u00a0\u2060./\u2010-\u2015-"
_TOKEN = r"[A-Za-z]{0,8}[0-9][A-Za-z0-9]*"
_RUN = re.compile(
    rf"(?<![A-Za-z0-9_+$€£¥@/])(?<![0-9][.,])(?:[A-Z]{{1,5}}[{_BETWEEN}]){{0,2}}{_TOKEN}"
    rf"(?:[{_BETWEEN}]{_TOKEN})*(?:[{_BETWEEN}][A-Z]{{1,2}}(?![A-Za-z]))?"
)
_GROUP = re.compile(r"[A-Za-z0-9]+")
_SEPARATORS = re.compile(f"[{_BETWEEN}]")
_AFTER = re.compile(r"[%@_+]|[,:.][0-9]|[-/][A-Za-z0-9]")
_PLAIN = {0xA0: " ", 0x2060: None, **dict.fromkeys(range(0x2010, 0x2016), "-")}
_SHAPES = {
    **dict.fromkeys(map(ord, string.digits), "9"),
    **dict.fromkeys(map(ord, string.ascii_letters), "A"),
    **_PLAIN,
}
_DATE = re.compile(
    r"(?:1[89]|20)\d\d(?P<s>[-/. ])(?:0?[1-9]|1[0-2])(?P=s)(?:0?[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?:0?[1-9]|[12]\d|3[01])(?P<t>[-/. ])(?:0?[1-9]|[12]\d|3[01])(?P=t)(?:1[89]|20)?\d\d\Z"
    r"|(?:(?:0?[1-9]|1[0-2])/)?(?:1[89]|20)\d\d[ ]?[-\u2010-\u2015/ ][ ]?"
    r"(?:(?:0?[1-9]|1[0-2])/)?(?:1[89]|20)\d\d\Z"
)
_MOST_GROUPS, _LONGEST = 8, 32
_LABELLED = re.compile(r"[A-Za-z]{2,} ")  # `NHS 943…`: without its label it is a candidate, too
_CLOSE = 14  # characters between a word and its number: ` number is: `
_LEAST_DIGITS = 5  # of a number that only a word says to be one


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of number, such as a country's social security number."""

    name: str
    """For the reason of a finding: `Spanish DNI`."""
    layouts: Mapping[str, float]
    """Layout (9 a digit, A a letter, the rest as it is) -> score without any word near."""
    words: tuple[str, ...] = ()
    """Words that name this kind."""
    check: str | Check | None = None
    """Module of python-stdnum that knows the checksum, or a function; none: the form is all."""
    is_strict: bool = True
    """Whether few numbers that are none of the kind pass its check."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    start: int
    end: int
    text: str
    """As it is written, with ASCII digits."""

    @property
    def written(self) -> str:
        """Its letters and digits, with plain separators between."""
        return self.text.translate(_PLAIN)

    @property
    def compact(self) -> str:
        """Its letters and digits."""
        return _SEPARATORS.sub("", self.text)


class _Near:
    """A text with its words, which are looked for when a candidate first asks."""

    def __init__(self, text: str, words: ContextWords) -> None:
        self.text = text
        self._words = words

    @cached_property
    def _cues(self) -> tuple[Cues, Cues]:
        return self._words.scan(self.text), NOT_PERSONAL.scan(self.text)

    def cues(self, candidate: _Candidate) -> tuple[list[Cue], Cue | None]:
        """Return the words that support a candidate, and the nearest that does not."""
        ours, others = self._cues
        return (
            ours.all(candidate.start, candidate.end),
            others.near(candidate.start, candidate.end),
        )


@dataclass(slots=True)
class NumberForms:
    """Finds numbers of some kinds. Threads may share it."""

    entity_type: str
    kinds: Sequence[Kind]
    words: tuple[str, ...] = ()
    """Words that name the entity type without naming a kind: what follows is one of any form."""
    hints: tuple[str, ...] = ()
    """Words that support a number whose form is known, and name none by themselves."""
    _cues: ContextWords = field(init=False, repr=False)
    _by_layout: dict[str, list[tuple[Kind, float]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        named = (word for kind in self.kinds for word in kind.words)
        self._cues = ContextWords([*named, *self.words, *self.hints])
        self._by_layout = {}
        for kind in self.kinds:
            for layout, score in kind.layouts.items():
                self._by_layout.setdefault(layout, []).append((kind, score))
        for kind in self.kinds:  # in other groups it is believed after a word only
            for layout in list(kind.layouts):
                others = self._by_layout.setdefault(_SEPARATORS.sub("", layout), [])
                if all(other is not kind for other, _ in others):
                    others.append((kind, 0.0))

    def find(self, text: str) -> Iterator[Span]:
        """Yield the numbers of `text`."""
        near = _Near(fold(text), self._cues)
        for run in _RUN.finditer(near.text):
            groups = [group.span() for group in _GROUP.finditer(near.text, *run.span())]
            yield from self._in_run(near, groups)

    def _in_run(self, near: _Near, groups: Sequence[tuple[int, int]]) -> Iterator[Span]:
        first = 0
        while first < len(groups):
            found = None
            if _may_start(near.text, groups, first):
                judged = (self._judge(near, each) for each in _candidates(near.text, groups, first))
                found = next(filter(None, judged), None)
            if found:
                yield found
            first += 1
            while found and first < len(groups) and groups[first][0] < found.end:
                first += 1

    def _judge(self, near: _Near, candidate: _Candidate) -> Span | None:
        """Return the best that a candidate may be; None if it is none."""
        if is_date(candidate.text):
            return None
        layout = candidate.text.translate(_SHAPES)
        exact = self._by_layout.get(layout, ())
        known = exact or self._by_layout.get(_SEPARATORS.sub("", layout), ())
        if not known and (not self.words or layout.count("9") < _LEAST_DIGITS):
            return None
        cues, other = near.cues(candidate)
        if (cues and not is_nearer(cues[0], other)) or (not cues and (other or not exact)):
            return None
        is_code = candidate.text.upper() != candidate.text  # small letters: hashes, names of hosts
        judged = [
            self._score(kind, 0.0 if is_code else score, candidate, cues) for kind, score in known
        ]
        judged.append(self._loosely(candidate, cues))
        score, why = max(judged, default=(0.0, ""))
        if score < LEAST:
            return None
        return Span(candidate.start, candidate.end, self.entity_type, score, why)

    def _score(
        self, kind: Kind, alone: float, candidate: _Candidate, cues: Sequence[Cue]
    ) -> tuple[float, str]:
        named = next((cue for cue in cues if cue.word in kind.words), None)
        cue = named or next((cue for cue in cues if cue.word in self.words), None)
        hint = cue or next((cue for cue in cues if cue.word in self.hints), None)
        if kind.check is None:
            score = NAMED if named else max(alone, NAMED_LOOSELY if hint and alone else 0.0)
            return score, _reason(f"form of a {kind.name}", named or hint)
        if not (_holds(kind.check, candidate.written) or _holds(kind.check, candidate.compact)):
            return (NAMED if named else 0.0), _reason(f"like a {kind.name}", named)
        if cue:
            score = CHECKED_AND_NAMED if kind.is_strict or named else NAMED
        else:
            score = (
                min(CHECKED_AND_NAMED, round(alone + HINTED, 2))
                if hint and kind.is_strict
                else alone
            )
        return score, _reason(f"{kind.name}, checksum holds", hint)

    def _loosely(self, candidate: _Candidate, cues: Sequence[Cue]) -> tuple[float, str]:
        cue = next((cue for cue in cues if cue.word in self.words and not cue.is_after), None)
        if cue is None or _LABELLED.match(candidate.text):
            return 0.0, ""
        score = NAMED if cue.distance <= _CLOSE else NAMED_LOOSELY
        return score, _reason("a number", cue)


def digits(*groups: int, by: str = " ") -> str:
    """Return the layout of groups of digits: `digits(3, 2, by="-")` is `999-99`."""
    return by.join("9" * length for length in groups)


def is_date(written: str) -> bool:
    """Whether a number starts with a date, or is one or a span of years."""
    return _DATE.match(written) is not None


def _may_start(text: str, groups: Sequence[tuple[int, int]], first: int) -> bool:
    """Whether a number may start with a group: a space or a label is before it."""
    return (
        not first
        or text[groups[first][0] - 1] in " \u00a0"
        or text[slice(*groups[first - 1])].isalpha()
    )


def _candidates(text: str, groups: Sequence[tuple[int, int]], first: int) -> Iterator[_Candidate]:
    """Yield what may be a number from a group on, the longest first."""
    start = groups[first][0]
    last = min(len(groups), first + _MOST_GROUPS)
    for end in range(last, first, -1):
        stop = groups[end - 1][1]
        is_followed = end < len(groups) and text[stop] not in " \u00a0"
        if stop - start > _LONGEST or is_followed or _AFTER.match(text, stop):
            continue
        yield _Candidate(start, stop, text[start:stop])


def _reason(what: str, cue: Cue | None) -> str:
    return f"{what}, {cue.why}" if cue else what


def _holds(check: str | Check, number: str) -> bool:
    try:
        return bool(_module(check)(number) if isinstance(check, str) else check(number))
    except (LookupError, ValueError):  # a place or date that a register does not know
        return False


@cache
def _module(name: str) -> Check:
    """Return the check of a module of python-stdnum, imported when it is first needed."""
    check: Check = import_module(f"stdnum.{name}").is_valid
    return check
