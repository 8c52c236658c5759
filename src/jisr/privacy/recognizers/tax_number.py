"""Numbers by which tax offices know people and firms.

What is covered: the tax and VAT numbers of some forty countries by form and checksum; any
number after words such as "tax id", "VAT number", الرقم الضريبي.

What is not covered: numbers that have neither form nor checksum nor a word near them. Where a
tax office uses the national id, that recognizer finds it.

Source: forms and checksums of python-stdnum; those of the Gulf follow their tax offices.
"""

from __future__ import annotations

from itertools import product

from stdnum import vatin

from jisr.config import PrivacySettings
from jisr.privacy.recognizers.number_forms import Kind, NumberForms, digits

ENTITY_TYPE = "TAX_NUMBER"

_WORDS = (
    *("tax id", "tax number", "tax no", "tax identification", "tax identification number", "tin"),
    *("taxpayer", "taxpayer number", "taxpayer id", "tax registration", "fiscal code"),
    *("fiscal number", "vat number", "vat no", "vat id", "vat registration", "ust id"),
    *("رقم ضريبي", "رقم تعريف ضريبي", "تسجيل ضريبي", "بطاقة ضريبية", "ضريبة قيمة مضافة"),
)
_HINTS = ("tax", "vat", "irs", "hmrc", "ضريبة", "ضريبي", "ضرائب")


def _is_vat(number: str) -> bool:
    return number[:2].isalpha() and vatin.is_valid(number)


def _is_saudi(number: str) -> bool:
    return number[0] == number[-1] == "3"


def _is_emirati(number: str) -> bool:
    return number.startswith("100")


