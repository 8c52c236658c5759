"""The recognizers there are: one small file each."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module

from jisr.config import PrivacySettings
from jisr.errors import ConfigError
from jisr.privacy.base import Recognizer
from jisr.privacy.entities import ENTITY_TYPES

RECOGNIZERS: dict[str, str] = {
    "own_words": "jisr.privacy.recognizers.own_words:build",
    "email_address": "jisr.privacy.recognizers.email_address:build",
    "phone_number": "jisr.privacy.recognizers.phone_number:build",
    "credit_card": "jisr.privacy.recognizers.credit_card:build",
    "iban_code": "jisr.privacy.recognizers.iban_code:build",
    "service_number": "jisr.privacy.recognizers.service_number:build",
    "username": "jisr.privacy.recognizers.username:build",
    "api_key": "jisr.privacy.recognizers.api_key:build",
    "connection_string": "jisr.privacy.recognizers.connection_string:build",
    "private_key": "jisr.privacy.recognizers.private_key:build",
    "password": "jisr.privacy.recognizers.password:build",
    "url": "jisr.privacy.recognizers.url:build",
    "domain_name": "jisr.privacy.recognizers.domain_name:build",
    "mac_address": "jisr.privacy.recognizers.mac_address:build",
    "ip_address": "jisr.privacy.recognizers.ip_address:build",
    "bank_account": "jisr.privacy.recognizers.bank_account:build",
    "medical_record": "jisr.privacy.recognizers.medical_record:build",
    "license_plate": "jisr.privacy.recognizers.license_plate:build",
    "driver_license": "jisr.privacy.recognizers.driver_license:build",
    "passport": "jisr.privacy.recognizers.passport:build",
    "tax_number": "jisr.privacy.recognizers.tax_number:build",
    "national_id": "jisr.privacy.recognizers.national_id:build",
    "street_address": "jisr.privacy.recognizers.street_address:build",
    "postcode": "jisr.privacy.recognizers.postcode:build",
    "age": "jisr.privacy.recognizers.age:build",
    "birth_date": "jisr.privacy.recognizers.birth_date:build",
    "coordinates": "jisr.privacy.recognizers.coordinates:build",
    "nationality": "jisr.privacy.recognizers.nationality:build",
    "proper_names": "jisr.privacy.recognizers.proper_names:build",
    "arabic_names": "jisr.privacy.recognizers.arabic_names:build",
    "stated_names": "jisr.privacy.recognizers.stated_names:build",
    "firm_names": "jisr.privacy.recognizers.firm_names:build",
    "slots": "jisr.privacy.recognizers.slots:build",
    "unknown_words": "jisr.privacy.recognizers.unknown_words:build",
    "named_entities": "jisr.privacy.recognizers.named_entities:build",
    "told_number": "jisr.privacy.recognizers.told_number:build",
}
"""Name -> `module:attribute` of what builds it from the settings."""


def load_recognizers(settings: PrivacySettings) -> tuple[Recognizer, ...]:
    """Return a recognizer for every row of the table, imported now.

    Raises:
        ConfigError: A setting names an entity type that is not known, or a region
            that has no phone numbers.
    """
    for entity_type in settings.stay:
        _check_type(entity_type)
    return tuple(_load(where, settings) for where in RECOGNIZERS.values())


def _check_type(entity_type: str) -> None:
    if entity_type in ENTITY_TYPES:
        return
    near = get_close_matches(entity_type.upper(), ENTITY_TYPES, n=1, cutoff=0.3)
    remedy = f"did you mean {near[0]}?" if near else f"there are {', '.join(ENTITY_TYPES)}"
    raise ConfigError(f"privacy.stay names {entity_type!r}, which is none: {remedy}")


def _load(where: str, settings: PrivacySettings) -> Recognizer:
    module, _, attribute = where.partition(":")
    recognizer: Recognizer = getattr(import_module(module), attribute)(settings)
    return recognizer
