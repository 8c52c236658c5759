"""What goes into the next pass: which sequences, and how many tokens of each.

There are three kinds of passes, and where there is work for more than one they
take turns. *Free* ones hold sequences that decode, and in the room that is left
prefill by arrival, in shorter pieces while others wait for their next token. The
*prompt* of a strict task (see `Task.strict_prompt`) is computed in pieces of a
fixed length at fixed places, each in a pass of its own. *Strict* passes hold what
comes behind such prompts, never more tokens in all than the limit up to which
logits equal those of single-token passes; who decodes freely may ride with them.

Whatever runs beside it, a strict sequence is so computed in passes that give the
same bits.

Source: prefill in pieces beside decoding, Agrawal et al. 2024, "Sarathi-Serve",
arXiv:2403.02310.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import islice

import numpy as np

from jisr.engine.llama import Append, Context, Logits
from jisr.engine.slots import Slot
from jisr.engine.tasks import Task

SHARED_PREFILL_TOKENS = 64
"""Prefill in one pass while others decode: bounds what they wait for their next token."""


@dataclass(slots=True, eq=False)
class Running:
    """A task in its slot."""

    task: Task
    slot: Slot
    pending: deque[int] = field(default_factory=deque)
    """Tokens that are not in the KV cache yet."""
    num_rows: int = 1
    """Of how many of the last pending tokens the logits are wanted."""
    rows: list[Logits] = field(default_factory=list)
    """Rows wanted that came out of earlier passes."""
    pass_us: int = 0
    """Microseconds of the passes that those rows, and the next ones, came out of."""

    @property
    def is_decoding(self) -> bool:
        """Whether only its wanted rows are left to compute, and few enough for one pass."""
        return len(self.pending) == self.num_rows <= SHARED_PREFILL_TOKENS

    @property
    def kind(self) -> Kind:
        """The kind of passes that its next tokens belong to."""
        if self.task.strict_prompt is None:
            return Kind.FREE
        return Kind.PROMPT if self.num_prompt_left > 0 else Kind.STRICT

    @property
    def num_prompt_left(self) -> int:
        """Tokens of a strict task's prompt part that are not in the KV cache yet, if above 0."""
        return (self.task.strict_prompt or 0) - len(self.slot.tokens)

    def append(self, room: int) -> Append:
        """Return what it adds to the next pass, at most `room` tokens."""
        length = min(room, len(self.pending))
        num_rows = max(0, length - (len(self.pending) - self.num_rows))
        tokens = list(islice(self.pending, length))
        return Append(self.slot.seq_id, len(self.slot.tokens), tokens, num_rows)

    def appended(self, append: Append, rows: Logits) -> Logits | None:
        """Take note of what a pass added; return all rows wanted once they are there."""
        self.slot.tokens.extend(append.tokens)
        for _ in append.tokens:
            self.pending.popleft()
        self.num_rows -= append.num_rows
        if not self.pending and not self.rows:
            return rows
        if append.num_rows:
            self.rows.append(np.array(rows))
        return None if self.pending else np.concatenate(self.rows)

    def go_on(self, token: int) -> None:
        """Append the next token, whose row is wanted."""
        self.pending.append(token)
        self.num_rows = 1
        self.rows.clear()
        self.pass_us = 0

    def roll_back(self, context: Context) -> None:
        """Undo an aborted pass; what the cache lost with it is pending again."""
        kept = list(self.slot.tokens)
        truncate(context, self.slot, len(kept))
        self.pending.extendleft(reversed(kept[len(self.slot.tokens) :]))


Chosen = list[tuple[Running, Append]]
"""What a pass is made of."""


class Kind(Enum):
    """The kinds of passes."""

    FREE = auto()
    PROMPT = auto()
    STRICT = auto()


