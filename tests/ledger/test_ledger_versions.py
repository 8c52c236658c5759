import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jisr.errors import LedgerError
from jisr.ledger.migrations import MIGRATIONS
from jisr.ledger.rows import row_of
from jisr.types import Place
from tests.ledger.files import beside, num_turns, opened
from tests.ledger.records import DAY, NEXT_DAY, record
from tests.runtimes import JOINT_USE

OF_VERDICTS = ("verdict", "verdict_reason", "withdrawn_model", "signals")
"""Columns that came with m004."""


def test_a_spill_of_an_earlier_version_is_taken_in_whole(path: Path) -> None:
    line = json.loads(row_of(record(1)).to_json())
    for later in ("ttft_ms", "joint", *OF_VERDICTS):
        del line[later]  # came with m002, m003 and m004
    path.parent.mkdir()
    spill = path.with_name("ledger-spill-early.jsonl")
    spill.write_text(json.dumps(line) + "\n", encoding="ascii")

    with opened(path) as ledger:
        assert ledger.turns(9) == [record(1)]
    assert not spill.exists()


def test_a_ledger_of_an_earlier_version_takes_in_joint_turns(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        for step in MIGRATIONS[:2]:
            step(connection)
        connection.execute("PRAGMA user_version = 2")
    turn = record(1, place=Place.JOINT, joint=JOINT_USE)

    with opened(path) as ledger:
        ledger.record(turn)
        assert ledger.turns(9) == [turn]
        assert ledger.totals(DAY, NEXT_DAY).by_place[Place.JOINT].num_turns == 1


def test_a_ledger_of_before_the_guard_keeps_its_turns_and_takes_in_verdicts(path: Path) -> None:
    old, new = record(1), record(2, verdict="escalate", signals={"kind": "short"})
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        for step in MIGRATIONS[:3]:
            step(connection)
        connection.execute("PRAGMA user_version = 3")
        row = json.loads(row_of(old).to_json())
        columns = [it for it in row if it not in OF_VERDICTS]
        connection.execute(
            f"INSERT INTO turns ({', '.join(columns)}) VALUES ({', '.join('?' for _ in columns)})",
            [row[it] for it in columns],
        )
        connection.commit()

    with opened(path) as ledger:
        ledger.record(new)
        assert ledger.turns(9) == [new, old]


def test_a_ledger_of_a_newer_version_is_left_alone(path: Path) -> None:
    assert num_turns(path) == 0
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")

    with opened(path) as ledger, pytest.raises(LedgerError, match="newer Jisr"):
        ledger.turns(1)

    assert not beside(path, "ledger-damaged-*")
