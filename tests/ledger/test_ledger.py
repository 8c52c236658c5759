import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from jisr.clock import FakeClock
from jisr.ledger.ledger import Ledger
from jisr.ledger.totals import PlaceTotals
from jisr.types import Place
from tests.ledger.files import num_turns, opened
from tests.ledger.records import DAY, NEXT_DAY, NOON, record

WAIT_S = 10.0


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
