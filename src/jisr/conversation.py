"""A conversation: what was said so far, and the next turn made of it.

Each turn is decided anew: an earlier one that went to the cloud does not pull
the next one there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from jisr.types import Message, Role


@dataclass(slots=True)
class Conversation:
    """The history of one conversation, oldest first."""

    system: str | None = None
    """Instructions that stand before everything; None: none."""
    messages: list[Message] = field(default_factory=list)

    def with_next(self, text: str) -> tuple[Message, ...]:
        """Return the messages of the turn that says `text` next; the history stays as it is."""
        before = [Message(Role.SYSTEM, self.system)] if self.system else []
        return (*before, *self.messages, Message(Role.USER, text))

    def keep(self, text: str, answer: str) -> None:
        """Add what was said and answered to the history."""
        self.messages += [Message(Role.USER, text), Message(Role.ASSISTANT, answer)]

    def forget(self) -> None:
        """Start again; the instructions stay."""
        self.messages.clear()
