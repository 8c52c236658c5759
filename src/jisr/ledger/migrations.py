"""The ledger's tables, step by step: a step that was ever released is never changed."""

from __future__ import annotations

from collections.abc import Callable
from sqlite3 import Connection

from jisr.errors import LedgerError


def m001_turns(connection: Connection) -> None:
    """Begin with one row a turn."""
    connection.execute(
        """
        CREATE TABLE turns (
            row INTEGER PRIMARY KEY,
            turn_id TEXT NOT NULL UNIQUE,
            at_us INTEGER NOT NULL,
            place TEXT NOT NULL,
            reason TEXT NOT NULL,
            model TEXT NOT NULL,
            input_tokens INTEGER,
            output_tokens INTEGER,
            cached_tokens INTEGER,
            pico_usd INTEGER,
            pico_usd_cloud_only INTEGER,
            joules_measured REAL,
            joules_estimated REAL,
            private_spans TEXT NOT NULL,
            left_device INTEGER NOT NULL,
            stages TEXT NOT NULL,
            finish_reason TEXT,
            confidence REAL,
            confidence_reason TEXT,
            error TEXT,
            failed_places TEXT NOT NULL
        )
        """
    )
    connection.execute("CREATE INDEX turns_at ON turns (at_us, pico_usd)")


def m002_ttft(connection: Connection) -> None:
    """Keep the time to the first token."""
    connection.execute("ALTER TABLE turns ADD COLUMN ttft_ms REAL")


def m003_joint(connection: Connection) -> None:
    """Keep what a joint turn took, as JSON."""
    connection.execute("ALTER TABLE turns ADD COLUMN joint TEXT")


def m004_verdicts(connection: Connection) -> None:
    """Keep what the guard made of an answer, and what the place was decided from, as JSON."""
    for column in ("verdict", "verdict_reason", "withdrawn_model", "signals"):
        connection.execute(f"ALTER TABLE turns ADD COLUMN {column} TEXT")


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (
    m001_turns,
    m002_ttft,
    m003_joint,
    m004_verdicts,
)


def migrate(connection: Connection) -> None:
    """Bring the tables to this version, in one transaction.

    Raises:
        LedgerError: They are of a newer version.
    """
    if _version(connection) == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)  # another one may have been faster
        if version > len(MIGRATIONS):
            raise LedgerError(
                f"The ledger is of a newer Jisr (version {version}, this one knows"
                f" {len(MIGRATIONS)}): update Jisr, or name another folder with `home`."
            )
        for step in MIGRATIONS[version:]:
            step(connection)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version
