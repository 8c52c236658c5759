import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from jisr.clock import FakeClock
from jisr.errors import LedgerError
from jisr.ledger.ledger import Ledger
from jisr.ledger.migrations import MIGRATIONS
from jisr.ledger.rows import row_of
from jisr.ledger.store import Store
from jisr.ledger.totals import PlaceTotals
from jisr.types import Place
from tests.ledger.records import DAY, NEXT_DAY, NOON, record
from tests.runtimes import JOINT_USE

WAIT_S = 10.0


class FullDisk(Store):
    """A store whose disk has room for its tables only."""

    is_full = True

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        if self.is_full:
            self.connection.execute("PRAGMA max_page_count = 1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "ledger.sqlite3"


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


def test_turns_come_back_newest_first(path: Path) -> None:
    turns = [record(number, at=NOON + timedelta(seconds=number)) for number in range(3)]
    with opened(path) as ledger:
        for turn in turns:
            ledger.record(turn)

        assert ledger.turns(2) == [turns[2], turns[1]]

    with opened(path) as ledger:
        assert ledger.turns(9) == turns[::-1]


def test_totals_are_by_place_and_time(path: Path) -> None:
    with opened(path) as ledger:
        ledger.record(record(1))
        ledger.record(record(2, usd=None, usage=None, error="backend_timeout"))
        ledger.record(
            record(3, place=Place.DEVICE, usd=Decimal(0), left_device=False, joules_measured=2.5)
        )
        ledger.record(record(4, at=NEXT_DAY))

        totals = ledger.totals(DAY, NEXT_DAY)

    assert list(totals.by_place) == [Place.DEVICE, Place.CLOUD]
    assert totals.by_place[Place.CLOUD] == PlaceTotals(
        num_turns=2,
        num_failed=1,
        num_left_device=2,
        num_private_spans=6,
        input_tokens=100,
        output_tokens=20,
        cached_tokens=60,
        usd=Decimal("0.000024"),
        num_unpriced=1,
        usd_cloud_only=Decimal("0.000048"),
        joules_estimated=80.0,
        num_estimated=2,
    )
    together = totals.together
    assert (together.num_turns, together.joules_measured, together.num_measured) == (3, 2.5, 1)


def test_an_empty_ledger_has_empty_totals(path: Path) -> None:
    with opened(path) as ledger:
        assert ledger.totals(DAY, NEXT_DAY).together == PlaceTotals()
        assert ledger.turns(5) == []
        assert ledger.spent_usd(DAY) == 0


def test_what_was_spent_is_known_at_once(path: Path) -> None:
    with opened(path) as ledger:
        ledger.record(record(1, usd=Decimal("0.5"), at=DAY - timedelta(days=1)))
        ledger.record(record(2, usd=Decimal("0.25")))
        ledger.record(record(3, usd=None))
        month = DAY - timedelta(days=20)
        assert (ledger.spent_usd(DAY), ledger.spent_usd(month)) == (
            Decimal("0.25"),
            Decimal("0.75"),
        )

        for number in range(100):
            ledger.record(record(10 + number, usd=Decimal("0.01")))
            assert ledger.spent_usd(DAY) == Decimal("0.25") + Decimal("0.01") * (number + 1)
        assert ledger.flush()
        assert ledger.spent_usd(DAY) == Decimal("1.25")

    with opened(path) as ledger:
        assert ledger.spent_usd(DAY) == Decimal("1.25")


def test_what_another_process_spent_is_counted(path: Path) -> None:
    with opened(path) as ours, opened(path) as theirs:
        assert ours.spent_usd(DAY) == 0
        theirs.record(record(1, usd=Decimal(1)))
        assert theirs.flush()

        ours.record(record(2, usd=Decimal(2)))  # the next write looks at the others' rows too
        assert ours.flush()

        assert ours.spent_usd(DAY) == 3


def test_a_turn_is_kept_once_however_often_it_is_recorded(path: Path) -> None:
    with opened(path) as ledger:
        for _ in range(3):
            ledger.record(record(1))
            assert ledger.flush()

    assert num_turns(path) == 1


def test_many_threads_may_record(path: Path) -> None:
    with opened(path) as ledger:

        def work(first: int) -> None:
            for number in range(first, first + 200):
                ledger.record(record(number))

        threads = [threading.Thread(target=work, args=(200 * n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)

        assert ledger.flush()
        assert len(ledger.turns(5000)) == 1600


WORKER = """
import sys
from pathlib import Path
from jisr.ledger.ledger import Ledger
from jisr.ledger.migrations import MIGRATIONS
from tests.ledger.records import record
ledger = Ledger(Path(sys.argv[1]))
for number in range(200):
    ledger.record(record(int(sys.argv[2]) + number))
    if number % 20 == 0:
        ledger.flush()
ledger.close()
"""


def test_two_processes_may_share_a_file(path: Path) -> None:
    root = Path(__file__).parents[2]
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(path), first],
            cwd=root,
            env={"PYTHONPATH": f"{root / 'src'}:{root}"},
        )
        for first in ("0", "1000")
    ]

    assert [worker.wait(30) for worker in workers] == [0, 0]
    assert num_turns(path) == 400


