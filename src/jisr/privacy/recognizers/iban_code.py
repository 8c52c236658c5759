"""International bank account numbers: a country's length and form, and the checksum.

What is covered: every country in python-stdnum's table, upper and lower case, in one
block or with single spaces, dashes or dots between.

What is not covered: account numbers without the IBAN's four leading characters.

Source: ISO 13616; checksum ISO 7064 MOD 97-10, by python-stdnum.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from stdnum import iban, numdb

from jisr.config import PrivacySettings
from jisr.privacy.base import Span
from jisr.privacy.folding import fold

ENTITY_TYPE = "IBAN_CODE"

# It looks for the check digits and then back at the country: digits are the rarer.
_HEAD = re.compile(
    r"[0-9](?<=[A-Za-z]{2}[0-9])"
    r"(?:(?<![A-Za-z0-9][A-Za-z]{2}[0-9])|(?<=[Ii][Bb][Aa][Nn][A-Za-z]{2}[0-9]))[0-9]"
)
_SEPARATORS = re.compile(r"[^A-Za-z0-9]")
_FIELD = re.compile(r"(\d+)!?[nac]")


def build(settings: PrivacySettings) -> IbanRecognizer:
    """Return the recognizer; it has no settings."""
    return IbanRecognizer()


class IbanRecognizer:
    """Finds international bank account numbers."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the account numbers of `text`."""
        folded = fold(text)
        for head in _HEAD.finditer(folded):
            start = head.start() - 2
            body = _body(folded[start : start + 2].upper())
            match = body.match(folded, head.end()) if body else None
            if match and _is_valid(folded[start : match.end()]):
                yield Span(
                    start, match.end(), ENTITY_TYPE, why="form of the country, checksum holds"
                )


def _is_valid(written: str) -> bool:
    # Without the countries' own checks: a number that only they refuse is private as well.
    return bool(iban.is_valid(_SEPARATORS.sub("", written), check_country=False))


@cache
def _body(country: str) -> re.Pattern[str] | None:
    """Return the form of what follows the check digits; None if there is no such country."""
    form = numdb.get("iban").info(country)[0][1].get("bban", "")
    num_characters = sum(int(length) for length in _FIELD.findall(form))
    if not num_characters:
        return None
    each = r"(?:[ \u00a0\u2060.-]?[A-Za-z0-9])"
    return re.compile(rf"{each}{{{num_characters}}}(?![A-Za-z0-9])")
