"""Files of ledgers, as the tests of this package open and lock them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from jisr.clock import FakeClock
from jisr.ledger.ledger import Ledger
from tests.ledger.records import DAY, NEXT_DAY


@contextmanager
def opened(path: Path) -> Iterator[Ledger]:
    with closing(Ledger(path, FakeClock())) as ledger:
        yield ledger


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


def num_turns(path: Path) -> int:
    with opened(path) as ledger:
        return ledger.totals(DAY, NEXT_DAY).together.num_turns


def beside(path: Path, pattern: str) -> list[Path]:
    return sorted(path.parent.glob(pattern))
