"""Telephone numbers as they are written at home, of any region, by words and by grouping.

What is covered: six digits and more after words such as "call me at", "mobile", رقم الجوال; an
area code in brackets, a leading zero with groups, a plus sign, also where nothing is said; a
number in groups that has one of several lines for itself, and after `P:`, `M:` and their like.

What is not covered: numbers without such words in groups that amounts and orders have, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.privacy.base import Span
from jisr.privacy.context_words import NOT_PERSONAL, ContextWords, Cue, Cues, is_nearer
from jisr.privacy.recognizers.number_forms import is_date

ENTITY_TYPE = "PHONE_NUMBER"
NAMED, GROUPED, LEADING_ZERO = 0.75, 0.6, 0.5
"""Scores: after a word; in groups of telephones; in one block that starts with a zero."""

_MOST_DIGITS, _ISBN_DIGITS = 15, 13
_LEAST_NAMED, _LEAST_WEAKLY_NAMED, _LEAST_IN_BRACKETS = 6, 9, 7
_AROUND = 12
_BETWEEN = r"[ \u00a0\u2060.\-/\u2010-\u2015]"
_NUMBER = re.compile(
    r"(?<![\w+$€£¥%#=/:-])(?<![0-9][.,])(?<!\w\()\+?\(?\+?[0-9]{1,15}\)?"
    rf"(?:{_BETWEEN}{{0,2}}\([0-9]{{1,5}}\))?(?:{_BETWEEN}{{1,3}}[0-9]{{1,10}}){{0,6}}"
    r"(?:[ ,]{0,2}(?:x|ext\.?|extension|تحويلة)[ ]?[0-9]{1,6})?"
    r"(?![\w@%°€$£]|[.,:/-][0-9]|[ ]?%"
    r"|[ ]?(?:USD|EUR|euros?|dollars?|won|yen|rials?|riyals?|kg|km|people|years)\b)",
    re.IGNORECASE,
)
_EXTENSION = re.compile("[a-zت]", re.IGNORECASE)
_GROUP = re.compile("[0-9]+")
_STRONG = (
    *("phone", "telephone", "tel", "ph", "cell", "cellphone", "mobile", "mob", "fax", "landline"),
    *("call", "called", "calling", "dial", "ring", "whatsapp", "sms", "hotline", "helpline"),
    *("voicemail", "answering", "phone number", "reach", "reached", "extension", "viber"),
    *("call me", "text me", "handy", "telefon", "teléfono", "telefono", "téléphone", "telefone"),
    *("handynummer", "móvil", "celular", "portable", "pager", "text", "texted"),
    *("هاتف", "جوال", "موبايل", "تلفون", "تليفون", "محمول", "نقال", "فاكس", "واتساب", "واتس"),
    *("اتصل", "اتصال", "اتصلي", "اتصلوا", "كلم", "كلمني", "خلوي", "رقم هاتف", "رقم جوال"),
    *("تواصل", "هاتفيا", "مكالمة", "أرسل رسالة"),
)
_WEAK = (
    *("number", "contact", "registered", "message", "answer", "line", "no", "emergency"),
    *("office", "direct", "desk", "switchboard", "home", "work"),
    *("رقم", "ارقام", "رسالة"),
)
_WORDS = ContextWords([*_STRONG, *_WEAK], before=40, after=16)
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?P<s>[ .\u00a0])\d{3}(?:(?P=s)\d{3})*")
_MILLIONS = re.compile(r"\d(?P<s>[ .\u00a0])\d{3}(?P=s)\d{3}")
_BYTE = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_FOUR_BYTES = re.compile(rf"{_BYTE}(?:\.{_BYTE}){{3}}")
_LABEL = re.compile(r"(?<![^\s|,;(])[PTMFCO]:[ ]?\Z", re.IGNORECASE)
_LABEL_AFTER = re.compile(
    r"[ ]?[-(][ ]?(?:office|home|work|mobile|cell|fax|direct)\b", re.IGNORECASE
)
_LINE_BEFORE, _LINE_AFTER = re.compile(r"\n[ \t>]{0,8}\Z"), re.compile(r"[ \t]{0,8}(?:\r?\n|\Z)")
_GROUPED = re.compile(
    r"\+.*|.{0,6}\(\d{1,5}\).*"  # a country or area code
    r"|0[1-9]\d{0,4}(?:[ -]\d{2,5}){1,5}|0\d(?:[.]\d\d){4}|0\d{2,3}/\d{5,8}"
)
_ZERO = re.compile(r"0[1-9]\d{7,9}")


def local_numbers(text: str) -> Iterator[Span]:
    """Yield what is written as telephone numbers in a text with ASCII digits."""
    words: tuple[Cues, Cues] | None = None
    for match in _NUMBER.finditer(text):
        written = match[0].lstrip("(") if ")" not in match[0] else match[0]
        groups = _GROUP.findall(_EXTENSION.split(written, maxsplit=1)[0])
        if not _LEAST_NAMED <= len("".join(groups)) <= _MOST_DIGITS or _is_other(written, groups):
            continue
        words = words or (_WORDS.scan(text), NOT_PERSONAL.scan(text))
        cue, other = (each.near(*match.span()) for each in words)
        score, why = _judge(written, groups, cue, other)
        if not score and other is None:
            score, why = _by_place(text, *match.span(), groups)
        if score:
            yield Span(match.end() - len(written), match.end(), ENTITY_TYPE, score, why)


def _by_place(text: str, start: int, end: int, groups: list[str]) -> tuple[float, str]:
    """Return the score of a number by what is around it that is no word."""
    before = text[max(0, start - _AROUND) : start]
    if _LABEL.search(before) or _LABEL_AFTER.match(text, end):
        return NAMED, "beside a label"
    is_alone = _LINE_BEFORE.search(before) and _LINE_AFTER.match(text, end)
    if is_alone and len(groups) > 1 and len("".join(groups)) >= _LEAST_IN_BRACKETS:
        return LEADING_ZERO, "a line for itself"
    return 0.0, ""


def _is_other(written: str, groups: list[str]) -> bool:
    """Whether it is a date, a span of years, some millions, an ISBN or an IP address."""
    is_isbn = len("".join(groups)) == _ISBN_DIGITS and groups[0][:3] in ("978", "979")
    return (
        is_isbn
        or is_date(written)
        or _MILLIONS.fullmatch(written) is not None
        or _FOUR_BYTES.fullmatch(written) is not None
    )


def _judge(
    written: str, groups: list[str], cue: Cue | None, other: Cue | None
) -> tuple[float, str]:
    num_digits = len("".join(groups))
    is_amount = _THOUSANDS.fullmatch(written) is not None
    is_named = is_nearer(cue, other)
    if cue and is_named and cue.word in _STRONG and not (is_amount and cue.is_after):
        return NAMED, f"digits of a telephone number, {cue.why}"
    if cue and not other and not is_amount:
        is_one_block = len(groups) == 1
        if num_digits >= (_LEAST_WEAKLY_NAMED if is_one_block else _LEAST_NAMED + 1):
            return GROUPED, f"digits of a telephone number, {cue.why}"
    if other or num_digits < _LEAST_IN_BRACKETS:
        return 0.0, ""
    if _GROUPED.fullmatch(written):
        return GROUPED, "groups of a telephone number"
    return (LEADING_ZERO, "a zero before it") if _ZERO.fullmatch(written) else (0.0, "")
