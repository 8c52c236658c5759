"""Names of firms and bodies by their form, in small letters too (`snowflake inc`).

What is covered: partners (`Marshall, Hernandez and Simpson`, `Bay & Sons`); the word before a
firm's ending; ministries, universities and embassies `of` something; what a firm is said to be
called (`the company is zodvboz`); shops called after somebody (`wendy's franchise`).

What is not covered: other names of firms in small letters.

Source: the forms were written for the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy import lexicon, person_names
from jisr.privacy.base import Span
from jisr.privacy.name_cues import (
    NO_NAMES,
    ORGANIZATION_AFTER,
    ORGANIZATION_ENDS,
    ORGANIZATION_HEADS,
    word_set,
)
from jisr.privacy.name_filters import RARE
from jisr.privacy.place_names import fold_place

_CAPITAL = r"[^\W\d_a-z][^\W\d_]+(?:['’-][^\W\d_]+)*"
_PARTNERS = re.compile(
    rf"(?<![:,] )(?<![\w-])(?P<a>{_CAPITAL}), (?P<b>{_CAPITAL}) (?:and|&) "
    rf"(?P<c>{_CAPITAL})(?!\w)"
)
_SONS = re.compile(
    rf"(?<!\w){_CAPITAL}(?: {_CAPITAL})? (?:and|&) "
    r"(?:Sons\b|Co\b\.?|Company\b|Associates\b|Partners\b|Brothers\b|Bros\b\.?)"
)
_ENDING = re.compile(
    r"(?<![\w.&'’-])(?P<name>[^\W\d_][\w&'’-]*),? (?:inc|llc|ltd|gmbh|corp|plc|pty|pvt)\b\.?",
    re.IGNORECASE,
)
_OF = re.compile(
    r"\b(?P<kind>(?:(?P<which>[a-z]+) )?(?:ministry|university|college|embassy|academy|institute)"
    r" of (?:the )?(?P<what>[a-z]+)(?: (?:and )?[a-z]+)?)(?![\w-])"
)
_FIRMS = frozenset({"oracle", "excel", "github", "gitlab"})
_WHICH = frozenset({"royal", "national", "federal", "american", "state", "central"})
_KIND = re.compile(
    r"(?<![\w.'’-])(?P<name>[^\W\d_]{3,}) (?:(?P<next>[^\W\d_]{3,}) )?"
    r"(?:hospital|clinic|university|college"
    r"|academy|bank|airlines|airline|hotel|pharmacy|foundation)\b",
    re.IGNORECASE,
)
_WORK_AT = re.compile(
    r"\b(?:work(?:s|ed|ing)?|job|position|role|intern(?:ship|ed)?|employed|career) at "
    r"(?P<name>[^\W\d_][\w&-]{2,})",
    re.IGNORECASE,
)
_AT_SYSTEMS = re.compile(
    r"\b(?:at|for|with) (?P<name>[^\W\d_]{3,} (?:systems|solutions|technologies|software))\b",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"\b(?:company|firm|employer|startup|start-up|brand|agency|client|supplier)(?: name)?"
    r" (?P<verb>(?:(?:is|was) )?(?:named|called)|is|was) "
    r"(?P<name>[^\W\d_]{3,}(?: (?P<next>[^\W\d_]{3,}))?)\b",
    re.IGNORECASE,
)
_OWNED = re.compile(
    r"(?<![\w'’-])(?P<name>[^\W\d_]{3,})(?P<owner>['’]s)? "
    r"(?:franchise|restaurant|store|shop|outlet)\b",
    re.IGNORECASE,
)
_NEXT = (
    ORGANIZATION_HEADS
    | ORGANIZATION_AFTER
    | ORGANIZATION_ENDS
    | word_set("research labs studio studios media ventures capital digital energy foods")
)
_WELL_USED = 3_000  # times that a word is said that says which body
_NO_FIELDS = word_set(
    "the for in at on to and with about is of my your our their his her its this that which what "
    "a an any some choice course courses"
)
"""What no body is called after."""


def build(settings: PrivacySettings) -> FirmNameRecognizer:
    """Return the recognizer; it has no settings."""
    return FirmNameRecognizer()


class FirmNameRecognizer:
    """Finds names of organisations by how they are put together."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the organisations of `text`."""
        for match in _PARTNERS.finditer(text):
            if all(_is_family(match[it]) for it in "abc"):
                yield _span(*match.span(), 0.8, "names of partners")
        for match in _SONS.finditer(text):
            yield _span(*match.span(), 0.8, "ending of a firm of partners")
        for match in _ENDING.finditer(text):
            if match["name"].casefold() not in NO_NAMES:
                yield _span(*match.span(), 0.7, "ending of a firm")
        yield from _bodies(text)
        yield from _called(text)


