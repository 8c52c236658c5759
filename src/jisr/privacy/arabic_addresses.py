"""Postal addresses in Arabic: parts that name themselves, and the places beside them.

What is covered: street, road, district, building, flat, villa, block, floor and post box,
each with its name or number, in any order; the town, country and code that follow, and a
town before.

What is not covered: an address without any such word ("خلف المسجد").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.privacy.address_words import words_of
from jisr.privacy.place_names import WELL_KNOWN, fold_place, is_city, is_country

ENOUGH = 3
"""Points that make an address; its parts, the places and the words around it give them."""

_WORD = r"[\u0621-\u065f\u0670]{2,24}(?![\u0621-\u065f\u0670\w])"
_STREETS = "شارع|طريق|نهج|جاد[ةه]|زقاق|حار[ةه]|ميدان|دوار|كورنيش|سك[ةه]"
_AREAS = "حي|ضاحي[ةه]|مجمع|برج|بناي[ةه]|عمار[ةه]|حوض|مخطط"
_ROOMS = "مبنى|شق[ةه]|منزل|فيلا|بيت|قطع[ةه]|بلوك|طابق|دور|وحد[ةه]|مكتب|غرف[ةه]|مدخل|مربع|ممر"
_HEAD = re.compile(
    rf"(?<!\w)(?:[وبلف]?(?P<the>ال)|[وبلف])?(?:(?P<street>{_STREETS})|(?P<area>{_AREAS})|(?P<room>{_ROOMS})"
    r"|(?P<box>ص[ ]?\.?[ ]?ب\.?|صندوق[ ](?:ال)?بريدي?|رمز[ ](?:ال)?بريدي?))(?!\w)"
)
_NUMBER = re.compile(
    r"[ ]{0,2}[:.]?[ ]{0,2}(?:رقم[ ]?:?[ ]?)?(?:\d{1,6}(?:[/-]\d{1,4})?(?:[ ]?[A-Z](?!\w))?"
    r"(?![\d%٪]|[.,:٫]\d)|ال(?:[أا]ول|ثاني|ثالث|رابع|خامس|سادس|سابع|ثامن|تاسع|عاشر|[أا]رضي)(?!\w))"
)
_NUMBER_BEFORE = re.compile(r"(?<![\w.,:/])\d{1,5}[ ]\Z")
_NAME = re.compile(rf"[ ]({_WORD})")
_JOINING = words_of("بن ابن بنت عبد أبو ابو أبي آل")
_TITLES = _JOINING | words_of(
    "أم الملك السلطان الأمير الأميرة الشيخ الشيخة الإمام الامام الرئيس الشهيد الدكتور القائد محمد "
    "أحمد جمال صلاح سعد خالد عمر علي قصر جامع مسجد سوق باب"
)
_STOP = words_of(
    "في من إلى الى على عن مع هو هي الذي التي ثم أو او كان كانت هذا هذه ذلك قبل بعد حتى لكن أمام "
    "خلف بجانب قرب يوم اليوم غدا الساعة أريد هل ما لا نحو بين كل طويل واحد جديد كبير صغير آخر "
    "أخرى القادم الماضي الرئيسي رئيسي عام خاص مشهور"
)
_BETWEEN = re.compile(r"(?:[ ]{0,2}[،,.\-–|/]?[ ]{0,2}(?:\n[ >]{0,8})?)(?:(?:في|ب|من)[ ])?")
_PLACE = re.compile(
    "(?P<kind>(?:مدين[ةه]|ولاي[ةه]|محافظ[ةه]|[إا]مار[ةه]|منطق[ةه]|دول[ةه]|سلطن[ةه]|مملك[ةه]|"
    "جمهوري[ةه])[ ])?"
    rf"(?P<name>{_WORD}(?:[ ]{_WORD}){{0,3}})"
)
_AREA = re.compile(rf"ال{_WORD}(?:[ ]ال{_WORD})?(?=[ ]?(?:[،,.\n\-]|\Z))")
_PLACE_BEFORE = re.compile(rf"(?:(?:{_WORD})[ ]){{0,2}}(?:{_WORD})[ ]?[،,\-–][ ]{{0,2}}\Z")
_CODE = re.compile(r"\d{3,6}(?:-\d{4})?(?![\w%٪]|[.,:٫]\d|[ ][\u0621-\u065f])")
_CUE = re.compile(
    r"(?:عنوان|[أاتين]سكن|ساكن|سكني|[أاتين]قيم|مقيم|[أاتين]عيش|منزلي|بيتي|شقتي|توصيل|"
    r"وصل|[أا]رسل|شحن|طرد|"
    r"مقر|العيادة|المكتب|المتجر|المحل|موقعنا|مكتبنا|انتقل)[^.!؟?\n\d]{0,40}\Z"
)
_NEAR_STREET = re.compile(r"(?<!\w)(?:في|على|إلى|الى|من|قرب|ب)[ ]?\Z")
_BY_WAY_OF = re.compile(r"(?<!\w)[وف]?(?:عن|في|على|قاطع|كل)[ ]\Z")
_CONTEXT = 56  # characters before an address that are read
_MOST_PARTS = 12
_MOST_WORDS = 4


def arabic_addresses(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and points of every address that is written in Arabic."""
    end = 0
    for head in _HEAD.finditer(text):
        if head.start() < end:
            continue
        address = _address(text, head)
        if address and address[2] >= ENOUGH:
            yield address
            end = address[1]


