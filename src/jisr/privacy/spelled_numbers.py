"""Numbers in words, digit by digit or with odd separators, read as the digits they mean.

What is covered: runs of at least seven digits as English or Arabic words (`double five`,
`twenty one`, `plus`), as single digits with signs between, or both; a payment card whose
blocks stand apart as its recognizer does not know, by line breaks too; an account number
(IBAN) and a telephone number with `+` and a country code, the same.

What is not covered: numbers as wholes (`four thousand`), other languages, digits that are
told in other words (`the number after six`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from jisr.privacy.reading import Reading, Writing

_NUMBERS = frozenset(
    {"PHONE_NUMBER", "CREDIT_CARD", "NATIONAL_ID", "TAX_NUMBER", "BANK_ACCOUNT", "PASSPORT"}
)
"""What digits one by one may be."""
_ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    " fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ARABIC = (
    "صفر|واحد واحدة|اثنان اثنين اتنين إثنان إثنين|ثلاثة ثلاث تلاتة|أربعة اربعة أربع اربع|خمسة خمس"
    "|ستة ست|سبعة سبع|ثمانية ثماني ثمان تمانية|تسعة تسع"
)
_WORTH = {
    **{word: str(number) for number, word in enumerate(_ENGLISH.split())},
    **{word: f"{number}0" for number, word in enumerate(_TENS.split(), start=2)},
    **{
        word: str(number)
        for number, words in enumerate(_ARABIC.split("|"))
        for word in words.split()
    },
    "oh": "0",
    "nought": "0",
    "plus": "+",
    "زائد": "+",
}
_TIMES = {"double": 2, "triple": 3}
_AND = "و"
_WORD = re.compile(r"[^\W_]+|\+")
_BETWEEN = re.compile(r"[\s,،.;:/|_*~-]{0,3}")
_MIN_WORDS = 6
_MIN_DIGITS = 7
_CONTEXT = 40
"""Characters before a number that are read with it."""

_ODD = r"[\s/|_*~,،;:.·•\\-]{1,3}"
_BLOCKS = re.compile(rf"(?<![\w.])\+?\d{{1,6}}(?:{_ODD}\d{{2,6}}){{2,9}}(?!\w)")
_USUAL = re.compile(r"\+?\d+(?:[ .-]\d{3,})*")
_BLOCK = re.compile(r"[A-Za-z0-9]+")
_PAIR = 2
_ACCOUNTS = re.compile(
    rf"(?<!\w)[A-Z]{{2}}\d{{2}}(?:{_ODD}[A-Z0-9]{{2,5}}){{3,8}}(?!\w)", re.IGNORECASE
)
_CARD_DIGITS = range(13, 20)
_PHONE_DIGITS = range(8, 16)

Put = tuple[int, int, str]
"""`[start, end)` of a text, and the digits it means."""


def spelled_numbers(text: str) -> Iterator[Reading]:
    """Yield the numbers of a text as digits, a line each, with what stands before each."""
    yield from _reading(text, _in_words(text), "a number digit by digit", _NUMBERS)
    blocks = [match for match in _BLOCKS.finditer(text) if not _USUAL.fullmatch(match[0])]
    accounts = map(_in_blocks, _ACCOUNTS.finditer(text))
    yield from _reading(text, accounts, "blocks set apart", frozenset({"IBAN_CODE"}))
    cards = [it for it in blocks if _num_digits(it) in _CARD_DIGITS and _may_be_card(it[0])]
    yield from _reading(
        text, map(_in_blocks, cards), "blocks set apart", frozenset({"CREDIT_CARD"})
    )
    phones = [it for it in blocks if it[0][0] == "+" and _num_digits(it) in _PHONE_DIGITS]
    yield from _reading(
        text, map(_in_blocks, phones), "blocks set apart", frozenset({"PHONE_NUMBER"})
    )


def told_digits(text: str) -> Iterator[tuple[int, int]]:
    """Yield where so many digits are told in words that they are somebody's number.

    Counting and ones with zeros are not: they are told in words for their own sake.
    """
    for puts in _in_words(text):
        start, end = puts[0][0], puts[-1][1]
        digits = "".join(it[2] for it in puts).removeprefix("+")
        steps = {int(after) - int(before) for before, after in pairwise(digits)}
        is_told = not any(map(str.isdecimal, text[start:end]))
        if is_told and len(steps) > 1 and not set(digits) <= {"0", "1"}:
            yield start, end


def _num_digits(match: re.Match[str]) -> int:
    return sum(map(str.isdecimal, match[0]))


def _may_be_card(blocks: str) -> bool:
    """Whether no block is as short as those of a date or a time, or all are pairs."""
    lengths = [len(it) for it in _BLOCK.findall(blocks)]
    return min(lengths) > _PAIR or set(lengths) == {_PAIR}


def _in_blocks(match: re.Match[str]) -> list[Put]:
    shift = match.start()
    puts = [(shift, shift + 1, "+")] if match[0][0] == "+" else []
    return puts + [
        (shift + it.start(), shift + it.end(), it[0]) for it in _BLOCK.finditer(match[0])
    ]


def _reading(
    text: str, numbers: Iterable[list[Put]], why: str, only: frozenset[str]
) -> Iterator[Reading]:
    writing, done = Writing(), 0
    for puts in numbers:
        start, end = puts[0][0], puts[-1][1]
        writing.copy(text, max(done, start - _CONTEXT), start)
        for at, until, digits in puts:
            writing.put(digits, at, until)
        writing.put("\n", end - 1, end)
        done = end
    if done:
        yield writing.reading(why, only)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a number: `[start, end)` of the text."""

    start: int
    end: int
    digits: str = ""
    times: int = 1
    """How often the next one is meant."""


