"""Network cards' addresses: six bytes in hexadecimal, in any of their three forms.

What is covered: `00:1A:2B:3C:4D:5E`, with dashes too, and `001a.2b3c.4d5e`.

What is not covered: twelve digits in one block; broadcast and empty addresses, which everybody
has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy.base import Span

ENTITY_TYPE = "MAC_ADDRESS"

_FORM = re.compile(
    r"(?<![\w:.-])(?:[0-9A-Fa-f]{2}(?P<by>[:-])(?:[0-9A-Fa-f]{2}(?P=by)){4}[0-9A-Fa-f]{2}"
    r"|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})(?![\w:]|[.-][0-9A-Fa-f])"
)
_EVERYBODYS = re.compile(r"(?:[0:.-]+|[fF:.-]+)")


def build(settings: PrivacySettings) -> MacRecognizer:
    """Return the recognizer; it has no settings."""
    return MacRecognizer()


class MacRecognizer:
    """Finds network cards' addresses."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the addresses of `text`."""
        for match in _FORM.finditer(text):
            if not _EVERYBODYS.fullmatch(match[0]):
                yield Span(*match.span(), ENTITY_TYPE, 0.9, "six bytes in pairs or fours")