def _address(text: str, head: re.Match[str]) -> tuple[int, int, int] | None:
    """Return the address that starts with a part, and its points."""
    end, points = _part(text, head)
    if not points:
        return None
    for _ in range(_MOST_PARTS):
        start = _skip(text, end)
        next_end, more = _next(text, start, text[end:start])
        if next_end == start:
            break
        end, points = next_end, points + more
    start, more = _before(text, head)
    return start, end, points + more


def _skip(text: str, position: int) -> int:
    between = _BETWEEN.match(text, position)
    return between.end() if between else position


def _next(text: str, start: int, between: str) -> tuple[int, int]:
    """Return the end and points of the part or place at `start`; `start` if there is none."""
    head = _HEAD.match(text, start)
    if head:
        end, points = _part(text, head)
        return (end, points) if points else (start, 0)
    place = _PLACE.match(text, start)
    end = _place_end(place) if place else start
    if end > start:
        return end, 1
    area, code = _AREA.match(text, start), _CODE.match(text, start)
    if between.strip(" ") and area and area[0] not in _STOP:
        return area.end(), 0
    return (code.end(), 1) if code and between else (start, 0)


def _part(text: str, head: re.Match[str]) -> tuple[int, int]:
    """Return the end and points of a part: its word with a name, a number or both."""
    number = _NUMBER.match(text, head.end())
    if number:
        return number.end(), ENOUGH if head["box"] else 2 if head["street"] else 1
    if head["the"] or head["room"] or head["box"]:
        return head.end(), 0
    end, is_definite = _name(text, head.end())
    if end == head.end() or (head["area"] and not is_definite):
        return head.end(), 0
    number = _NUMBER.match(text, end)
    points = (2 if head["street"] and is_definite else 1) + (number is not None)
    return (number.end() if number else end), points


def _name(text: str, position: int) -> tuple[int, bool]:
    """Return the end of a name of a few words, and whether it is written like a proper one."""
    end, is_definite, last = position, False, ""
    for _ in range(_MOST_WORDS):
        word = _NAME.match(text, end)
        if not word or word[1] in _STOP or _HEAD.match(text, word.start(1)):
            break
        goes_on = not last or last in _TITLES or word[1] in _JOINING or word[1][:2] == "ال"
        is_last = not _NAME.match(text, word.end())
        if not goes_on and not (is_last and not word[1].startswith("و")):
            break
        is_definite = is_definite or word[1].startswith("ال") or word[1] in _TITLES
        end, last = word.end(), word[1]
    return end, is_definite


def _place_end(match: re.Match[str]) -> int:
    """Return the end of the town or country that some words start with, or their start."""
    start = match.start("name")
    ends = [start + gap.start() for gap in re.finditer(r"[ ]|\Z", match["name"])]
    for end in reversed(ends):
        if _is_place(match.string[start:end]):
            return end
    return ends[0] if match["kind"] else match.start()


def _before(text: str, head: re.Match[str]) -> tuple[int, int]:
    """Return where an address starts, and the points for what stands before its first part."""
    start, points = head.start(), 0
    number = _NUMBER_BEFORE.search(text, max(0, start - _CONTEXT), start)
    if number:
        start, points = number.start(), 1
    place = _PLACE_BEFORE.search(text, max(0, start - _CONTEXT), start)
    while place:
        if _is_place(text[place.start() : start].rstrip(" ،,-–")):
            start, points = place.start(), points + 1
            break
        place = _PLACE_BEFORE.search(text, place.start() + 1, start)
    before = text[max(0, start - _CONTEXT) : start]
    if head["street"] == "طريق" and _BY_WAY_OF.search(before):
        return start, -ENOUGH
    if _CUE.search(before):
        return start, points + 2
    return start, points + (head["street"] is not None and _NEAR_STREET.search(before) is not None)


def _is_place(name: str) -> bool:
    folded = fold_place(name)
    return is_city(folded, WELL_KNOWN) or is_country(folded)
