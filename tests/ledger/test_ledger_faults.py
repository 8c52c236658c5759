from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from jisr.clock import FakeClock
from jisr.errors import LedgerError
from jisr.ledger.ledger import Ledger
from jisr.ledger.store import Store
from tests.ledger.files import beside, locked, num_turns, opened
from tests.ledger.records import DAY, record


class FullDisk(Store):
    """A store whose disk has room for its tables only."""

    is_full = True

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        if self.is_full:
            self.connection.execute("PRAGMA max_page_count = 1")


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
