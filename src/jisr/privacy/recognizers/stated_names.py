"""Names that the words before them announce, however they are written: `my name is rose`.

What is covered: English; introductions, letters' openings and endings, titles, labels of forms
(`Name: `); small letters and ordinary words; up to three words. Alone in the opening or at the
end of a letter, given names that are words, months or nations (`Hi May,`, `Regards, Mark`).

What is not covered: other ways to say whose name it is; `I am` and `this is` before words
that a dictionary has.

Source: the words were chosen by the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy import lexicon, person_names
from jisr.privacy.base import Span
from jisr.privacy.name_cues import NO_NAMES
from jisr.privacy.name_filters import names_nobody
from jisr.privacy.place_names import fold_place
from jisr.privacy.words import Word, split

_WORD = r"[^\W\d_][^\W\d_'’.-]*(?:['’-][^\W\d_]+)*"
_NAME = rf"(?P<name>{_WORD}(?:(?:\. ?|[ ]){_WORD}){{0,3}})"
_CERTAIN = re.compile(
    r"\b(?:my|his|her|their|whose) (?:full |first |last |middle |own |real )?name(?:'s|’s| is| was)"
    rf"(?: called)? {_NAME}",
    re.IGNORECASE,
)
_LABEL = re.compile(
    rf"(?:^|\n|[,;|(]) ?\W?(?:full |first |last |family |customer |patient )?name"
    rf" ?: ?{_NAME}",
    re.IGNORECASE,
)
_TITLE = re.compile(
    rf"\b(?:mr|mrs|ms|mx|dr|prof|engr|mister|professor)\b\.? ?{_NAME}", re.IGNORECASE
)
_LIKELY = re.compile(
    r"\b(?:call me|i am|i'm|i’m|this is|named|name of|addressed to|signed by|on behalf of"
    r"|(?:best|kind|warm) regards,?|sincerely,?|regards,?|cheers,?|thanks,|thank you,|dear|hi|hello"
    # what is looked ahead at may start the next: "hi i am …"
    rf"|hey|attn:?|cc:?|to:|from:)[ \n](?={_NAME})",
    re.IGNORECASE,
)
_I_AM = re.compile(
    r"\b(?:i am|i'm|i’m) (?P<name>[^\W\d_]{3,24}(?<!ing)(?<!ed)(?<!ly))(?: |, ?)(?=(?:an?|from) )",
    re.IGNORECASE,
)
_GIVEN = r"(?P<name>[^\W\d_a-z][^\W\d_]{1,24})"
_GREETED = re.compile(rf"\b(?:[Dd]ear|[Hh]i|[Hh]ello|[Hh]ey) {_GIVEN}[ ]?(?=[,!\n]|\Z)")
_SIGNED = re.compile(
    r"\b(?:[Rr]egards|[Ss]incerely|[Cc]heers|[Tt]ake care|[Bb]est wishes|Best(?=,)|[Tt]hanks"
    rf"|[Tt]hank you|[Yy]ours(?: truly)?|[Ww]ith love|[Ll]ove),?\s{{1,3}}{_GIVEN}"
    r"(?=\.?\s{0,4}(?:\Z|\n|\(|P\.?S))"
)
_LONGEST = 3


def build(settings: PrivacySettings) -> StatedNameRecognizer:
    """Return the recognizer; it has no settings."""
    return StatedNameRecognizer()


class StatedNameRecognizer:
    """Finds names after the words that announce one."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the announced names of `text`."""
        for pattern, score in ((_CERTAIN, 0.85), (_LABEL, 0.7), (_TITLE, 0.9)):
            for match in pattern.finditer(text):
                yield from _span(match, score, is_certain=True)
        for match in _LIKELY.finditer(text):
            yield from _span(match, 0.65, is_certain=False)
        yield from _single(text)


def _single(text: str) -> Iterator[Span]:
    """Yield names of one word whose place alone tells them."""
    for pattern in (_GREETED, _SIGNED):
        for match in pattern.finditer(text):
            if person_names.is_given(fold_place(match["name"])):
                yield Span(*match.span("name"), "PERSON", 0.7, "how a letter opens or ends")
    for match in _I_AM.finditer(text):
        key = match["name"].casefold()
        if lexicon.count(key) == 0 and lexicon.is_misspelt(key):  # the others are likely above
            yield Span(*match.span("name"), "PERSON", 0.6, "in no dictionary, after I am")


def _span(match: re.Match[str], score: float, *, is_certain: bool) -> Iterator[Span]:
    words = split(match["name"]).words
    num_words = 0
    for word in words[:_LONGEST]:
        if not _may_follow(word, is_certain=is_certain and not num_words):
            break
        num_words += 1
    if num_words and any(len(word.key) > 1 for word in words[:num_words]):
        start = match.start("name")
        yield Span(
            start + words[0].start,
            start + words[num_words - 1].end,
            "PERSON",
            score,
            "after words that announce a name",
        )


def _may_follow(word: Word, *, is_certain: bool) -> bool:
    """Whether a word is one of the name; any that could be, if certainly one stands here."""
    if word.key in NO_NAMES or word.key in person_names.TITLES:
        return False
    if is_certain:
        return word.times < _ANY
    if names_nobody(word) and len(word.key) > 1:
        return False
    if word.is_capital and not word.is_ordinary:
        return True
    is_listed = person_names.is_name(word.folded) and word.times < _LISTED
    is_unknown = word.times == 0 and not lexicon.is_misspelt(word.key)
    return is_listed or is_unknown or (len(word.key) == 1 and word.is_capital)


_ANY = 100_000  # times said: `not` and `very` are said more often
_LISTED = 3_000
