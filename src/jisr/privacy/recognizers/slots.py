"""Slots of a template in which a name or address is to be written: `[Your Name]`.

What is covered: slots in angle, square and double curly brackets whose words say that a person,
firm, place, address or number stands for them, other tools' placeholders among them
(`<PERSON>`). What fills a slot is private, and the slot tells what it is: it is kept apart as
the name itself would be, and comes back as it was written.

What is not covered: slots with other words (`[your text]`), and Jisr's own placeholders.

Source: the words were chosen by the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy.base import Span

SCORE = 0.6

_SLOT = re.compile(
    r"<(?P<angle>[A-Za-z_ ]{4,60})>|\[(?P<square>[A-Za-z'’_ ]{4,60})\]"
    r"|\{\{ ?(?P<curly>[A-Za-z_ ]{4,60}) ?\}\}"
)
_TYPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("EMAIL_ADDRESS", re.compile(r"e-?mail", re.IGNORECASE)),
    ("PHONE_NUMBER", re.compile(r"phone|mobile|telephone", re.IGNORECASE)),
    (
        "ORGANIZATION",
        re.compile(r"compan|organi[sz]ation|employer|universit|school", re.IGNORECASE),
    ),
    ("STREET_ADDRESS", re.compile(r"addres", re.IGNORECASE)),
    ("CITY", re.compile(r"\bcity|location|\btown", re.IGNORECASE)),
    ("PERSON", re.compile(r"person|\bname|name\b|sender|recipient", re.IGNORECASE)),
)


def build(settings: PrivacySettings) -> SlotRecognizer:
    """Return the recognizer; it has no settings."""
    return SlotRecognizer()


class SlotRecognizer:
    """Finds slots for what is private."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the slots of `text`, brackets included."""
        for match in _SLOT.finditer(text):
            words = match["angle"] or match["square"] or match["curly"]
            for entity_type, pattern in _TYPES:
                if pattern.search(words.replace("_", " ")):
                    yield Span(*match.span(), entity_type, SCORE, "slot for one in a template")
                    break
