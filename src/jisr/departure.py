"""What is told of every sending before it happens, and to whom.

A departure says where bytes go, what for and what was private in the turn they are of. It holds
the bytes themselves for the length of one call: who is told of it keeps a digest and no text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Errand(StrEnum):
    """What bytes are sent for."""

    COMPLETION = "completion"
    """A turn, to be answered."""
    VERIFY = "verify"
    """A turn, or drafts of its answer, to a model that verifies."""
    MODELS = "models"
    """To hear what a service serves; nothing of any turn."""
    PULL = "pull"
    """To get weights; nothing of any turn."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What may be told of a turn that leaves: none of its text."""

    turn_id: str = ""
    spans: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Number of private spans by entity type, then by what was done with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """One sending, before it happens."""

    scheme: str
    host: str
    port: int
    path: str
    """Which of a service's paths, without what stands before it: `chat/completions`."""
    errand: Errand
    body: bytes = field(repr=False)
    """Payload; headers, and what TLS adds, are not counted."""
    manifest: Manifest = field(default_factory=Manifest)
    is_loopback: bool = False
    """It goes to this very machine."""


class Auditor(Protocol):
    """Is told of every sending before it happens."""

    def note(self, departure: Departure) -> None:
        """Keep a departure; return only when it is kept. Threads may call it at once.

        Raises:
            PrivacyError: It could not be kept, so that nothing may be sent.
        """
        ...

    def note_at_once(self, departure: Departure) -> bool:
        """Keep a departure if that takes no wait; return whether it did.

        Raises:
            PrivacyError: It could not be kept, so that nothing may be sent.
        """
        ...


class Unaudited:
    """Keeps nothing: for who turned the log off, and for what is measured."""

    def note(self, departure: Departure) -> None:
        """Keep nothing."""

    def note_at_once(self, departure: Departure) -> bool:
        """Keep nothing."""
        return True


@dataclass(slots=True)
class Noted:
    """Keeps departures in memory: for tests."""

    departures: list[Departure] = field(default_factory=list)

    def note(self, departure: Departure) -> None:
        """Keep a departure."""
        self.departures.append(departure)

    def note_at_once(self, departure: Departure) -> bool:
        """Keep a departure."""
        self.note(departure)
        return True
