"""Words that say less than a private value, in English and Arabic: one function a kind.

A function returns None for a value that it cannot read; such a value is replaced by a
placeholder. Nothing here is put back into the answer.

What is not covered: dates that show no year of four digits; kinds of firms whose name does
not tell them.

Source: ages of 90 and more in one band, postal codes of five digits by their first three, as
in the Safe Harbor rule of HIPAA, 45 CFR 164.514(b)(2).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address

BANDS = ((0, 12), (13, 17), (18, 29), *((age, age + 9) for age in range(30, 90, 10)))
"""Ages, first and last of each band; above them all is one."""
OLDEST = 125
DEGREES = 1
"""Decimals of a coordinate that is kept: 0.1 degree is 11 km of latitude."""

_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_AGE = re.compile(r"\d{1,3}")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_COORDINATE = re.compile(r"([-+−]?)(\d{1,3}(?:[.٫]\d+)?)(?:\s?°)?(?:\s?([NSEWnsew])\b)?")
_PORT = re.compile(r":\d{1,5}\Z")
_BRITISH = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?) ?\d[A-Z]{2}\Z", re.IGNORECASE)
_CANADIAN = re.compile(r"([A-Z]\d[A-Z])[ -]?\d[A-Z]\d\Z", re.IGNORECASE)
_DIGIT_CODE = re.compile(r"(?:[A-Z]{1,2}-)?(\d{3,5})(?:[- ]?\d{3,4})?\Z")

KINDS = (
    ("a hospital", "مستشفى", r"hospital|مستشفى"),
    ("a clinic", "عيادة", r"clinic|medical cent(?:er|re)|عيادة|مجمع طبي"),
    ("a university", "جامعة", r"university|universit\w+|جامعة"),
    ("a college", "كلية", r"college|كلية"),
    ("a school", "مدرسة", r"school|academy|kindergarten|مدرسة|مدارس|روضة"),
    ("a bank", "بنك", r"bank|bancorp|credit union|بنك|مصرف"),
    ("an insurer", "شركة تأمين", r"insurance|assurance|تأمين"),
    ("a ministry", "وزارة", r"ministry|وزارة"),
    ("a court", "محكمة", r"court|tribunal|محكمة"),
    ("an airline", "شركة طيران", r"airlines?|airways|طيران|الخطوط"),
    ("a hotel", "فندق", r"hotel|resort|فندق|منتجع"),
    ("a restaurant", "مطعم", r"restaurant|caf[eé]|pizzeria|مطعم|مقهى"),
    ("a pharmacy", "صيدلية", r"pharmacy|صيدلية"),
    ("a law firm", "مكتب محاماة", r"law firm|solicitors|attorneys|محاماة|محامون"),
    ("a shop", "متجر", r"shop|store|supermarket|market|متجر|سوق"),
    ("a club", "نادٍ", r"club|نادي"),
    ("a charity", "جمعية خيرية", r"foundation|charity|جمعية|مؤسسة خيرية"),
    ("an oil company", "شركة نفط", r"petroleum|oil|نفط|بترول"),
    ("a company", "شركة", r"inc|llc|ltd|limited|corp|corporation|gmbh|plc|company|شركة"),
)
"""Kind of organisation in English and Arabic, and words of a name that tell it; the first fits."""
_KINDS = tuple(
    (english, arabic, re.compile(rf"(?<!\w)(?:ال)?(?:{words})(?!\w)", re.IGNORECASE))
    for english, arabic, words in KINDS
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A private value, and what stands around it."""

    value: str
    is_arabic: bool = False
    """Whether Arabic words are to stand in its place."""
    today: date = date(2025, 1, 1)
    city: str = ""
    """A city inside of it that may leave; empty: there is none."""

    def say(self, english: str, arabic: str) -> str:
        """Return the words of the language."""
        return arabic if self.is_arabic else english