def _in_words(text: str) -> Iterator[list[Put]]:
    """Yield the numbers that are told in words or single digits."""
    words = [word for word in map(_worth, _WORD.finditer(text)) if word]
    if len(words) < _MIN_WORDS:
        return
    for run in _runs(words, text):
        puts = list(_puts(run))
        is_long = sum(len(digits) for _, _, digits in puts) >= _MIN_DIGITS
        if is_long and len(run) >= _MIN_WORDS:
            yield puts


def _worth(match: re.Match[str]) -> _Word | None:
    word = match[0].lower()
    if len(word) == 1:
        return _Word(*match.span(), word) if word.isdecimal() or word == "+" else None
    if word in _TIMES:
        return _Word(*match.span(), times=_TIMES[word])
    digits = _WORTH.get(word) or (_WORTH.get(word[1:]) if word[0] == _AND else None)
    return _Word(*match.span(), digits) if digits else None


def _runs(words: Iterable[_Word], text: str) -> Iterator[list[_Word]]:
    """Yield words that stand one after the other."""
    run: list[_Word] = []
    for word in words:
        is_next = run and _BETWEEN.fullmatch(text, run[-1].end, word.start)
        if run and (not is_next or word.digits == "+"):
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _puts(run: Iterable[_Word]) -> Iterator[Put]:
    """Yield the digits of a run; `twenty one` is 21, `double five` 55."""
    start, times, tens = -1, 1, ""
    for word in run:
        start = word.start if start < 0 else start
        if word.times > 1:
            times = word.times
            continue
        if tens and not (len(word.digits) == 1 and word.digits not in "0+"):
            yield start, word.start, tens
            start, tens = word.start, ""
        if word.digits in _TENS_WORTH and times == 1:
            tens = word.digits
            continue
        digits = tens[:-1] + word.digits * times
        yield start, word.end, digits
        start, times, tens = -1, 1, ""
    if tens:
        yield start, start + 1, tens


_TENS_WORTH = frozenset(f"{number}0" for number in range(2, 10))
