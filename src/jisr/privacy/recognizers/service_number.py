"""Numbers by which a firm, school or club knows a person.

What is covered: numbers and codes of five digits and more after words such as "customer
number", "student id", "employee no", رقم العميل، الرقم الجامعي.

What is not covered: shorter numbers, and those of orders and tickets, which name no person.
"""

from __future__ import annotations

from jisr.config import PrivacySettings
from jisr.privacy.recognizers.number_forms import NumberForms

ENTITY_TYPE = "USERNAME"

_WHO = (
    *("customer", "client", "student", "employee", "staff", "member", "membership", "subscriber"),
    *("badge", "loyalty", "frequent flyer", "matriculation", "enrolment", "enrollment", "payroll"),
    *("personnel", "registrant", "applicant", "donor", "voter", "military", "service member"),
)
_WORDS = (
    *(f"{who} {number}" for who in _WHO for number in ("number", "id", "no", "code")),
    *("kundennummer", "matrikelnummer", "personalnummer", "mitgliedsnummer", "numéro client"),
    *("رقم عميل", "رقم زبون", "رقم مشترك", "رقم اشتراك", "رقم عضوية", "رقم طالب", "رقم جامعي"),
    *("رقم موظف", "رقم وظيفي", "رقم عسكري", "رقم قيد", "رقم منتسب"),
)


def build(settings: PrivacySettings) -> NumberForms:
    """Return the recognizer; it has no settings."""
    return NumberForms(ENTITY_TYPE, (), words=_WORDS)