def age(subject: Subject) -> str | None:
    """Return a phrase with the age in it as a band: `34 years old` as `30 to 39 years old`."""
    found = _AGE.search(ascii_digits(subject.value))
    if found is None or int(found[0]) > OLDEST:
        return None
    before, after = subject.value[: found.start()], subject.value[found.end() :]
    if _AGE.search(ascii_digits(before + after)):
        return None  # years and months: two numbers say more than one band
    between = "-to-" if after.startswith("-") else subject.say(" to ", " إلى ")
    return f"{before}{_band(int(found[0]), subject, between)}{after}"


def birth_date(subject: Subject) -> str | None:
    """Return a date as the band of ages it makes: `a date 30 to 39 years ago`."""
    years = _YEAR.findall(ascii_digits(subject.value))
    if len(years) != 1 or not 0 <= subject.today.year - int(years[0]) <= OLDEST:
        return None
    band = _band(subject.today.year - int(years[0]), subject, subject.say(" to ", " إلى "))
    return subject.say(f"a date {band} years ago", f"تاريخ قبل {band} سنة")


def street_address(subject: Subject) -> str:
    """Return an address as its city, where that is known and may leave."""
    if subject.city:
        return subject.say(f"an address in {subject.city}", f"عنوان في {subject.city}")
    return subject.say("an address", "عنوان ما")


def postcode(subject: Subject) -> str | None:
    """Return a postal code as the area that its first part names."""
    code = ascii_digits(subject.value).strip()
    if local := _BRITISH.match(code) or _CANADIAN.match(code):
        area = local[1].upper()
    elif digits := _DIGIT_CODE.match(code):
        area = digits[1][: max(1, len(digits[1]) - 2)]
    else:
        return None
    return subject.say(f"a postcode that begins with {area}", f"رمز بريدي يبدأ بـ {area}")


def coordinates(subject: Subject) -> str | None:
    """Return a place on the map to about 10 km."""
    found = _COORDINATE.findall(ascii_digits(subject.value))
    if len(found) != len(("latitude", "longitude")):  # minutes and seconds are not read
        return None
    shown = []
    for sign, number, hemisphere in found:
        is_negative = sign in ("-", "−") or hemisphere.upper() in ("S", "W")
        degrees = float(number.replace("٫", "."))
        shown.append(f"{-degrees if is_negative else degrees:.{DEGREES}f}")
    return subject.say(f"about {', '.join(shown)}", f"قرب {', '.join(shown)}")


def ip_network(subject: Subject) -> str | None:
    """Return what kind of network an address belongs to."""
    value = ascii_digits(subject.value).partition("/")[0].partition("%")[0]
    if value.startswith("["):
        value = value[1:].partition("]")[0]
    elif value.count(":") == 1:
        value = _PORT.sub("", value)
    try:
        address = ip_address(value)
    except ValueError:
        return None
    if address.is_loopback:
        return subject.say("the loopback address", "عنوان الجهاز نفسه")
    if address.is_private or address.is_link_local:
        return subject.say(
            f"a private IPv{address.version} address",
            f"عنوان IPv{address.version} خاص بشبكة داخلية",
        )
    return subject.say(f"a public IPv{address.version} address", f"عنوان IPv{address.version} عام")


def organisation(subject: Subject) -> str | None:
    """Return what kind of organisation it is, where its name tells."""
    for english, arabic, words in _KINDS:
        if words.search(subject.value):
            return subject.say(english, arabic)
    return None


def ascii_digits(text: str) -> str:
    """Return `text`, equally long, with the digits of every script as 0 to 9."""
    return _OTHER_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), text)


def _band(years: int, subject: Subject, between: str) -> str:
    for first, last in BANDS:
        if first <= years <= last:
            return f"{first}{between}{last}"
    return subject.say("90 or more", "90 أو أكثر")


GENERALISERS: dict[str, Callable[[Subject], str | None]] = {
    "AGE": age,
    "BIRTH_DATE": birth_date,
    "STREET_ADDRESS": street_address,
    "POSTCODE": postcode,
    "COORDINATES": coordinates,
    "IP_ADDRESS": ip_network,
    "ORGANIZATION": organisation,
}
"""Entity type -> what says less than a value of it."""
