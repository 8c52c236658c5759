"""Account numbers of national forms, and what names the bank beside them.

What is covered: any number after words such as "account number", رقم الحساب; American routing
numbers, Mexican CLABE, Argentine CBU, Spanish CCC, Norwegian and Czech accounts by checksum;
British and Irish sort codes, Australian BSB, Indian IFSC; SWIFT codes after a word.

What is not covered: numbers without word or checksum; IBANs, which are found by themselves.

Source: checksums of python-stdnum; the American one is the ABA's, CLABE's that of Banxico.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import bic

from jisr.config import PrivacySettings
from jisr.privacy.base import Span
from jisr.privacy.context_words import ContextWords
from jisr.privacy.recognizers.number_forms import Kind, NumberForms, digits

ENTITY_TYPE = "BANK_ACCOUNT"

_WORDS = (
    *("account number", "account no", "acct", "acct number", "acct no", "a c no", "bank account"),
    *("checking account", "savings account", "current account", "deposit account"),
    *("kontonummer", "numéro de compte", "número de cuenta", "numero di conto", "rekeningnummer"),
    *("رقم حساب", "حساب بنكي", "حساب مصرفي", "حساب جاري", "حساب توفير"),
)
_HINTS = ("account", "bank", "transfer", "deposit", "حساب", "بنك", "مصرف", "تحويل")
_SWIFT = re.compile(r"(?<![A-Za-z0-9])[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?(?![A-Za-z0-9])")
_SWIFT_WORDS = ContextWords(
    ["swift", "swift code", "bic", "bic code", "bank identifier", "سويفت", "رمز سويفت"], before=20
)


def _is_clabe(number: str) -> bool:
    weights = (3, 7, 1) * 6
    total = sum(
        weight * int(digit) % 10 for weight, digit in zip(weights, number[:17], strict=False)
    )
    return int(number[17]) == -total % 10


_KINDS = (
    Kind("American routing number", {digits(9): 0.0},
         ("routing", "routing number", "aba", "aba number", "transit number"), "us.rtn"),
    Kind("sort code", {"99-99-99": 0.0, "99 99 99": 0.0, digits(6): 0.0},
         ("sort code", "sortcode", "nsc")),
    Kind("BSB", {"999-999": 0.0, digits(6): 0.0}, ("bsb",)),
    Kind("Mexican CLABE", {digits(18): 0.45}, ("clabe",), _is_clabe),
    Kind("Argentine CBU", {digits(22): 0.9}, ("cbu",), "ar.cbu"),
    Kind("Spanish CCC", {digits(20): 0.5, digits(4, 4, 2, 10): 0.8,
         digits(4, 4, 2, 10, by="-"): 0.8}, ("ccc",), "es.ccc"),
    Kind("Norwegian account", {"9999.99.99999": 0.7}, ("kontonummer",), "no.kontonr"),
    Kind("Czech account", {"999999-9999999999/9999": 0.9, "9999999999/9999": 0.7,
         "99-9999999999/9999": 0.9}, ("číslo účtu",), "cz.bankaccount"),
    Kind("New Zealand account", {"99-9999-9999999-99": 0.8, "99-9999-9999999-999": 0.8}, (),
         "nz.bankaccount"),
    Kind("Indian IFSC", {"AAAA9999999": 0.0}, ("ifsc", "ifsc code")),
    Kind("Japanese or Korean account", {digits(3, 6, 5, by="-"): 0.0}, ("계좌", "口座")),
)  # fmt: skip


def build(settings: PrivacySettings) -> BankRecognizer:
    """Return the recognizer; it has no settings."""
    return BankRecognizer()


class BankRecognizer:
    """Finds account numbers and what names the bank."""

    def __init__(self) -> None:
        self._numbers = NumberForms(ENTITY_TYPE, _KINDS, words=_WORDS, hints=_HINTS)

    def find(self, text: str) -> Iterator[Span]:
        """Yield the account numbers of `text`."""
        yield from self._numbers.find(text)
        codes = list(_SWIFT.finditer(text))
        words = _SWIFT_WORDS.scan(text) if codes else None
        for code in codes:
            cue = words.near(*code.span()) if words else None
            if cue and bic.is_valid(code[0]):
                yield Span(*code.span(), ENTITY_TYPE, 0.7, f"form of a SWIFT code, {cue.why}")
