"""The recognizers there are, by the entity type they find: one small file each."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module

from jisr.config import PrivacySettings
from jisr.errors import ConfigError
from jisr.privacy.base import Recognizer

RECOGNIZERS: dict[str, str] = {
    "EMAIL_ADDRESS": "jisr.privacy.recognizers.email_address:build",
    "PHONE_NUMBER": "jisr.privacy.recognizers.phone_number:build",
    "CREDIT_CARD": "jisr.privacy.recognizers.credit_card:build",
    "IBAN_CODE": "jisr.privacy.recognizers.iban_code:build",
}
"""Entity type -> `module:attribute` of what builds its recognizer from the settings."""


def load_recognizers(settings: PrivacySettings) -> tuple[Recognizer, ...]:
    """Return a recognizer for every row of the table, imported now.

    Raises:
        ConfigError: A setting names an entity type that no recognizer finds, or a region
            that has no phone numbers.
    """
    for entity_type in settings.stay:
        _check_type(entity_type)
    return tuple(_load(where, settings) for where in RECOGNIZERS.values())


def _check_type(entity_type: str) -> None:
    if entity_type in RECOGNIZERS:
        return
    near = get_close_matches(entity_type.upper(), RECOGNIZERS, n=1, cutoff=0.3)
    remedy = f"did you mean {near[0]}?" if near else f"there are {', '.join(RECOGNIZERS)}"
    raise ConfigError(f"privacy.stay names {entity_type!r}, which nothing finds: {remedy}")


def _load(where: str, settings: PrivacySettings) -> Recognizer:
    module, _, attribute = where.partition(":")
    recognizer: Recognizer = getattr(import_module(module), attribute)(settings)
    return recognizer
