"""The ledger's file: one connection to a SQLite database. It knows nothing of threads."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from jisr.clock import Clock
from jisr.errors import LedgerError
from jisr.ledger.migrations import migrate
from jisr.ledger.rows import COLUMNS, Row, usd_of
from jisr.ledger.totals import PlaceTotals, Totals
from jisr.private_files import make_folder, open_private
from jisr.types import Place

FAULTS = (sqlite3.Error, OSError, LedgerError)
"""What can happen to a file."""
BUSY_S = 0.25
"""How long one try waits for another process's lock."""

_INSERT = (
    f"INSERT OR IGNORE INTO turns ({', '.join(COLUMNS)})"
    f" VALUES ({', '.join(f':{column}' for column in COLUMNS)})"
)
_TOTALS = """
    SELECT place, count(*), sum(error IS NOT NULL), sum(left_device),
        sum((SELECT ifnull(sum(value), 0) FROM json_each(private_spans))),
        ifnull(sum(input_tokens), 0), ifnull(sum(output_tokens), 0),
        ifnull(sum(cached_tokens), 0),
        sum(pico_usd), count(*) - count(pico_usd),
        sum(pico_usd_cloud_only), count(*) - count(pico_usd_cloud_only),
        total(joules_measured), count(joules_measured),
        total(joules_estimated), count(joules_estimated)
    FROM turns WHERE at_us >= ? AND at_us < ? GROUP BY place
"""


class Store:
    """A connection to the ledger's file, which it makes if there is none.

    Every method may raise `sqlite3.Error`; `is_damage` tells what for. One thread uses it.
    """

    def __init__(self, path: Path) -> None:
        make_folder(path.parent)
        if not path.exists():
            os.close(open_private(path, os.O_RDWR))
        self.connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
        try:
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = NORMAL")
            migrate(self.connection)
        except BaseException:
            self.connection.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def insert(self, rows: Iterable[Row]) -> None:
        """Add rows, all or none; a turn that is there already is left as it is."""
        with closing(self.connection.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                cursor.executemany(_INSERT, map(_values, rows))
                cursor.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    cursor.execute("ROLLBACK")
                raise

    def last_row(self) -> int:
        """Return the number of the newest row."""
        return self._number("SELECT ifnull(max(row), 0) FROM turns")

    def pico_usd(self, since_us: int, after_row: int, up_to_row: int) -> int:
        """Return what turns since a moment cost, of those rows; in 1e-12 USD."""
        if after_row == 0:  # by the index over time; later there are but a few new rows
            sql = "SELECT sum(pico_usd) FROM turns WHERE at_us >= ? AND +row > ? AND +row <= ?"
        else:
            sql = "SELECT sum(pico_usd) FROM turns WHERE +at_us >= ? AND row > ? AND row <= ?"
        return self._number(sql, since_us, after_row, up_to_row)

    def totals(self, since_us: int, until_us: int) -> Totals:
        """Return the totals of the turns in `[since_us, until_us)`."""
        names = PlaceTotals.__dataclass_fields__
        by_place = {}
        for place, *values in self.connection.execute(_TOTALS, (since_us, until_us)):
            row = dict(zip(names, values, strict=True))
            for column in ("usd", "usd_cloud_only"):
                row[column] = usd_of(row[column] or 0)
            by_place[Place(place)] = PlaceTotals(**row)
        return Totals({place: by_place[place] for place in Place if place in by_place})

    def newest(self, limit: int) -> list[Row]:
        """Return the newest turns, newest first."""
        sql = f"SELECT {', '.join(COLUMNS)} FROM turns ORDER BY at_us DESC, row DESC LIMIT ?"
        found = self.connection.execute(sql, (limit,))
        return [Row(**dict(zip(COLUMNS, values, strict=True))) for values in found]

    def _number(self, sql: str, *values: int) -> int:
        number: int | None = self.connection.execute(sql, values).fetchone()[0]
        return number or 0


def is_damage(error: Exception) -> bool:
    """Whether an error says that the file is not, or no longer, a database."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def set_aside(path: Path, clock: Clock) -> Path:
    """Move a damaged file, and what belongs to it, out of the way; return where to."""
    moved = path.with_name(f"{path.stem}-damaged-{stamp(clock.now())}.sqlite3")
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(moved.with_name(moved.name + suffix))
    return moved


def stamp(at: datetime) -> str:
    """Return a moment as part of a file's name."""
    return at.strftime("%Y%m%dT%H%M%S%f")


def _values(row: Row) -> dict[str, object]:
    return {column: getattr(row, column) for column in COLUMNS}


def inode_of(path: Path) -> int:
    """Return the number of the file a path leads to, 0 if there is none."""
    try:
        return path.stat().st_ino
    except OSError:
        return 0
