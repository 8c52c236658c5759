"""Numbers by which states know people: identity cards, social security, population registers.

What is covered: the numbers of some fifty countries by form and checksum; any number after
words such as "national id", "SSN", رقم الهوية.

What is not covered: numbers that have neither form nor checksum nor a word near them.

Source: forms and checksums of python-stdnum; those of the Gulf, Egypt and Iran follow the
published descriptions of each register.
"""

from __future__ import annotations

import re

from stdnum import luhn

from jisr.config import PrivacySettings
from jisr.privacy.recognizers.number_forms import Kind, NumberForms, digits

ENTITY_TYPE = "NATIONAL_ID"

_WORDS = (
    *("national id", "national identity", "national number", "identity number", "identity card"),
    *("id card", "identification number", "personal id", "id number", "id no", "civil id"),
    *("civil number", "resident id", "residence card", "residence permit", "iqama", "citizen id"),
    *("citizen number", "personal number", "person number", "personal code", "social security"),
    *("social insurance", "national insurance", "voter id", "government id"),
    *("رقم هوية", "هوية وطنية", "رقم قومي", "رقم وطني", "رقم مدني", "بطاقة مدنية", "بطاقة شخصية"),
    *("رقم شخصي", "بطاقة وطنية", "بطاقة تعريف", "سجل مدني", "إقامة", "رقم إقامة"),
    *("بطاقة سكان", "ضمان اجتماعي", "بطاقة أحوال", "أحوال مدنية"),
)
_HINTS = (
    "id",
    "identity",
    "identification",
    "citizen",
    "resident",
    "هوية",
    "بطاقة",
    "مواطن",
    "مقيم",
)
_SSN = ("ssn", "social security number", "social security no", "social security")