def test_a_locked_file_is_tried_again(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert num_turns(path) == 0
    with opened(path) as ledger:
        with locked(path):
            ledger.record(record(1, usd=Decimal(1)))
            assert not ledger.flush(timeout_s=0.5)
            assert ledger.spent_usd(DAY) == 1

        assert ledger.flush()
        assert len(ledger.turns(9)) == 1
        assert ledger.spent_usd(DAY) == 1
    assert "is locked" in caplog.text
    assert caplog.text.count("kept and tried again") == 1


def test_what_is_unwritten_at_the_end_is_spilled_and_taken_in_later(path: Path) -> None:
    assert num_turns(path) == 0
    with locked(path):
        ledger = Ledger(path, FakeClock())
        ledger.record(record(1))
        ledger.close(timeout_s=0.5)
        assert len(beside(path, "ledger-spill-*.jsonl")) == 1

    assert num_turns(path) == 1
    assert not beside(path, "ledger-spill-*")


def test_a_spill_with_broken_lines_gives_its_whole_ones_and_stays(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert num_turns(path) == 0
    with locked(path):
        ledger = Ledger(path, FakeClock())
        ledger.record(record(1))
        ledger.record(record(2))
        ledger.close(timeout_s=0.5)
    (spill,) = beside(path, "ledger-spill-*.jsonl")
    broken = spill.read_bytes()[:-20] + b"\xff\n{}\n"
    spill.write_bytes(broken)

    assert num_turns(path) == 1
    assert num_turns(path) == 1, "its rows are taken in once"
    assert spill.read_bytes() == broken
    assert "2 lines of" in caplog.text


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


def test_a_damaged_file_is_put_aside(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database" * 1000)

    with opened(path) as ledger:
        ledger.record(record(1))
        assert ledger.flush()
        assert len(ledger.turns(9)) == 1

    (damaged,) = beside(path, "ledger-damaged-*.sqlite3")
    assert damaged.read_bytes().startswith(b"this is no database")
    assert "was damaged" in caplog.text


def test_a_damaged_file_is_put_aside_for_a_reader_too(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database" * 1000)

    assert num_turns(path) == 0


def test_a_file_that_is_taken_away_is_begun_anew(path: Path) -> None:
    with opened(path) as ledger:
        ledger.record(record(1, usd=Decimal(1)))
        assert ledger.flush()
        assert ledger.spent_usd(DAY) == 1
        for part in beside(path, "ledger.sqlite3*"):
            part.unlink()

        ledger.record(record(2, usd=Decimal(2)))
        assert ledger.flush()

        assert [turn.turn_id for turn in ledger.turns(9)] == ["t-2"]
        assert ledger.spent_usd(DAY) == 2


def test_a_full_disk_keeps_turns_until_there_is_room(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Filling(FullDisk):
        pass

    with closing(Ledger(path, FakeClock(), open_store=Filling)) as ledger:
        for number in range(200):
            ledger.record(record(number, model="m" * 500))
        assert not ledger.flush(timeout_s=0.5)
        assert "is full" in caplog.text

        Filling.is_full = False
        assert ledger.flush()
        assert len(ledger.turns(999)) == 200


def test_more_than_can_be_kept_is_spilled(path: Path) -> None:
    with closing(Ledger(path, FakeClock(), max_kept=50, open_store=FullDisk)) as ledger:
        for number in range(200):
            ledger.record(record(number, model="m" * 500, usd=Decimal(1)))
        assert ledger.flush()
        assert beside(path, "ledger-spill-*.jsonl")
        assert ledger.spent_usd(DAY) == 200

    assert num_turns(path) == 200


def test_a_folder_that_cannot_be_made_never_reaches_the_turn(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    ledger = Ledger(tmp_path / "file" / "ledger.sqlite3", FakeClock(), max_kept=5)

    for number in range(20):
        ledger.record(record(number, usd=Decimal(1)))
    ledger.flush(timeout_s=0.5)

    assert ledger.spent_usd(DAY) == 20
    with pytest.raises(LedgerError, match="cannot be read"):
        ledger.turns(1)
    ledger.close(timeout_s=0.5)
    assert "are lost to the ledger" in caplog.text


def test_a_ledger_of_a_newer_version_is_left_alone(path: Path) -> None:
    assert num_turns(path) == 0
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")

    with opened(path) as ledger, pytest.raises(LedgerError, match="newer Jisr"):
        ledger.turns(1)

    assert not beside(path, "ledger-damaged-*")


def test_a_turn_after_the_end_is_told_and_not_raised(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = Ledger(path, FakeClock())
    ledger.record(record(1))
    ledger.close()
    ledger.close()

    ledger.record(record(2))

    assert "could not be recorded" in caplog.text
    assert num_turns(path) == 1


def test_a_turn_that_comes_while_the_ledger_closes_is_written_or_told(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = Ledger(path, FakeClock())
    late = threading.Thread(target=ledger.record, args=(record(2),))
    is_at_lock, is_closed = threading.Event(), threading.Event()

    class Slow(threading.Condition):
        """Lets the late one wait at the lock until the ledger was closed."""

        def __enter__(self) -> bool:
            if threading.current_thread() is late:
                is_at_lock.set()
                assert is_closed.wait(WAIT_S)
            return super().__enter__()

    ledger._changed = Slow()
    ledger.record(record(1))
    late.start()
    assert is_at_lock.wait(WAIT_S)
    ledger.close()
    is_closed.set()
    late.join(WAIT_S)

    assert num_turns(path) == 1
    assert "The ledger was closed." in caplog.text


def test_no_text_of_a_turn_could_be_kept(path: Path) -> None:
    with opened(path) as ledger:
        ledger.record(record(1))
        assert ledger.flush()
    with closing(sqlite3.connect(path)) as connection:
        columns = {row[1] for row in connection.execute("PRAGMA table_info(turns)")}

    assert not columns & {"text", "prompt", "answer", "message", "messages", "content"}
