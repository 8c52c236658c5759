"""Numbers by which clinics and insurers know patients.

What is covered: the NHS number and British Columbia's by checksum; any number after words
such as "MRN", "patient id", "policy number", رقم الملف الطبي.

What is not covered: numbers without any such word, diagnoses, doses.

Source: checksums of python-stdnum; the form of Medicare's number follows the U.S. CMS.
"""

from __future__ import annotations

import re

from jisr.config import PrivacySettings
from jisr.privacy.recognizers.number_forms import Kind, NumberForms, digits

ENTITY_TYPE = "MEDICAL_RECORD"

_WORDS = (
    *("mrn", "medical record", "medical record number", "medical record no", "patient id"),
    *("patient number", "patient no", "chart number", "hospital number", "hospital no"),
    *("medical file", "health record", "health card", "health id", "health number"),
    *("policy number", "policy no", "insurance number", "insurance policy", "insurance id"),
    *("member id", "member number", "subscriber id", "group number", "medicaid", "medicare"),
    *("medicare number", "beneficiary number", "health plan", "krankenversichertennummer"),
    *("رقم ملف", "ملف طبي", "رقم ملف طبي", "رقم مريض", "سجل طبي", "رقم سجل طبي"),
    *("رقم وثيقة", "رقم بوليصة", "وثيقة تأمين", "بوليصة تأمين", "رقم تأمين", "بطاقة تأمين"),
    *("تأمين صحي", "رقم عضوية", "بطاقة صحية"),
)
_HINTS = ("patient", "hospital", "clinic", "gp", "مريض", "مستشفى", "عيادة")
_MEDICARE = re.compile(
    r"[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d"
    r"[AC-HJKMNP-RT-Y]{2}\d\d",
    re.IGNORECASE,
)


def _is_medicare(number: str) -> bool:
    return _MEDICARE.fullmatch(number) is not None


_KINDS = (
    Kind("NHS number", {digits(3, 3, 4): 0.5, digits(10): 0.0, digits(3, 3, 4, by="-"): 0.3},
         ("nhs", "nhs number", "nhs no"), "gb.nhs"),
    Kind("health number of British Columbia", {digits(4, 3, 3): 0.4, digits(10): 0.0},
         ("phn", "personal health number"), "ca.bc_phn"),
    Kind("Medicare number", {"9A99A99AA99": 0.5, "9AA9AA9AA99": 0.6, "9AA9A99AA99": 0.6,
         "9A99AA9AA99": 0.6, "9AA9-AA9-AA99": 0.8, "9A99-A99-AA99": 0.8}, ("mbi",), _is_medicare),
)  # fmt: skip


def build(settings: PrivacySettings) -> NumberForms:
    """Return the recognizer; it has no settings."""
    return NumberForms(ENTITY_TYPE, _KINDS, words=_WORDS, hints=_HINTS)