def _bodies(text: str) -> Iterator[Span]:
    """Yield bodies that a word before their kind, or work, tells."""
    for match in _OF.finditer(text):
        if match["what"] not in _NO_FIELDS:
            start = match.start() if _tells_which(match["which"]) else _after_which(match)
            yield _span(start, _end(match), 0.5, "kind of organisation, of something")
    for match in _KIND.finditer(text):
        if group := next((it for it in ("name", "next") if _is_own(match[it] or "")), None):
            yield _span(match.start(group), match.end(), 0.45, "word and kind of organisation")
    for pattern in (_WORK_AT, _AT_SYSTEMS):
        for match in pattern.finditer(text):
            if _is_own(match["name"].split()[0]):
                yield _span(*match.span("name"), 0.45, "after words of work")


def _called(text: str) -> Iterator[Span]:
    """Yield names that are told to be a firm's, or that a shop is called after."""
    for match in _CALLED.finditer(text):
        first = match["name"].split()[0]
        is_told = match["verb"].casefold().endswith("ed")
        has_next = match["next"] is not None and match["next"].casefold() in _NEXT
        if _is_rare(first, may_be_slip=has_next) or (is_told and _is_own(first)):
            end = match.end("name") if has_next else match.start("name") + len(first)
            yield _span(match.start("name"), end, 0.5, "told to be a firm's name")
    for match in _OWNED.finditer(text):
        if _is_only_given(match["name"]):
            end = match.end("owner") if match["owner"] else match.end()
            yield _span(match.start("name"), end, 0.45, "whom a shop is called after")


def _is_rare(word: str, *, may_be_slip: bool) -> bool:
    key = word.casefold()
    return (
        lexicon.count(key) < RARE
        and _is_own(word)
        and (may_be_slip or not lexicon.is_misspelt(key))
    )


def _is_only_given(word: str) -> bool:
    """Whether a word is a given name and hardly ever an ordinary word."""
    key = word.casefold()
    return (
        person_names.is_given(fold_place(word))
        and lexicon.count(key) < _WELL_USED
        and key not in person_names.ALSO_WORDS | NO_NAMES
    )


def _span(start: int, end: int, score: float, why: str) -> Span:
    return Span(start, end, "ORGANIZATION", score, why)


def _is_family(word: str) -> bool:
    folded = fold_place(word)
    return person_names.is_name(folded) or lexicon.count(word.casefold()) == 0


def _is_own(word: str) -> bool:
    """Whether a word is no ordinary one, so that it may say which body is meant."""
    key = word.casefold()
    return (
        key != ""
        and key not in NO_NAMES
        and lexicon.count(key) < _WELL_USED
        and not _is_software(key)
    )


def _is_software(key: str) -> bool:
    return lexicon.is_software(key) and key not in _FIRMS


def _tells_which(word: str | None) -> bool:
    return word is None or word in _WHICH or lexicon.is_people(word)


def _after_which(match: re.Match[str]) -> int:
    return match.end("which") + 1


def _end(match: re.Match[str]) -> int:
    """Return where the name ends: without a last word that starts the rest of the sentence."""
    last = match["kind"].rsplit(" ", 1)[1]
    is_rest = last != match["what"] and last in NO_NAMES | _NO_FIELDS
    return match.end() - len(last) - 1 if is_rest else match.end()