class Passes:
    """Chooses pass after pass, so that none who runs is forgotten."""

    def __init__(self, batch_tokens: int, strict_block: int) -> None:
        """Take the limits.

        Args:
            batch_tokens: Most tokens of a pass; 1 or more.
            strict_block: Most tokens of a strict pass; 1 to `batch_tokens`.
        """
        self._batch_tokens = batch_tokens
        self.strict_block = strict_block
        """Most tokens of a strict pass."""
        self._turns = list(Kind)
        """The kind whose last pass is longest ago comes first."""
        self._strict: list[Running] = []
        """Who runs strictly; whose last pass is longest ago comes first."""

    def choose(self, running: Sequence[Running]) -> Chosen:
        """Return what the next pass is made of, in the order of sequence ids; may be nothing."""
        work: dict[Kind, list[Running]] = {kind: [] for kind in Kind}
        for it in running:
            work[it.kind].append(it)
        kind = next((kind for kind in self._turns if work[kind]), Kind.FREE)
        self._had_its_turn(kind)
        if kind is Kind.FREE and work[Kind.STRICT] and self._can_all_ride(running):
            kind = Kind.STRICT
            self._had_its_turn(kind)
        if kind is Kind.FREE:
            chosen = self._free(work[kind])
        elif kind is Kind.PROMPT:
            first = work[kind][0]
            chosen = [(first, first.append(min(self._batch_tokens, first.num_prompt_left)))]
        else:
            chosen = self._strictly(work[kind], work[Kind.FREE])
        # llama.cpp computes neighbours together only in the order of their ids
        return sorted(chosen, key=lambda pair: pair[1].seq_id)

    def _had_its_turn(self, kind: Kind) -> None:
        self._turns.remove(kind)
        self._turns.append(kind)

    def _can_all_ride(self, running: Sequence[Running]) -> bool:
        """Whether one strict pass serves all who decode, and nobody else waits for a free one."""
        ready = [it for it in running if it.kind is not Kind.PROMPT]
        is_decoding = all(it.is_decoding for it in ready)
        return is_decoding and sum(len(it.pending) for it in ready) <= self.strict_block

    def _free(self, running: Sequence[Running]) -> Chosen:
        """Choose who decodes, then prefill by arrival."""
        decoding = [it for it in running if it.is_decoding]
        prefilling = [it for it in running if not it.is_decoding]
        room = self._batch_tokens
        chosen = _fill(room, decoding)
        if decoding:
            room = min(room - _num_tokens(chosen), SHARED_PREFILL_TOKENS)
        return chosen + _fill(room, prefilling)

    def _strictly(self, strict: Sequence[Running], free: Sequence[Running]) -> Chosen:
        """Choose who runs strictly, in turns and whole blocks where they fit; then who may ride."""
        known = [it for it in self._strict if it in strict]
        known += [it for it in strict if it not in known]
        chosen: Chosen = []
        room = self.strict_block
        for it in [*known, *(it for it in free if it.is_decoding)]:
            # a block is cut only if it fits into no pass
            if room > 0 and (
                len(it.pending) <= room
                or (it.kind is Kind.STRICT and (not chosen or len(it.pending) > self.strict_block))
            ):
                append = it.append(room)
                chosen.append((it, append))
                room -= len(append.tokens)
        served = [it for it, _ in chosen]
        self._strict = [it for it in known if it not in served]
        self._strict += [it for it in known if it in served]
        return chosen


def truncate(context: Context, slot: Slot, num_tokens: int) -> None:
    """Forget all but the first tokens of a slot, or all if the model cannot forget a part."""
    if not context.truncate(slot.seq_id, num_tokens):
        num_tokens = 0
        context.truncate(slot.seq_id, 0)
    del slot.tokens[num_tokens:]


def _num_tokens(chosen: Chosen) -> int:
    return sum(len(append.tokens) for _, append in chosen)


def _fill(room: int, runnings: Sequence[Running]) -> Chosen:
    """Give the room of a pass to sequences, the first ones first."""
    chosen = []
    for running in runnings:
        if room > 0:
            append = running.append(room)
            chosen.append((running, append))
            room -= len(append.tokens)
    return chosen
