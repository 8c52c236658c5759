"""Writes rows to the ledger's file, and copes with what can happen to it.

It is synchronous and used by one thread; what it did comes back as an `Outcome`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from jisr.clock import Clock
from jisr.ledger.rows import Row
from jisr.ledger.spending import Found
from jisr.ledger.spill import read_spill, spill, spilled
from jisr.ledger.store import Store, inode_of, is_damage, set_aside

MAX_KEPT = 10_000
"""Rows that are kept in memory while they cannot be written; more are spilled, and twice
as many, if they cannot be spilled either, dropped from the oldest on."""

LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class Outcome:
    """What became of the rows, the oldest first."""

    num_saved: int = 0
    num_aside: int = 0
    """Rows that were spilled, or dropped, after those that were saved."""
    has_taken_back: bool = False
    """Whether rows that were spilled before are in the file now."""
    has_failed: bool = False
    """Whether the file could not be written or read; the next call tries again."""
    sums: dict[int, Found] = field(default_factory=dict)
    """What was spent since the moments that were asked for."""


class Writer:
    """Keeps rows until the file has them."""

    def __init__(
        self, path: Path, clock: Clock, max_kept: int, open_store: Callable[[Path], Store]
    ) -> None:
        self._path, self._clock = path, clock
        self._max_kept, self._open_store = max_kept, open_store
        self._rows: list[Row] = []
        self._store: Store | None = None
        self._inode = 0
        self._trouble = ""

    def write(
        self, rows: Sequence[Row], watched: Mapping[int, int], *, is_last: bool = False
    ) -> Outcome:
        """Write rows, and those kept from before.

        Args:
            rows: More rows.
            watched: Moments, in microseconds, whose spending is asked for; each with the
                last row of the file that is known already.
            is_last: There will be no other call: what cannot be written is spilled.
        """
        self._rows += rows
        outcome = Outcome()
        for _ in range(2):  # the second time with a new file, if the first was damaged
            try:
                self._write(watched, outcome)
                outcome.has_failed = False
                self._trouble = ""
                break
            except Exception as error:
                outcome.has_failed = True
                self.close()
                if not self._replace_damaged(error):
                    self._complain(error)
                    break
        if self._rows and (is_last or len(self._rows) > self._max_kept):
            self._spill(outcome, is_last=is_last)
        return outcome

    def close(self) -> None:
        """Let go of the file."""
        if self._store is not None:
            with suppress(Exception):
                self._store.close()
            self._store = None

    def _write(self, watched: Mapping[int, int], outcome: Outcome) -> None:
        is_new = self._store is None or inode_of(self._path) != self._inode
        store = self._open(outcome) if is_new or self._store is None else self._store
        if self._rows:
            store.insert(self._rows)
            outcome.num_saved += len(self._rows)
            self._rows = []
        last_row = store.last_row() if watched else 0
        for since_us, known in watched.items():
            after_row = 0 if is_new else known
            cost = store.pico_usd(since_us, after_row, last_row)
            outcome.sums[since_us] = Found(cost, after_row, last_row)

    def _open(self, outcome: Outcome) -> Store:
        self.close()
        self._inode = inode_of(self._path)
        store = self._store = self._open_store(self._path)
        self._inode = inode_of(self._path)
        for path in spilled(self._path):
            try:
                rows, num_left_out = read_spill(path)
            except OSError as error:  # gone, if another process was faster
                LOG.info("Cannot take in %s: %s.", path, error)
                continue
            store.insert(rows)
            outcome.has_taken_back = True
            if num_left_out:
                LOG.warning("%d lines of %s are no rows of this ledger.", num_left_out, path)
                continue  # the file stays: a newer Jisr, or its owner, may read them
            with suppress(OSError):
                path.unlink()
        return store

    def _replace_damaged(self, error: Exception) -> bool:
        """Move a damaged file aside; return whether there is a new one to be tried."""
        if not is_damage(error):
            return False
        if inode_of(self._path) != self._inode:
            return True  # another process was faster
        try:
            moved = set_aside(self._path, self._clock)
        except OSError:
            return False
        LOG.warning("The ledger was damaged (%s): moved to %s, a new one begun.", error, moved)
        return True

    def _complain(self, error: Exception) -> None:
        if self._trouble != str(error):
            self._trouble = str(error)
            LOG.warning(
                "The ledger %s cannot be written (%s); turns are kept and tried again.",
                self._path,
                error,
            )

    def _spill(self, outcome: Outcome, *, is_last: bool) -> None:
        try:
            path = spill(self._rows, self._path, self._clock)
        except OSError as error:
            num_dropped = len(self._rows) if is_last else len(self._rows) - 2 * self._max_kept
            if num_dropped > 0:
                self._rows = self._rows[num_dropped:]
                outcome.num_aside += num_dropped
                LOG.warning("%d turns are lost to the ledger: %s.", num_dropped, error)
        else:
            LOG.warning("%d turns wait in %s for the ledger.", len(self._rows), path)
            outcome.num_aside += len(self._rows)
            self._rows = []
            self.close()  # opening it again takes them in
