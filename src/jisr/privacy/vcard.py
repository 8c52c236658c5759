"""What contacts in vCard files say of people: names, addresses, numbers, firms, birthdays.

What is covered: versions 2.1, 3.0 and 4.0; folded lines, escapes and quoted-printable.

What is not covered: notes, pictures, anything that has no entity type.

Source: RFC 6350; RFC 2425 for the folding of lines.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterable, Iterator

from jisr.privacy.reckoning import readings

_FOLDED = re.compile(r"\r?\n[ \t]")
_SOFT_BREAK = re.compile(r"=\r?\n")
_SEPARATOR = re.compile(r"(?<!\\);")
_LIST = re.compile(r"(?<!\\),")
_ESCAPED = re.compile(r"\\([nN,;\\:])")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
_STREET, _POSTCODE = 2, 5
"""Places of these parts in ADR."""


def read_vcards(text: str) -> Iterator[tuple[str, str]]:
    """Yield entity types and values of all contacts in a text; what cannot be read is left out."""
    if "QUOTED-PRINTABLE" in text.upper():
        text = _SOFT_BREAK.sub("", text)
    for line in _FOLDED.sub("", text).splitlines():
        head, colon, value = line.partition(":")
        name, *parameters = head.upper().split(";")
        name = name.rpartition(".")[2]  # item1.EMAIL
        if not colon or name not in _FIELDS:
            continue
        if any("QUOTED-PRINTABLE" in it for it in parameters):
            value = quopri.decodestring(value.encode("utf-8", "replace")).decode("utf-8", "replace")
        yield from ((kind, it.strip()) for kind, it in _FIELDS[name](value) if it.strip())


def _parts(value: str) -> list[str]:
    return [_plain(part) for part in _SEPARATOR.split(value)]


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda match: " " if match[1] in "nN" else match[1], value)


def _full_name(value: str) -> Iterable[tuple[str, str]]:
    return [("PERSON", _plain(value))]


def _name(value: str) -> Iterable[tuple[str, str]]:
    family, given, *_ = [*_parts(value), "", ""]
    whole = f"{given} {family}".strip()
    return [("PERSON", it) for it in (whole, given, family)]


def _nicknames(value: str) -> Iterable[tuple[str, str]]:
    return [("PERSON", _plain(it)) for it in _LIST.split(value)]


def _firm(value: str) -> Iterable[tuple[str, str]]:
    return [("ORGANIZATION", _parts(value)[0])]


def _email(value: str) -> Iterable[tuple[str, str]]:
    return [("EMAIL_ADDRESS", _plain(value).removeprefix("mailto:"))]


def _phone(value: str) -> Iterable[tuple[str, str]]:
    return [("PHONE_NUMBER", _plain(value).removeprefix("tel:"))]


def _address(value: str) -> Iterable[tuple[str, str]]:
    parts = [*_parts(value), *[""] * (_POSTCODE + 1)]
    return [("STREET_ADDRESS", parts[_STREET]), ("POSTCODE", parts[_POSTCODE])]


def _birthday(value: str) -> Iterable[tuple[str, str]]:
    plain = re.sub(r"\A(\d{4})(\d\d)(\d\d).*", r"\1-\2-\3", value).partition("T")[0]
    for day in readings(plain):
        month = _MONTHS[day.month - 1]
        for written in (
            day.isoformat(),
            f"{day.day} {month} {day.year}",
            f"{month} {day.day} {day.year}",
            f"{day:%d/%m/%Y}",
            f"{day:%m/%d/%Y}",
        ):
            yield "BIRTH_DATE", written


_FIELDS = {
    "FN": _full_name,
    "N": _name,
    "NICKNAME": _nicknames,
    "ORG": _firm,
    "EMAIL": _email,
    "TEL": _phone,
    "ADR": _address,
    "BDAY": _birthday,
}
