"""Licence plates of vehicles, in Latin and in Arabic letters.

What is covered: letters and digits in the groups that plates have, near words such as "license
plate", "registration number", رقم اللوحة; the British form, and Arabic letters apart from one
another with digits, also alone.

What is not covered: other plates without such words; plates of one's own choice (`COOL1`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy.base import Span
from jisr.privacy.context_words import NOT_PERSONAL, ContextWords, is_nearer

ENTITY_TYPE = "LICENSE_PLATE"

_WORDS = ContextWords(
    [
        *("license plate", "licence plate", "number plate", "plate", "plate number", "plate no"),
        *("registration number", "registration plate", "car registration", "vehicle registration"),
        *("reg number", "reg no", "vrm", "vrn", "kennzeichen", "matrícula", "immatriculation"),
        *("targa", "kenteken", "car number", "vehicle number", "vehicle", "car"),
        *("لوحة", "رقم لوحة", "لوحة سيارة", "سيارة", "مركبة", "رقم سيارة", "رقم مركبة"),
    ]
)
_WEAK = frozenset({"vehicle", "car", "سيارة", "مركبة"})
_LETTER = "[\u0621-\u063a\u0641-\u064a]"
_PLATE = re.compile(
    r"(?<![\w+$€£@/.-])(?:"
    r"(?P<british>[A-Z]{2}[0-9]{2}[ ]?[A-Z]{3})"
    rf"|(?P<arabic>(?:{_LETTER}[ -]){{1,2}}{_LETTER}[ -]{{1,3}}\d{{1,5}}"
    rf"|\d{{1,5}}[ -]{{1,3}}(?:{_LETTER}[ -]){{1,2}}{_LETTER})"
    rf"|(?P<close>{_LETTER}{{1,3}}[ -]?\d{{2,6}}|\d{{2,6}}[ /-]{_LETTER}{{1,3}})"
    r"|(?P<latin>[A-Z]{1,3}[ -]?[A-Z]{0,2}[ -]?[0-9]{2,6}|[0-9]{1,4}[ -]?[A-Z]{1,3}[ -]?[0-9]{0,4}"
    r"|[A-Z]{1,3}[ -][0-9]{1,4}[ -][A-Z]{1,3}|[A-Z]{2}[ -]?[0-9]{2}[ -]?[A-Z]{1,3}[ -]?[0-9]{1,4}"
    r"|[A-Z]{2}[ -][0-9]{3}[ -][A-Z]{2}|[A-Z]{2,4}[ -][A-Z][ -][0-9]{1,5}|[0-9][A-Z]{3}[0-9]{3})"
    r"|(?P<digits>[0-9]{3,6})"
    r")(?![\w@-]|[.,]\d)"
)


def build(settings: PrivacySettings) -> PlateRecognizer:
    """Return the recognizer; it has no settings."""
    return PlateRecognizer()


class PlateRecognizer:
    """Finds licence plates."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the plates of `text`."""
        plates = list(_PLATE.finditer(text))
        if not plates:
            return
        words, others = _WORDS.scan(text), NOT_PERSONAL.scan(text)
        for plate in plates:
            cue = words.near(*plate.span())
            is_named = is_nearer(cue, others.near(*plate.span()))
            form = plate.lastgroup
            if cue and is_named and (cue.word not in _WEAK or form in ("british", "arabic")):
                yield Span(*plate.span(), ENTITY_TYPE, 0.8, f"form of a plate, {cue.why}")
            elif cue and is_named and form == "latin":
                yield Span(*plate.span(), ENTITY_TYPE, 0.4, f"form of a plate, {cue.why}")
            elif form in ("british", "arabic") and " " in plate[0]:
                yield Span(*plate.span(), ENTITY_TYPE, 0.4, f"{form} form of a plate")
