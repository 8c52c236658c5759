"""The thread that owns a context: continuous batching of many sequences.

`step` is the whole of it: admit who waits, gather what each running sequence
appends (see `passes`), decode it in one pass, hand the logits to the tasks.

Source: scheduling by iteration, Yu et al. 2022, "Orca", OSDI '22.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque

from jisr.engine.llama import Append, Context, Logits
from jisr.engine.passes import Chosen, Passes, Running, truncate
from jisr.engine.slots import Placement, Slot, Slots
from jisr.engine.tasks import Task
from jisr.errors import EngineBusy, EngineClosed, EngineError, JisrError

LOG = logging.getLogger(__name__)

WORTH_ABORTING = 8
"""Tokens in a pass from which it is stopped midway for a task that left."""
CLOSE_TIMEOUT_S = 10.0


class Scheduler:
    """Runs tasks over one context."""

    def __init__(self, context: Context, *, max_waiting: int, strict_block: int = 1) -> None:
        """Start the thread.

        Args:
            context: Belongs to the scheduler's thread from now on.
            max_waiting: Tasks that may wait for a sequence.
            strict_block: Tokens of a pass up to which its logits are bit for bit those of
                single-token passes.
        """
        self._context = context
        self._slots = Slots(context.num_sequences, batch_tokens=context.batch_tokens)
        self._passes = Passes(context.batch_tokens, min(strict_block, context.batch_tokens))
        self._max_waiting = max_waiting
        self._waiting: deque[Task] = deque()
        self._running: list[Running] = []
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
        """Act on a task's cancellation now: it waits no more, its pass stops; any thread may."""
        with self._changed:
            self._waiting = deque(other for other in self._waiting if other is not task)
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
        chosen = self._passes.choose(self._running)
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
        while (task := self._next_waiting()) is not None:
            placement = self._slots.place(task.prompt, task.num_rows, task.strict_prompt)
            if placement is None:
                return
            with self._changed:
                if self._next_waiting() is not task:  # it left meanwhile
                    continue
                self._waiting.popleft()
            self._start(task, placement)

    def _next_waiting(self) -> Task | None:
        with self._changed:
            return self._waiting[0] if self._waiting else None

    def _start(self, task: Task, placement: Placement) -> None:
        slot, num_cached = placement.slot, placement.num_cached
        if placement.copy_of is not None:
            self._context.truncate(slot.seq_id, 0)
            self._context.copy(placement.copy_of.seq_id, slot.seq_id)
            slot.tokens = list(placement.copy_of.tokens)
        truncate(self._context, slot, num_cached)
        num_cached = len(slot.tokens)
        self._slots.take(slot)
        slot.strict_prompt = task.strict_prompt
        pending = deque(task.prompt[num_cached:])
        self._running.append(Running(task, slot, pending, task.num_rows))
        task.begin(num_cached)

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

    def _deliver(self, running: Running, append: Append, rows: Logits) -> None:
        wanted = running.appended(append, rows)
        if wanted is None:
            return
        token = None if running.task.is_cancelled else _advance(running, wanted)
        if token is None:
            self._finish(running)
        else:
            running.go_on(token)

    def _finish(self, running: Running) -> None:
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


def _advance(running: Running, rows: Logits) -> int | None:
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


def _worth_aborting(chosen: Chosen) -> tuple[Task, ...]:
    if sum(len(append.tokens) for _, append in chosen) < WORTH_ABORTING:
        return ()
    return tuple(running.task for running, _ in chosen)
