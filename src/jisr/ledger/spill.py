"""Rows that could not be written to the ledger's file, kept in files beside it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from jisr.clock import Clock
from jisr.ledger.rows import Row, row_from_json
from jisr.ledger.store import stamp
from jisr.private_files import make_folder, open_private


def spill(rows: Iterable[Row], ledger: Path, clock: Clock) -> Path:
    """Write rows to a new file beside the ledger, whole or not at all; return where it is.

    Raises:
        OSError: It cannot be written.
    """
    unique = f"{stamp(clock.now())}-{os.getpid()}-{os.urandom(3).hex()}"
    path = ledger.with_name(f"{ledger.stem}-spill-{unique}.jsonl")
    partial = path.with_suffix(".partial")
    try:
        make_folder(path.parent)
        with open(open_private(partial, os.O_WRONLY), "w", encoding="ascii") as file:
            file.writelines(row.to_json() + "\n" for row in rows)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError:
        with suppress(OSError):
            partial.unlink()
        raise
    return path


def spilled(ledger: Path) -> list[Path]:
    """Return the files of rows that wait beside the ledger."""
    return sorted(ledger.parent.glob(f"{ledger.stem}-spill-*.jsonl"))


def read_spill(path: Path) -> tuple[list[Row], int]:
    """Return the rows of a file, and how many of its lines are no rows.

    Raises:
        OSError: It cannot be read.
    """
    rows = []
    lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    for line in lines:
        with suppress(ValueError):
            rows.append(row_from_json(line))
    return rows, len(lines) - len(rows)
