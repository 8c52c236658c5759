"""What every turn did and cost, on disk. It holds no text of any turn.

A turn hands its record over and goes on: one thread writes, many rows to a commit. What
can happen to a file never reaches the turn:

- another process has it locked: rows are kept and tried again; what is still unwritten at
  the end, or too much to keep, goes to `ledger-spill-*.jsonl` beside it, which the next
  start takes in; such a file stays where it is if it has lines that cannot be read;
- it is damaged: it is moved aside as `ledger-damaged-*.sqlite3` and a new one begun;
- the disk is full or read-only: rows are kept, then spilled; if that fails as well the
  oldest are dropped. Each is logged as a warning.
"""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from jisr.clock import Clock, SystemClock
from jisr.errors import LedgerError
from jisr.ledger.rows import Row, microseconds, record_of, row_of, usd_of
from jisr.ledger.spending import Spending
from jisr.ledger.store import FAULTS, Store
from jisr.ledger.totals import Totals
from jisr.ledger.writer import MAX_KEPT, Outcome, Writer
from jisr.types import TurnRecord

FILE_NAME = "ledger.sqlite3"
"""Name of a device's ledger in the `home` folder."""
LINGER_S = 0.05
"""How long the writer waits for more turns to share a commit."""
RETRY_S = 0.2
"""Pause before a write that failed is tried again."""
BEGIN_S = 1.0
"""How long a reader waits for what the writer still has to do."""
CLOSE_S = 5.0
"""Longest time of the last write and the spill after it."""
REFRESH_S = 5.0
"""How soon what other processes spent is seen, at the latest."""

ReadT = TypeVar("ReadT")
LOG = logging.getLogger(__name__)


class Ledger:
    """The record of all turns. Threads may share it; processes may share its file."""

    def __init__(
        self,
        path: Path,
        clock: Clock | None = None,
        *,
        max_kept: int = MAX_KEPT,
        open_store: Callable[[Path], Store] = Store,
    ) -> None:
        """Nothing is opened before the first use.

        Args:
            path: The file; it and its folder are made if they are not there.
            clock: Names what is set aside.
            max_kept: Rows that are kept in memory while they cannot be written.
            open_store: Opens the file.
        """
        self._path, self._open_store = path, open_store
        self._writer = Writer(path, clock or SystemClock(), max_kept, open_store)
        self._spending = Spending()
        self._inbox: list[Row] = []
        self._num_recorded = self._num_settled = 0
        self._has_begun = self._is_closing = False
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        self._wake, self._hurry = threading.Event(), threading.Event()

    def record(self, record: TurnRecord) -> None:
        """Take in what a turn did; it is written soon. It never raises."""
        try:
            row = row_of(record)
            with self._changed:
                if self._is_closing:
                    raise LedgerError("The ledger was closed.")
                self._inbox.append(row)
                self._num_recorded += 1
                self._spending.add(row.at_us, row.pico_usd or 0)
                self._start()
            if not self._wake.is_set():
                self._wake.set()
        except Exception:
            LOG.warning("A turn could not be recorded in the ledger.", exc_info=True)

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until all that was recorded is written or spilled; return whether it is."""
        with self._changed:
            wanted = self._num_recorded
            if self._num_settled >= wanted:
                return True
            self._urge()
            return self._changed.wait_for(lambda: self._num_settled >= wanted, timeout_s)

    def close(self, timeout_s: float = 2.0) -> None:
        """Write, or else spill, what is left. Closing twice is harmless."""
        thread = self._thread
        if thread is None or not thread.is_alive():
            return
        self.flush(timeout_s)
        with self._changed:
            self._is_closing = True
            self._urge()
        thread.join(timeout_s + CLOSE_S)
        atexit.unregister(self.close)

    def spent_usd(self, since: datetime, timeout_s: float = 1.0) -> Decimal:
        """Return what turns since a moment cost, as far as their prices are known.

        It is a look into memory, but for the first time a moment is asked for: ask for
        round ones, such as the start of a day. What other processes spend is seen within
        seconds. While the file cannot be read, what this process spent counts.
        """
        since_us = microseconds(since)
        with self._changed:
            if not self._spending.is_known(since_us):
                self._spending.watch(since_us)
                self._urge()
                self._changed.wait_for(lambda: self._spending.is_known(since_us), timeout_s)
            return usd_of(self._spending.pico_usd(since_us)) or Decimal(0)

    def totals(self, since: datetime, until: datetime) -> Totals:
        """Return what the turns in `[since, until)` cost together, by place.

        Raises:
            LedgerError: The file cannot be read.
        """
        return self._read(lambda store: store.totals(microseconds(since), microseconds(until)))

    def turns(self, limit: int) -> list[TurnRecord]:
        """Return the newest turns, newest first.

        Raises:
            LedgerError: The file cannot be read.
        """
        return [record_of(row) for row in self._read(lambda store: store.newest(limit))]

    def _read(self, question: Callable[[Store], ReadT]) -> ReadT:
        """Ask the file, over a connection of its own."""
        self.flush(BEGIN_S)
        with self._changed:  # the writer replaces a damaged file and takes in what was spilled
            self._urge()
            self._changed.wait_for(lambda: self._has_begun or self._is_closing, BEGIN_S)
        try:
            store = self._open_store(self._path)
            try:
                return question(store)
            finally:
                store.close()
        except FAULTS as error:
            raise LedgerError(
                f"The ledger {self._path} cannot be read ({error}). If it is damaged, move it"
                " away: a new one is begun."
            ) from error

    def _start(self) -> None:
        if self._thread is None and not self._is_closing:
            self._thread = threading.Thread(target=self._run, name="jisr-ledger", daemon=True)
            self._thread.start()
            atexit.register(self.close)

    def _urge(self) -> None:
        self._start()
        self._hurry.set()
        self._wake.set()

    def _run(self) -> None:
        """Write what comes in until the ledger is closed: the writer's thread."""
        has_failed = False
        while not self._is_closing:
            self._wake.wait(RETRY_S if has_failed else REFRESH_S)
            self._hurry.wait(RETRY_S if has_failed else LINGER_S)
            if self._is_closing:
                break
            self._wake.clear()
            self._hurry.clear()
            has_failed = not self._write(is_last=False)
        self._write(is_last=True)
        self._writer.close()

    def _write(self, *, is_last: bool) -> bool:
        """Write what came in and learn what was spent; return whether it worked."""
        with self._changed:
            rows, self._inbox = self._inbox, []
            watched = self._spending.watched()
        outcome = self._writer.write(rows, watched, is_last=is_last)
        with self._changed:
            self._settle(outcome)
            if outcome.has_failed:  # what cannot be read now is not waited for
                self._spending.give_up(watched)
            self._has_begun = True
            self._changed.notify_all()
        return not outcome.has_failed

    def _settle(self, outcome: Outcome) -> None:
        self._num_settled += outcome.num_saved + outcome.num_aside
        self._spending.settle(outcome.num_saved, is_saved=True)
        self._spending.settle(outcome.num_aside, is_saved=False)
        if outcome.has_taken_back:
            self._spending.take_back()
        for since_us, found in outcome.sums.items():
            self._spending.saved(since_us, found)
