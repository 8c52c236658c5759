"""Payment card numbers: digits of a card network's length and prefix whose checksum holds.

What is covered: 13 to 19 digits in one block, or in blocks of three and more with
spaces, dashes or dots between; digits of any script. After words such as "card", بطاقة, also
12 to 19 digits that no network would give out: a number mistyped is as private.

What is not covered: a number written digit by digit, or broken over lines.

Source: prefixes and lengths follow ISO/IEC 7812-1 and the networks' own ranges; the
checksum is Luhn's, by python-stdnum.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from stdnum import luhn

from jisr.config import PrivacySettings
from jisr.privacy.base import Span
from jisr.privacy.context_words import NOT_PERSONAL, ContextWords, is_nearer
from jisr.privacy.folding import fold

ENTITY_TYPE = "CREDIT_CARD"
MIN_DIGITS, MAX_DIGITS = 13, 19
CHECKED, NAMED = 1.0, 0.7
"""Scores: the checksum holds; only a word says so."""

_MIN_NAMED_DIGITS = 12
_OTHER_CARDS = (
    "id card",
    "identity card",
    "sim card",
    "gift card",
    "library card",
    "graphics card",
)
_WORDS = ContextWords(
    [
        *("card", "credit card", "debit card", "card number", "payment card", "bank card", "visa"),
        *("mastercard", "amex", "american express", "maestro", "mada", "kreditkarte", "tarjeta"),
        *("carte bancaire", "cartão", "بطاقة", "بطاقة ائتمان", "بطاقة بنك", "فيزا", "ماستركارد"),
        *("بطاقة هوية", "بطاقة شخصية", "بطاقة مدنية", *_OTHER_CARDS),
    ],
    before=32,
    after=16,
)
_OTHERS = frozenset({"بطاقة هوية", "بطاقة شخصية", "بطاقة مدنية", *_OTHER_CARDS})

# The first digit stands before its own look-behind: a scan for one digit is much the faster.
_BLOCKS = re.compile(
    r"[0-9](?<![A-Za-z0-9_][0-9])[0-9]{2,18}"
    r"(?:[ \u00a0\u2060.\u2010-\u2015-]{1,3}[0-9]{3,19})*(?![A-Za-z0-9_])"
)
_FRACTION = re.compile(r"[0-9]\.\Z")  # what stands before the fraction of a decimal number
_BLOCK = re.compile(r"[0-9]+")
_NETWORKS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|095|[68]\d|9\d)\d{11,16}"  # Diners Club
    r"|(?:6011|64[4-9]\d|65\d\d|62\d\d|81\d\d)\d{12,15}"  # Discover, UnionPay, RuPay
    r"|35(?:2[89]|[3-8]\d)\d{12,15}|(?:2131|1800)\d{11}"  # JCB
    r"|220[0-4]\d{12,15}|9792\d{12}"  # Mir, Troy
    r"|(?:5[06-9]|6\d)\d{11,17}"  # Maestro, Meeza, Verve, Mada
)


def build(settings: PrivacySettings) -> CardRecognizer:
    """Return the recognizer; it has no settings."""
    return CardRecognizer()


class CardRecognizer:
    """Finds payment card numbers."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the card numbers of `text`."""
        folded = fold(text)
        words = None
        for run in _BLOCKS.finditer(folded):
            if run.end() - run.start() < _MIN_NAMED_DIGITS:
                continue
            blocks = [block.span() for block in _BLOCK.finditer(folded, *run.span())]
            cards = list(_cards(folded, blocks))
            yield from cards
            if not cards and _may_be_named(folded, blocks):
                words = words or (_WORDS.scan(folded), NOT_PERSONAL.scan(folded))
                cue, other = (each.near(*run.span()) for each in words)
                if cue and is_nearer(cue, other) and cue.word not in _OTHERS:
                    why = f"as long as a card's, {cue.why}"
                    yield Span(*run.span(), ENTITY_TYPE, NAMED, why)


def _may_be_named(text: str, blocks: Sequence[tuple[int, int]]) -> bool:
    """Whether it is as long as a card's number, and not the fraction of another."""
    start = blocks[0][0]
    num_digits = sum(end - begin for begin, end in blocks)
    is_fraction = _FRACTION.search(text, max(0, start - 2), start)
    return _MIN_NAMED_DIGITS <= num_digits <= MAX_DIGITS and not is_fraction


def _cards(text: str, blocks: Sequence[tuple[int, int]]) -> Iterator[Span]:
    first = 0
    while first < len(blocks):
        num_blocks = _longest_card(text, blocks, first)
        if num_blocks:
            end = blocks[first + num_blocks - 1][1]
            why = "prefix of a network, Luhn holds"
            yield Span(blocks[first][0], end, ENTITY_TYPE, CHECKED, why)
        first += num_blocks or 1


def _longest_card(text: str, blocks: Sequence[tuple[int, int]], first: int) -> int:
    """Return how many blocks from `first` on are one card; 0 if they are none."""
    start = blocks[first][0]
    if _FRACTION.search(text, max(0, start - 2), start):
        return 0
    digits, longest = "", 0
    for num_blocks, (begin, end) in enumerate(blocks[first : first + 7], start=1):
        digits += text[begin:end]
        if len(digits) > MAX_DIGITS:
            break
        if _NETWORKS.fullmatch(digits) and luhn.is_valid(digits):
            longest = num_blocks
    return longest
