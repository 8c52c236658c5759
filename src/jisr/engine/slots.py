"""The sequences of a context as slots, and the prefixes that they still remember.

A slot keeps the tokens of its last turn until somebody needs the room: a turn
that starts with the same tokens then prefills only what is new. Each slot holds
at most one context's length, so memory is bounded from the start. When all are
taken a turn waits; when it comes, an empty slot makes room, else one beside those
that run, else the one used longest ago.

A strict task (see `Task.strict_prompt`) finds only what was computed just as it
would compute it: all in a slot that is marked with the same length of prompt, and
the whole pieces of a prompt in one that is marked with another.

This module decides only; `scheduler` does it.

Source: slots that keep their last prompt, and the choice by common prefix then
least recent use, as in llama.cpp's server (`llama-server`, `cache_prompt`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

WORTH_COPYING = 32
"""Tokens from which a copy of a whole sequence is cheaper than their prefill."""


@dataclass(slots=True)
class Slot:
    """One sequence of the context."""

    seq_id: int
    tokens: list[int] = field(default_factory=list)
    """What its KV cache holds, oldest first."""
    is_taken: bool = False
    last_used: int = 0
    strict_prompt: int | None = None
    """Length of the prompt part, if all that it holds was computed strictly; else None."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a turn goes, and what it finds there."""

    slot: Slot
    num_cached: int
    """Tokens of its prompt that need no prefill."""
    copy_of: Slot | None = None
    """The slot they must be copied from first; None: they are there."""


class Slots:
    """All slots of a context."""

    def __init__(self, num_slots: int, *, batch_tokens: int = 512) -> None:
        """Begin with empty slots; strict prompts are computed in pieces of `batch_tokens`."""
        self.all = [Slot(seq_id) for seq_id in range(num_slots)]
        self._batch_tokens = batch_tokens
        self._uses = 0

    def place(
        self, prompt: Sequence[int], num_rows: int = 1, strict_prompt: int | None = None
    ) -> Placement | None:
        """Choose a slot for a prompt; None if all are taken. Nothing is changed.

        Args:
            prompt: The tokens to be in the slot.
            num_rows: How many of the last must be computed anew, for their logits.
            strict_prompt: As in `Task`.
        """
        free = [slot for slot in self.all if not slot.is_taken]
        if not free:
            return None
        usable = len(prompt) - num_rows
        if strict_prompt is not None:
            return self._place_strictly(free, prompt, usable, strict_prompt)
        shared = {slot.seq_id: common_prefix(slot.tokens, prompt, usable) for slot in self.all}
        best = max(self.all, key=lambda slot: (shared[slot.seq_id], not slot.is_taken))
        victim = min(free, key=self._loss)
        num_cached = shared[best.seq_id]
        lost = len(best.tokens) - num_cached
        if not best.is_taken and (best is victim or lost < min(num_cached, WORTH_COPYING)):
            return Placement(best, num_cached)
        if num_cached >= WORTH_COPYING and best is not victim:
            return Placement(victim, num_cached, copy_of=best)
        return Placement(victim, shared[victim.seq_id])

    def _place_strictly(
        self, free: Sequence[Slot], prompt: Sequence[int], usable: int, strict_prompt: int
    ) -> Placement:
        shared = {
            slot.seq_id: self._strictly_shared(slot, prompt, usable, strict_prompt) for slot in free
        }
        best = max(free, key=lambda slot: shared[slot.seq_id])
        if shared[best.seq_id] == 0:
            best = min(free, key=self._loss)
        return Placement(best, shared[best.seq_id])

    def _strictly_shared(
        self, slot: Slot, prompt: Sequence[int], usable: int, strict_prompt: int
    ) -> int:
        if slot.strict_prompt is None:
            return 0
        shared = common_prefix(slot.tokens, prompt, usable)
        if slot.strict_prompt == strict_prompt <= shared:
            return shared
        in_both = min(shared, strict_prompt, slot.strict_prompt)
        return in_both // self._batch_tokens * self._batch_tokens

    def _loss(self, slot: Slot) -> tuple[bool, int, int]:
        """Return what giving up a free slot costs; the least goes first.

        llama.cpp computes sequences together only if their ids are consecutive, so
        a gap beside those that run costs every step.
        """
        running = [other.seq_id for other in self.all if other.is_taken]
        gap = min((abs(slot.seq_id - seq_id) for seq_id in running), default=0)
        return len(slot.tokens) > 0, gap, slot.last_used

    def take(self, slot: Slot) -> None:
        """Mark a slot as in use."""
        self._uses += 1
        slot.is_taken, slot.last_used = True, self._uses

    def release(self, slot: Slot) -> None:
        """Give a slot back; what it holds stays for whoever starts with the same."""
        self._uses += 1
        slot.is_taken, slot.last_used = False, self._uses


def common_prefix(a: Sequence[int], b: Sequence[int], limit: int) -> int:
    """Return how many tokens two sequences share from their start, at most `limit`."""
    limit = max(0, min(limit, len(a), len(b)))
    if a[:limit] == b[:limit]:
        return limit
    return next((i for i in range(limit) if a[i] != b[i]), limit)