_VAT = dict.fromkeys(
    (
        *(f"AA{digits(length)}" for length in range(8, 13)),
        *("AAA99999999", "AA9999999A", "AA99999999A", "AAA9999999A", "AA999999999A99"),
        *("AAAA999999999", "AAA9999999999", "AA9A999999999"),
    ),
    0.7,
)
_RFC = {
    f"{'A' * letters}999999{''.join(end)}": 0.6
    for letters in (3, 4)
    for end in product("A9", repeat=3)
}
_KINDS = (
    Kind("VAT number", _VAT, ("vat", "ust id", "tva", "btw", "iva"), _is_vat),
    Kind("American EIN", {"99-9999999": 0.0, digits(9): 0.0},
         ("ein", "fein", "employer identification", "employer identification number"), "us.ein",
         is_strict=False),
    Kind("American ITIN", {digits(3, 2, 4, by="-"): 0.7, digits(9): 0.0}, ("itin",), "us.itin"),
    Kind("American PTIN", {"A99999999": 0.0}, ("ptin",), "us.ptin"),
    Kind("British UTR", {digits(10): 0.0, digits(5, 5): 0.3}, ("utr", "unique taxpayer"),
         "gb.utr"),
    Kind("German IdNr", {digits(11): 0.45, digits(2, 3, 3, 3): 0.8},
         ("idnr", "steuer id", "steuerid", "steueridentifikationsnummer", "identifikationsnummer"),
         "de.idnr"),
    Kind("German tax number", {"999/999/99999": 0.6, "99/999/99999": 0.6, "999/9999/9999": 0.6},
         ("steuernummer", "st nr"), "de.stnr", is_strict=False),
    Kind("Indian PAN", {"AAAAA9999A": 0.7}, ("pan", "pan card", "permanent account number"),
         "in_.pan", is_strict=False),
    Kind("Indian GSTIN", {"99AAAAA9999A9A9": 0.95, "99AAAAA9999A9AA": 0.95}, ("gstin", "gst"),
         "in_.gstin"),
    Kind("Brazilian CNPJ", {"99.999.999/9999-99": 0.95, digits(14): 0.4}, ("cnpj",), "br.cnpj"),
    Kind("Argentine CUIT", {"99-99999999-9": 0.8, digits(11): 0.3}, ("cuit", "cuil"), "ar.cuit"),
    Kind("Mexican RFC", _RFC, ("rfc",), "mx.rfc"),
    Kind("Italian VAT number", {digits(11): 0.3}, ("partita iva", "p iva"), "it.iva"),
    Kind("Polish NIP", {"999-999-99-99": 0.7, "999-99-99-999": 0.7, digits(10): 0.0}, ("nip",),
         "pl.nip"),
    Kind("Polish REGON", {digits(9): 0.0}, ("regon",), "pl.regon"),
    Kind("Portuguese NIF", {digits(9): 0.0, digits(3, 3, 3): 0.3}, ("nif", "contribuinte"),
         "pt.nif"),
    Kind("Spanish CIF", {"A99999999": 0.3, "A-99999999": 0.6, "A9999999A": 0.4}, ("cif", "nif"),
         "es.cif"),
    Kind("French SIREN", {digits(9): 0.0, digits(3, 3, 3): 0.3}, ("siren",), "fr.siren"),
    Kind("French SIRET", {digits(3, 3, 3, 5): 0.8, digits(14): 0.3}, ("siret",), "fr.siret"),
    Kind("French tax number", {digits(13): 0.3, digits(2, 2, 3, 3, 3): 0.7},
         ("spi", "numéro fiscal", "numero fiscal"), "fr.nif"),
    Kind("Greek AFM", {digits(9): 0.0}, ("afm", "αφμ"), "gr.vat"),
    Kind("Turkish VKN", {digits(10): 0.0}, ("vkn", "vergi kimlik", "vergi no"), "tr.vkn"),
    Kind("Russian INN", {digits(12): 0.4, digits(10): 0.0}, ("инн", "inn"), "ru.inn"),
    Kind("Ukrainian RNTRC", {digits(10): 0.0}, ("рнокпп", "іпн"), "ua.rntrc"),
    Kind("Australian TFN", {digits(3, 3, 3): 0.3, digits(9): 0.0}, ("tfn", "tax file number"),
         "au.tfn"),
    Kind("Australian ABN", {digits(2, 3, 3, 3): 0.7, digits(11): 0.3}, ("abn",), "au.abn"),
    Kind("New Zealand IRD number", {digits(3, 3, 3, by="-"): 0.4, digits(2, 3, 3, by="-"): 0.4,
         digits(9): 0.0, digits(8): 0.0}, ("ird",), "nz.ird"),
    Kind("Canadian business number", {digits(9): 0.0}, ("business number",), "ca.bn"),
    Kind("Colombian NIT", {"999.999.999-9": 0.8}, ("nit",), "co.nit"),
    Kind("Peruvian RUC", {digits(11): 0.4}, ("ruc",), "pe.ruc"),
    Kind("Venezuelan RIF", {"A-99999999-9": 0.9, "A999999999": 0.3}, ("rif",), "ve.rif"),
    Kind("Korean BRN", {digits(3, 2, 5, by="-"): 0.3}, ("brn", "사업자등록번호"), "kr.brn",
         is_strict=False),
    Kind("Indonesian NPWP", {"99.999.999.9-999.999": 0.95}, ("npwp",), "id.npwp"),
    Kind("Swiss UID", {"AAA-999.999.999": 0.95, "AAA999999999": 0.8}, ("uid", "mwst"), "ch.uid"),
    Kind("Belgian enterprise number", {"9999.999.999": 0.9, digits(10): 0.0},
         ("ondernemingsnummer", "numéro d'entreprise"), "be.vat"),
    Kind("Kenyan PIN", {"A999999999A": 0.6}, ("kra pin", "kra"), "ke.pin"),
    Kind("Egyptian tax number", {digits(9): 0.0, digits(3, 3, 3, by="-"): 0.0}, ("تسجيل ضريبي",),
         "eg.tn", is_strict=False),
    Kind("Saudi VAT number", {digits(15): 0.4}, ("zatca", "ضريبة قيمة مضافة"), _is_saudi),
    Kind("Emirati TRN", {digits(15): 0.4}, ("trn",), _is_emirati),
    Kind("Moroccan ICE", {digits(15): 0.4}, ("ice", "تعريف موحد"), "ma.ice"),
    Kind("South African tax number", {digits(10): 0.0}, ("sars",), "za.tin"),
)  # fmt: skip


def build(settings: PrivacySettings) -> NumberForms:
    """Return the recognizer; it has no settings."""
    return NumberForms(ENTITY_TYPE, _KINDS, words=_WORDS, hints=_HINTS)
