"""The thread that owns a context: continuous batching of many sequences.

`step` is the whole of it: admit who waits, gather what each running sequence
appends, decode it in one pass, hand the logits to the tasks. Sequences that
decode come first in a pass, prefill fills the room that is left, in order of
arrival and in shorter pieces while others wait for their next token.

Source: scheduling by iteration, Yu et al. 2022, "Orca", OSDI '22; prefill in
pieces beside decoding, Agrawal et al. 2024, "Sarathi-Serve", arXiv:2403.02310.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from jisr.engine.llama import Append, Context, Logits
from jisr.engine.slots import Placement, Slot, Slots
from jisr.engine.tasks import Task
from jisr.errors import EngineBusy, EngineClosed, EngineError, JisrError

LOG = logging.getLogger(__name__)

SHARED_PREFILL_TOKENS = 64
"""Prefill in one pass while others decode: bounds what they wait for their next token."""
WORTH_ABORTING = 8
"""Tokens in a pass from which it is stopped midway for a task that left."""
CLOSE_TIMEOUT_S = 10.0


@dataclass(slots=True)
class _Running:
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

    def roll_back(self, context: Context) -> None:
        """Undo an aborted pass; what the cache lost with it is pending again."""
        kept = list(self.slot.tokens)
        truncate(context, self.slot, len(kept))
        self.pending.extendleft(reversed(kept[len(self.slot.tokens) :]))


class Scheduler:
    """Runs tasks over one context."""

    def __init__(self, context: Context, *, max_waiting: int) -> None:
        self._context = context
        self._slots = Slots(context.num_sequences)
        self._max_waiting = max_waiting
        self._waiting: deque[Task] = deque()
        self._running: list[_Running] = []
        self._in_pass: tuple[Task, ...] = ()
        """Tasks of a pass under way that is worth aborting."""
        self._changed = threading.Condition()
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="jisr-engine", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether its thread takes tasks."""
        return self._thread.is_alive() and not self._is_closing

    @property
    def num_running(self) -> int:
        """Tasks in a slot."""
        return len(self._running)

    @property
    def num_waiting(self) -> int:
        """Tasks that wait for a slot."""
        return len(self._waiting)

    def submit(self, task: Task) -> None:
        """Queue a task; any thread may.

        Raises:
            EngineBusy: Too many wait already.
            EngineClosed: The engine was shut down.
        """
        with self._changed:
            if self._is_closing:
                raise EngineClosed("The engine was shut down.")
            if len(self._waiting) >= self._max_waiting + self._num_free():
                raise EngineBusy(f"{len(self._waiting)} turns wait already; try again later.")
            self._waiting.append(task)
            self._changed.notify()

    def left(self, task: Task) -> None:
        """Act on a task's cancellation now: stop the pass it is in; any thread may."""
        with self._changed:
            if any(task is other for other in self._in_pass):
                self._context.abort()
            self._changed.notify()

    def close(self) -> bool:
        """Fail what waits and runs, stop the thread; return whether it did stop in time."""
        with self._changed:
            self._is_closing = True
            self._context.abort()
            self._changed.notify()
        if self._thread is not threading.current_thread():
            self._thread.join(CLOSE_TIMEOUT_S)
        return not self._thread.is_alive()

    def _num_free(self) -> int:
        return sum(not slot.is_taken for slot in self._slots.all)

    def _run(self) -> None:
        try:
            while self._wait_for_work():
                self.step()
            self._fail_all(EngineClosed("The engine was shut down."))
        except BaseException as error:
            LOG.exception("the engine stopped")
            self._is_closing = True
            self._fail_all(EngineError(f"The engine stopped: {error!r}. Start Jisr again."))

    def _wait_for_work(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._is_closing or self._waiting or self._running)
            return not self._is_closing

    def step(self) -> None:
        """Admit, gather, decode, deliver: one pass."""
        self._drop_cancelled()
        self._admit()
        chosen = self._gather()
        if not chosen:
            return
        appends = [append for _, append in chosen]
        with self._changed:
            if self._is_closing or any(running.task.is_cancelled for running, _ in chosen):
                return
            self._in_pass = _worth_aborting(chosen)
            self._context.clear_abort()
        began_ns = time.perf_counter_ns()
        rows = self._decode(appends)
        pass_us = (time.perf_counter_ns() - began_ns) // 1000
        for (running, append), row in zip(chosen, rows or [], strict=False):
            running.pass_us += pass_us if append.num_rows else 0
            self._deliver(running, append, row)

    def _drop_cancelled(self) -> None:
        for running in [r for r in self._running if r.task.is_cancelled]:
            self._finish(running)
        if self._waiting:
            with self._changed:
                self._waiting = deque(task for task in self._waiting if not task.is_cancelled)

    def _admit(self) -> None:
        while self._waiting:
            task = self._waiting[0]
            placement = self._slots.place(task.prompt, task.num_rows)
            if placement is None:
                return
            with self._changed:
                self._waiting.popleft()
            self._start(task, placement)

    def _start(self, task: Task, placement: Placement) -> None:
        slot, num_cached = placement.slot, placement.num_cached
        if placement.copy_of is not None:
            self._context.truncate(slot.seq_id, 0)
            self._context.copy(placement.copy_of.seq_id, slot.seq_id)
            slot.tokens = list(placement.copy_of.tokens)
        truncate(self._context, slot, num_cached)
        num_cached = len(slot.tokens)
        self._slots.take(slot)
        pending = deque(task.prompt[num_cached:])
        self._running.append(_Running(task, slot, pending, task.num_rows))
        task.begin(num_cached)

    def _gather(self) -> list[tuple[_Running, Append]]:
        """Choose what goes into the next pass: decoding first, then prefill by arrival."""
        decoding = [r for r in self._running if r.is_decoding]
        prefilling = [r for r in self._running if not r.is_decoding]
        room = self._context.batch_tokens
        chosen = _fill(room, decoding)
        if decoding:
            room -= sum(len(append.tokens) for _, append in chosen)
            room = min(room, SHARED_PREFILL_TOKENS)
        chosen += _fill(room, prefilling)
        # llama.cpp computes neighbours together only in the order of their ids
        return sorted(chosen, key=lambda pair: pair[1].seq_id)

    def _decode(self, appends: list[Append]) -> list[Logits] | None:
        try:
            rows = self._context.decode(appends)
        except EngineError as error:
            for slot in self._fail_running(error):
                truncate(self._context, slot, 0)
            return None
        finally:
            with self._changed:
                self._in_pass = ()
        if rows is None:
            for running in self._running:
                running.roll_back(self._context)
        return rows

    def _deliver(self, running: _Running, append: Append, rows: Logits) -> None:
        wanted = running.appended(append, rows)
        if wanted is None:
            return
        token = None if running.task.is_cancelled else _advance(running, wanted)
        if token is None:
            self._finish(running)
        else:
            running.pending.append(token)
            running.num_rows = 1
            running.rows.clear()
            running.pass_us = 0

    def _finish(self, running: _Running) -> None:
        self._running.remove(running)
        self._slots.release(running.slot)

    def _fail_all(self, error: JisrError) -> None:
        with self._changed:
            waiting, self._waiting = list(self._waiting), deque()
        self._fail_running(error)
        for task in waiting:
            _fail(task, error)

    def _fail_running(self, error: JisrError) -> list[Slot]:
        """Fail what runs; return the slots it was in."""
        running, self._running = self._running, []
        for task in [r.task for r in running]:
            _fail(task, error)
        for slot in [r.slot for r in running]:
            self._slots.release(slot)
        return [r.slot for r in running]


