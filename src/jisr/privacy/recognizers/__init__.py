"""The recognizers there are, by the entity type they find: one small file each."""

from __future__ import annotations

from importlib import import_module

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer

RECOGNIZERS: dict[str, str] = {
    "EMAIL_ADDRESS": "jisr.privacy.recognizers.email_address:build",
    "PHONE_NUMBER": "jisr.privacy.recognizers.phone_number:build",
    "CREDIT_CARD": "jisr.privacy.recognizers.credit_card:build",
    "IBAN_CODE": "jisr.privacy.recognizers.iban_code:build",
}
"""Entity type -> `module:attribute` of what builds its recognizer from the settings."""


def load_recognizers(settings: PrivacySettings) -> tuple[Recognizer, ...]:
    """Return a recognizer for every row of the table, imported now."""
    return tuple(_load(where, settings) for where in RECOGNIZERS.values())


def _load(where: str, settings: PrivacySettings) -> Recognizer:
    module, _, attribute = where.partition(":")
    recognizer: Recognizer = getattr(import_module(module), attribute)(settings)
    return recognizer
