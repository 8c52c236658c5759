"""One sequence that a verifier works on: what is committed, and what is proposed to follow it.

Pure bookkeeping of token ids. It runs nothing: it says what the next pass is, and
takes what came out of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from jisr.joint.wire import MAX_BLOCK
from jisr.types import Sampling

MAX_PENDING = 2 * MAX_BLOCK
"""Drafted tokens that a session keeps; what is proposed beyond them is dropped."""


@dataclass(slots=True, kw_only=True)
class Session:
    """A sequence with its drafts."""

    number: int
    num_prompt: int
    """Length of the prompt, the first part of `tokens`."""
    tokens: list[int]
    """The prompt, and the output that is committed."""
    sampling: Sampling
    seed: int
    is_strict: bool
    """Whether the target's choices must be those of single-token passes, bit for bit."""
    max_tokens: int
    """Most tokens that it may ever hold, prompt included."""
    max_block: int
    """Most tokens of a pass: 1 is never any draft."""
    until: int
    """Length at which it waits for drafts; below it, it decodes alone."""
    num_known: int = 0
    """Length that the device has: a late verdict may tell it of more than it opened a session
    with. What is missing here is decoded alone, so that drafts can follow."""
    is_read: bool = False
    """Whether a pass over it has begun: its prompt is read, or being read."""
    is_ended: bool = False
    """Whether the target has ended it; nothing follows then."""
    pending: list[int] = field(default_factory=list)
    """Drafts for the places after `tokens`, those of a pass under way included."""

    @property
    def is_complete(self) -> bool:
        """Whether no token can follow any more."""
        return self.is_ended or len(self.tokens) >= self.max_tokens

    @property
    def is_due(self) -> bool:
        """Whether a pass is to be run, be it to read the prompt while drafts are on their way."""
        is_wanted = bool(self.pending) or len(self.tokens) < self.goal
        return not self.is_complete and (is_wanted or self.is_to_be_read)

    @property
    def is_to_be_read(self) -> bool:
        """Whether the device wants the prompt read before its first drafts come.

        The last token is left to the pass that judges them. A strict session is read with
        them: its pieces must be those of the target alone.
        """
        if self.is_strict or self.is_read or self.pending or self.until < self.num_prompt:
            return False
        return 1 < len(self.tokens) >= self.goal

    @property
    def goal(self) -> int:
        """Length up to which it decodes alone."""
        return max(self.until, self.num_known)

    def propose(self, position: int, drafted: Sequence[int]) -> None:
        """Take a guess of the tokens from `position` on.

        It is dropped if it leaves a gap or contradicts what is committed; pending drafts
        that it contradicts make way for it, and those behind them.
        """
        offset = position - len(self.tokens)
        if offset > len(self.pending):
            return
        if offset < 0:
            overlap = self.tokens[position : position + len(drafted)]
            if overlap != list(drafted[: len(overlap)]):
                return
            drafted, offset = drafted[-offset:], 0
            if not drafted:
                return
        if self.pending[offset : offset + len(drafted)] != list(drafted):
            self.pending[offset:] = drafted
            del self.pending[MAX_PENDING:]

    def block(self) -> list[int]:
        """Return the drafts of the next pass, which commits one token more at most."""
        room = self.max_tokens - len(self.tokens)
        return self.pending[: min(self.max_block, room) - 1]

    def num_alone(self, num_drafted: int) -> int:
        """Return how many tokens to decode alone behind a block, should it all be right."""
        if num_drafted < len(self.pending):
            return 0
        return max(0, min(self.goal, self.max_tokens) - len(self.tokens) - num_drafted - 1)

    def commit(self, tokens: Sequence[int], *, is_end: bool) -> None:
        """Take the target's own tokens; drafts that they contradict are dropped."""
        self.tokens.extend(tokens)
        self.is_ended = is_end
        agrees = self.pending[: len(tokens)] == list(tokens[: len(self.pending)])
        self.pending = self.pending[len(tokens) :] if agrees and not self.is_complete else []

    def forget(self) -> None:
        """Drop what is proposed, and decode alone no further."""
        self.pending = []
        self.until = 0