def truncate(context: Context, slot: Slot, num_tokens: int) -> None:
    """Forget all but the first tokens of a slot, or all if the model cannot forget a part."""
    if not context.truncate(slot.seq_id, num_tokens):
        num_tokens = 0
        context.truncate(slot.seq_id, 0)
    del slot.tokens[num_tokens:]


def _fill(room: int, runnings: Sequence[_Running]) -> list[tuple[_Running, Append]]:
    """Give the room of a pass to sequences, the first ones first."""
    chosen = []
    for running in runnings:
        if room > 0:
            append = running.append(room)
            chosen.append((running, append))
            room -= len(append.tokens)
    return chosen


def _advance(running: _Running, rows: Logits) -> int | None:
    """Let a task advance; what goes wrong in one is no other's trouble."""
    task = running.task
    try:
        return task.advance(rows, running.pass_us)
    except JisrError as error:
        _fail(task, error)
    except Exception as error:  # whatever a task's deliver raises
        LOG.exception("a task failed")
        _fail(task, EngineError(f"The completion broke off: {error!r}."))
    return None


def _fail(task: Task, error: JisrError) -> None:
    try:
        task.fail(error)
    except Exception:  # the same
        LOG.exception("a task could not be told that it failed")


def _worth_aborting(chosen: list[tuple[_Running, Append]]) -> tuple[Task, ...]:
    if sum(len(append.tokens) for _, append in chosen) < WORTH_ABORTING:
        return ()
    return tuple(running.task for running, _ in chosen)
