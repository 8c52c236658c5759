"""A conversation: what was said so far, and the next turn made of it.

Each turn is decided anew: an earlier one that went to the cloud does not pull
the next one there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from jisr.types import Message, Request, Role, Sampling, Wish


@dataclass(slots=True)
class Conversation:
    """The history of one conversation, oldest first."""

    system: str | None = None
    """Instructions that stand before everything; None: none."""
    messages: list[Message] = field(default_factory=list)

    def turn(
        self, text: str, *, wish: Wish, sampling: Sampling, is_private: bool = False
    ) -> Request:
        """Return the turn that says `text` next; the history is not changed by it."""
        before = [Message(Role.SYSTEM, self.system)] if self.system else []
        messages = (*before, *self.messages, Message(Role.USER, text))
        return Request(messages=messages, sampling=sampling, wish=wish, is_private=is_private)

    def keep(self, text: str, answer: str) -> None:
        """Add what was said and answered to the history."""
        self.messages += [Message(Role.USER, text), Message(Role.ASSISTANT, answer)]

    def forget(self) -> None:
        """Start again; the instructions stay."""
        self.messages.clear()