_MONTH_AND_DAY = re.compile(r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_GOVERNORATE = re.compile(r"0[1-4]|1[1-9]|2[1-9]|3[1-5]|88")


def _is_dated(number: str) -> bool:
    """Whether a century 2 or 3 starts it and a date YYMMDD follows."""
    return number[0] in "23" and _MONTH_AND_DAY.match(number, 3) is not None


def _is_saudi(number: str) -> bool:
    return number[0] in "12" and luhn.is_valid(number)


def _is_emirati(number: str) -> bool:
    return number.startswith("784") and "1900" <= number[3:7] <= "2100" and luhn.is_valid(number)


def _is_egyptian(number: str) -> bool:
    return _is_dated(number) and _GOVERNORATE.match(number, 7) is not None


def _is_kuwaiti(number: str) -> bool:
    weights = (2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(weight * int(digit) for weight, digit in zip(weights, number, strict=False))
    return _is_dated(number) and 11 - total % 11 == int(number[-1])


def _is_iranian(number: str) -> bool:
    total = sum(int(digit) * (10 - place) for place, digit in enumerate(number[:9])) % 11
    return len(set(number)) > 1 and int(number[9]) == {0: 0, 1: 1}.get(total, 11 - total)


def _is_british(number: str) -> bool:
    head = number[:2].upper()
    return (
        head[0] not in "DFIQUV"
        and head[1] not in "DFIQUVO"
        and head not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}
        and number[-1].upper() in "ABCD"
    )


def _is_singaporean(number: str) -> bool:
    first, last = number[0].upper(), number[-1].upper()
    weights = (2, 7, 6, 5, 4, 3, 2)
    total = sum(weight * int(digit) for weight, digit in zip(weights, number[1:8], strict=True))
    if first in "ST":
        return last == "JZIHGFEDCBA"[(total + 4 * (first == "T")) % 11]
    return first in "FG" and last == "XWUTRQPNMLK"[(total + 4 * (first == "G")) % 11]


def _is_pakistani(number: str) -> bool:
    return number[0] in "1234567"


_US_LAYOUTS = {digits(3, 2, 4, by="-"): 0.75, digits(3, 2, 4): 0.4, digits(9): 0.0}
_KINDS = (
    Kind("US social security number", _US_LAYOUTS, _SSN, "us.ssn", is_strict=False),
    Kind("number in the form of a US one, never issued", {digits(3, 2, 4, by="-"): 0.5}, _SSN),
    Kind(
        "British national insurance number",
        {"AA 99 99 99 A": 0.8, "AA999999A": 0.7, "AA-99-99-99-A": 0.8},
        ("nino", "ni number", "national insurance", "national insurance number"),
        _is_british,
    ),
    Kind("Canadian SIN", {digits(3, 3, 3, by="-"): 0.5, digits(3, 3, 3): 0.4, digits(9): 0.0},
         ("sin", "social insurance number"), "ca.sin"),
    Kind("Saudi id", {digits(10): 0.0},
         ("iqama", "إقامة", "absher", "أبشر", "هوية", "بطاقة هوية"), _is_saudi),
    Kind(
        "Emirates id",
        {digits(3, 4, 7, 1, by="-"): 0.95, digits(3, 4, 7, 1): 0.9, digits(15): 0.8},
        ("emirates id", "eid number", "هوية إماراتية"),
        _is_emirati,
    ),
    Kind("Egyptian id", {digits(14): 0.7}, ("رقم قومي",), _is_egyptian),
    Kind("Kuwaiti civil id", {digits(12): 0.6}, ("civil id", "رقم مدني"), _is_kuwaiti),
    Kind("Iranian id", {digits(10): 0.0, digits(3, 6, 1, by="-"): 0.7},
         ("کد ملی", "melli code", "code melli"), _is_iranian),
    Kind(
        "Aadhaar number",
        {digits(4, 4, 4): 0.6, digits(4, 4, 4, by="-"): 0.6, digits(12): 0.3},
        ("aadhaar", "aadhar", "uidai", "uid number"),
        "in_.aadhaar",
    ),
    Kind("Indian voter id", {"AAA9999999": 0.4}, ("epic", "voter id"), "in_.epic"),
    Kind("Pakistani CNIC", {digits(5, 7, 1, by="-"): 0.8, digits(13): 0.0},
         ("cnic", "nadra"), _is_pakistani, is_strict=False),
    Kind(
        "French NIR",
        {digits(1, 2, 2, 2, 3, 3, 2): 0.95, digits(13, 2): 0.9, digits(15): 0.5},
        ("nir", "insee", "numéro de sécurité sociale", "sécurité sociale"),
        "fr.nir",
    ),
    Kind("Spanish DNI", {"99999999A": 0.7, "99999999-A": 0.8, "99.999.999-A": 0.9,
         "99.999.999A": 0.9}, ("dni", "nif", "documento nacional"), "es.dni"),
    Kind("Spanish NIE", {"A9999999A": 0.6, "A-9999999-A": 0.9, "A9999999-A": 0.8},
         ("nie", "extranjero"), "es.nie"),
    Kind("Italian codice fiscale", {"AAAAAA99A99A999A": 0.95, "AAAAAA 99A99 A999A": 0.95,
         "AAA AAA 99A99 A999A": 0.95}, ("codice fiscale",), "it.codicefiscale"),
    Kind("Brazilian CPF", {"999.999.999-99": 0.95, digits(11): 0.4}, ("cpf",), "br.cpf"),
    Kind("Chinese resident id", {digits(18): 0.9, digits(17) + "A": 0.95},
         ("身份证", "resident identity card", "ric"), "cn.ric"),
    Kind("Mexican CURP", {"AAAA999999AAAAAA99": 0.95, "AAAA999999AAAAAAA9": 0.95},
         ("curp",), "mx.curp"),
    Kind("Korean RRN", {"999999-9999999": 0.9, digits(13): 0.3},
         ("rrn", "주민등록번호"), "kr.rrn"),
    Kind("Japanese individual number", {digits(12): 0.0, digits(4, 4, 4): 0.0},
         ("my number", "マイナンバー", "個人番号"), "jp.in_"),
    Kind("Taiwanese id", {"A999999999": 0.0}, ("taiwan id", "身分證")),
    Kind("Singaporean NRIC", {"A9999999A": 0.7}, ("nric", "fin number"), _is_singaporean),
    Kind("Malaysian NRIC", {"999999-99-9999": 0.8, digits(12): 0.3},
         ("nric", "mykad", "ic number"), "my.nric"),
    Kind("Indonesian NIK", {digits(16): 0.4}, ("nik", "ktp"), "id.nik"),
    Kind("Thai PIN", {"9-9999-99999-99-9": 0.95, digits(13): 0.0}, ("thai id",), "th.pin"),
    Kind("South African id", {digits(13): 0.7, digits(6, 4, 3): 0.8, digits(6, 4, 2, 1): 0.8},
         ("said", "sa id"), "za.idnr"),
    Kind("Turkish id", {digits(11): 0.4}, ("tckn", "kimlik", "tc kimlik", "tc no"), "tr.tckimlik"),
    Kind("Polish PESEL", {digits(11): 0.4}, ("pesel",), "pl.pesel"),
    Kind("Romanian CNP", {digits(13): 0.6}, ("cnp",), "ro.cnp"),
    Kind("Bulgarian EGN", {digits(10): 0.3}, ("egn", "егн"), "bg.egn"),
    Kind("Czech or Slovak birth number", {"999999/9999": 0.9, "999999/999": 0.5, digits(10): 0.0},
         ("rodné číslo", "rodne cislo", "rč"), "cz.rc"),
    Kind("Finnish HETU", {"999999-999A": 0.9, "999999-9999": 0.6, "999999A999A": 0.8,
         "999999A9999": 0.6}, ("hetu", "henkilötunnus"), "fi.hetu"),
    Kind("Swedish personnummer", {"999999-9999": 0.8, "99999999-9999": 0.9, digits(12): 0.4,
         digits(10): 0.0}, ("personnummer",), "se.personnummer"),
    Kind("Norwegian fødselsnummer", {digits(11): 0.6, digits(6, 5): 0.8},
         ("fødselsnummer", "fodselsnummer", "personnummer"), "no.fodselsnummer"),
    Kind("Danish CPR", {"999999-9999": 0.6, digits(10): 0.0}, ("cpr", "personnummer"), "dk.cpr"),
    Kind("Icelandic kennitala", {"999999-9999": 0.8, digits(10): 0.3}, ("kennitala",),
         "is_.kennitala"),
    Kind("Estonian or Lithuanian code", {digits(11): 0.4}, ("isikukood", "asmens kodas"), "ee.ik"),
    Kind("Latvian code", {"999999-99999": 0.5, digits(11): 0.0}, ("personas kods",), "lv.pvn"),
    Kind("Belgian national number", {"99.99.99-999.99": 0.95, digits(11): 0.5},
         ("rijksregisternummer", "numéro national", "niss", "insz"), "be.nn"),
    Kind("Dutch BSN", {digits(9): 0.0, "9999.99.999": 0.5}, ("bsn", "burgerservicenummer"),
         "nl.bsn"),
    Kind("Swiss AHV number", {"999.9999.9999.99": 0.95, digits(13): 0.7},
         ("ahv", "avs", "avs number"), "ch.ssn"),
    Kind("Austrian social security number", {"9999 999999": 0.5, digits(10): 0.0},
         ("svnr", "sozialversicherungsnummer", "vsnr"), "at.vnr"),
    Kind("Irish PPS number", {"9999999A": 0.6, "9999999AA": 0.7}, ("pps", "ppsn"), "ie.pps"),
    Kind("Greek AMKA", {digits(11): 0.5}, ("amka", "αμκα"), "gr.amka"),
    Kind("Croatian OIB", {digits(11): 0.0}, ("oib",), "hr.oib"),
    Kind("citizen number of a Yugoslav state", {digits(13): 0.6}, ("jmbg", "emšo", "emso"),
         "si.emso"),
    Kind("Portuguese citizen card", {"99999999 9 AA9": 0.9, "99999999 9AA9": 0.8,
         "999999999AA9": 0.7}, ("cartão de cidadão", "cartao de cidadao"), "pt.cc"),
    Kind("Israeli id", {digits(9): 0.0, "99999999-9": 0.3}, ("teudat zehut", "מספר זהות", "ת.ז"),
         "il.idnr"),
    Kind("Chilean RUT", {"99.999.999-9": 0.95, "99999999-9": 0.6, "99.999.999-A": 0.9,
         "99999999-A": 0.6, "9.999.999-9": 0.9}, ("rut", "run"), "cl.rut"),
    Kind("Argentine DNI", {"99.999.999": 0.0, digits(8): 0.0}, ("dni",)),
    Kind("Ecuadorian cédula", {digits(10): 0.0, "999999999-9": 0.5}, ("cédula", "cedula"), "ec.ci"),
    Kind("Dominican cédula", {digits(3, 7, 1, by="-"): 0.8, digits(11): 0.0},
         ("cédula", "cedula"), "do.cedula"),
    Kind("Moroccan or Tunisian card", {"A99999": 0.0, "A999999": 0.0, "AA99999": 0.0,
         "AA999999": 0.0, digits(8): 0.0}, ("cin", "cnie", "carte nationale", "بطاقة تعريف")),
    Kind("Mauritian id", {"A9999999999999": 0.0, "A999999999999A": 0.5}, ("nic",), "mu.nid"),
)  # fmt: skip


def build(settings: PrivacySettings) -> NumberForms:
    """Return the recognizer; it has no settings."""
    return NumberForms(ENTITY_TYPE, _KINDS, words=_WORDS, hints=_HINTS)
