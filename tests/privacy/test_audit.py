import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jisr.clock import FakeClock
from jisr.departure import Departure, Errand, Manifest, Unaudited
from jisr.errors import PrivacyError
from jisr.privacy.audit import HEAD_NAME, AuditLog, Head, open_audit, path_of
from jisr.privacy.audit_check import Checked, check, rows_of
from jisr.privacy.audit_rows import Keys
from jisr.privacy.vault_key import MasterKey
from jisr.privacy_settings import PrivacySettings
from jisr.private_files import take

KEY = MasterKey(b"k" * 32)
KEYS = Keys.of(KEY)
SECRET = "layla@example.com"
WRITER = """
import sys
from pathlib import Path
from jisr.clock import SystemClock
from jisr.departure import Departure, Errand
from jisr.privacy.audit import AuditLog
from jisr.privacy.vault_key import MasterKey
log = AuditLog(
    Path(sys.argv[1]), lambda: MasterKey(b"k" * 32), SystemClock(), file_bytes=int(sys.argv[3])
)
for number in range(int(sys.argv[2])):
    log.note(Departure(scheme="https", host=sys.argv[4], port=443, path="models",
                       errand=Errand.MODELS, body=b"%d" % number))
    if not number:
        print("begun", flush=True)
"""
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))
exec(sys.argv.pop(1))
"""


def departure(body: bytes = b"hello", **more: Any) -> Departure:
    usual: dict[str, Any] = {
        "scheme": "https",
        "host": "api.example.com",
        "port": 443,
        "path": "chat/completions",
        "errand": Errand.COMPLETION,
    }
    return Departure(body=body, **{**usual, **more})


def log(folder: Path, **more: Any) -> AuditLog:
    return AuditLog(folder / "audit", lambda: KEY, FakeClock(), **more)


def written(folder: Path, number: int, **more: Any) -> AuditLog:
    it = log(folder, **more)
    for at in range(number):
        it.note(departure(b"%d" % at))
    return it


def checked(folder: Path) -> Checked:
    return check(folder / "audit", KEY)


def lines(folder: Path) -> list[bytes]:
    return path_of(folder / "audit", 1).read_bytes().splitlines(keepends=True)


def rewrite(folder: Path, rows: list[bytes]) -> None:
    path_of(folder / "audit", 1).write_bytes(b"".join(rows))


def test_a_row_says_what_left_and_no_text_of_it(tmp_path: Path) -> None:
    manifest = Manifest("turn_1", {"EMAIL_ADDRESS": {"replace": 2}, "CITY": {"keep": 1}})
    it = log(tmp_path)
    it.note(departure(SECRET.encode(), manifest=manifest))
    it.note(departure(b"", errand=Errand.MODELS, path="models", host="::1", is_loopback=True))

    first, second = (row.said for row in rows_of(tmp_path / "audit", KEY))
    digest = first["digest"]
    assert dict(first) | {"digest": "", "previous": ""} == {
        "row": 1,
        "at": "2026-01-01T00:00:00.000+00:00",
        "errand": "completion",
        "scheme": "https",
        "host": "api.example.com",
        "port": 443,
        "path": "chat/completions",
        "leaves": True,
        "bytes": len(SECRET),
        "digest": "",
        "spans": {"EMAIL_ADDRESS": {"replace": 2}, "CITY": {"keep": 1}},
        "turn": "turn_1",
        "previous": "",
    }
    assert (second["row"], second["leaves"], second["bytes"]) == (2, False, 0)
    assert SECRET.encode() not in b"".join(lines(tmp_path))
    assert digest != hashlib.sha256(SECRET.encode()).hexdigest()
    assert stat.S_IMODE(path_of(tmp_path / "audit", 1).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "audit").stat().st_mode) == 0o700


def test_the_same_payload_has_the_same_digest_under_one_key_only(tmp_path: Path) -> None:
    for name, key in (("a", b"k" * 32), ("b", b"o" * 32)):
        it = AuditLog(tmp_path / name, partial(MasterKey, key), FakeClock())
        it.note(departure())
        it.note(departure())
    mine = [row.said["digest"] for row in rows_of(tmp_path / "a", KEY)]
    others = [row.said["digest"] for row in rows_of(tmp_path / "b", KEY)]

    assert len({*mine}) == len({*others}) == 1
    assert mine != others


def test_a_log_that_is_whole_has_no_fault_and_goes_on_after_a_start(tmp_path: Path) -> None:
    assert checked(tmp_path) == Checked()
    written(tmp_path, 3)
    written(tmp_path, 2).close()

    assert checked(tmp_path) == Checked(num_rows=5)


def test_threads_write_one_chain(tmp_path: Path) -> None:
    logs = [log(tmp_path), log(tmp_path)]

    def write(number: int) -> None:
        it = logs[number % 2]
        for _ in range(40):
            if not it.note_at_once(departure()):
                it.note(departure())

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert checked(tmp_path) == Checked(num_rows=240)


@pytest.mark.parametrize("file_bytes", [2**20, 4096])
def test_processes_write_one_chain_also_from_file_to_file(tmp_path: Path, file_bytes: int) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "audit"), "100", str(file_bytes)]
    children = [subprocess.Popen([*command, name], stdout=-1) for name in ("left", "right")]
    for child in children:
        child.communicate()

    assert checked(tmp_path) == Checked(num_rows=200)
    hosts = [row.said["host"] for row in rows_of(tmp_path / "audit", KEY)]
    assert (hosts.count("left"), hosts.count("right")) == (100, 100)


def test_who_may_not_wait_is_told_that_another_writes(tmp_path: Path) -> None:
    it, other = written(tmp_path, 1), written(tmp_path, 1)
    file = os.open(tmp_path / "audit" / HEAD_NAME, os.O_RDWR)
    try:
        take(file, wait_s=1)
        assert not it.note_at_once(departure())
    finally:
        os.close(file)

    assert it.note_at_once(departure())
    assert not log(tmp_path).note_at_once(departure())  # its key is not read yet
    assert not written(tmp_path, 1, syncs=True).note_at_once(departure())
    other.close()
    assert checked(tmp_path) == Checked(num_rows=4)


def test_the_log_goes_on_in_the_next_file(tmp_path: Path) -> None:
    written(tmp_path, 40, file_bytes=4096)
    files = sorted((tmp_path / "audit").glob("*.jsonl"))

    assert len(files) > 3
    assert all(path.stat().st_size < 5000 for path in files)
    assert checked(tmp_path) == Checked(num_rows=40)
    files[1].unlink()
    (fault, *_) = checked(tmp_path).faults
    assert "000002.jsonl is missing" in fault.words


def changed(rows: list[bytes]) -> list[bytes]:
    return [rows[0], rows[1].replace(b"api.example.com", b"api.example.org"), *rows[2:]]


def forged(rows: list[bytes]) -> list[bytes]:
    said = json.loads(rows[-1])
    said |= {"row": 6, "previous": said["mac"], "mac": "0" * 64}
    return [*rows, json.dumps(said, separators=(",", ":")).encode() + b"\n"]


@pytest.mark.parametrize(
    ("harm", "row", "words"),
    [
        (changed, 2, "changed"),
        (lambda rows: [rows[0], *rows[2:]], 2, "row 2 is missing"),
        (lambda rows: [rows[0], *rows[4:]], 2, "rows 2 to 4 are missing"),
        (lambda rows: rows[1:], 1, "row 1 is missing"),
        (lambda rows: [rows[0], rows[2], rows[1], *rows[3:]], 2, "row 2 is missing"),
        (lambda rows: [rows[0], rows[1], rows[1], *rows[2:]], 2, "stands behind row 2 too"),
        (lambda rows: rows[:4], 5, "row 5 is missing at the end"),
        (lambda rows: rows[:2], 3, "rows 3 to 5 are missing at the end"),
        (lambda rows: [], 1, "rows 1 to 5 are missing at the end"),
        (lambda rows: [*rows[:4], rows[4][:-20]], 5, "no row"),
        (lambda rows: [rows[0], b"\n", *rows[1:]], 2, "no row"),
        (lambda rows: [rows[0], b'{"row":2}\n', *rows[1:]], 2, "no row"),
        (lambda rows: [rows[0], b"[" * 9000 + b"\n", *rows[1:]], 2, "no row"),
        (lambda rows: [rows[0], rows[1].replace(b'"row":2', b'"row":9'), *rows[2:]], 2, "changed"),
    ],
)
def test_any_change_gap_reorder_or_cut_is_found_and_the_row_is_told(
    tmp_path: Path, harm: Callable[[list[bytes]], list[bytes]], row: int, words: str
) -> None:
    written(tmp_path, 5)
    rewrite(tmp_path, harm(lines(tmp_path)))

    faults = checked(tmp_path).faults
    assert any(it.row == row and words in it.words for it in faults), faults


@pytest.mark.parametrize("head", [None, b"", b"x" * 256, Head(1, 2).to_bytes(Keys.of(KEY))[:100]])
def test_a_head_that_is_missing_or_changed_is_found_and_nothing_is_sent(
    tmp_path: Path, head: bytes | None
) -> None:
    it = written(tmp_path, 3)
    path = tmp_path / "audit" / HEAD_NAME
    if head is None:
        path.unlink()
    else:
        path.write_bytes(head)

    assert any("head" in fault.words for fault in checked(tmp_path).faults)
    with pytest.raises(PrivacyError, match="Nothing was sent"):
        it.note(departure())


@pytest.mark.parametrize("harm", [lambda rows: rows[:-1], forged, lambda rows: [*rows, rows[0]]])
def test_nothing_is_sent_where_the_end_was_cut_or_added_to(
    tmp_path: Path, harm: Callable[[list[bytes]], list[bytes]]
) -> None:
    it = written(tmp_path, 5)
    rewrite(tmp_path, harm(lines(tmp_path)))

    for writer in (it, log(tmp_path)):
        with pytest.raises(PrivacyError, match="jisr audit verify"):
            writer.note(departure())


def test_a_log_that_was_moved_aside_is_begun_anew(tmp_path: Path) -> None:
    it = written(tmp_path, 5)
    (tmp_path / "audit").rename(tmp_path / "aside")
    it.note(departure())

    assert checked(tmp_path) == Checked(num_rows=1)
    assert check(tmp_path / "aside", KEY) == Checked(num_rows=5)


@pytest.mark.parametrize("kept", [1, 50, -1])
def test_a_torn_last_row_is_said_and_loses_no_other(tmp_path: Path, kept: int) -> None:
    written(tmp_path, 4)
    head = (tmp_path / "audit" / HEAD_NAME).read_bytes()
    written(tmp_path, 1)
    rows = lines(tmp_path)
    rewrite(tmp_path, [*rows[:4], rows[4][:kept]])
    (tmp_path / "audit" / HEAD_NAME).write_bytes(head)

    before = checked(tmp_path)
    assert (before.num_rows, before.faults) == (4, [])
    assert "left by a crash" in before.notes[0]
    written(tmp_path, 2)
    after = checked(tmp_path)
    assert (after.num_rows, after.faults) == (7, [])
    assert [note for note in after.notes if "row 5" in note] or kept == -1


def test_whole_rows_behind_the_head_are_taken_up(tmp_path: Path) -> None:
    written(tmp_path, 3)
    head = (tmp_path / "audit" / HEAD_NAME).read_bytes()
    written(tmp_path, 2)
    (tmp_path / "audit" / HEAD_NAME).write_bytes(head)

    written(tmp_path, 1)
    assert checked(tmp_path) == Checked(num_rows=6)


def test_what_a_crash_left_cannot_be_said_of_other_bytes(tmp_path: Path) -> None:
    written(tmp_path, 1)
    head = (tmp_path / "audit" / HEAD_NAME).read_bytes()
    rewrite(tmp_path, [*lines(tmp_path), b'{"row":2,'])
    (tmp_path / "audit" / HEAD_NAME).write_bytes(head)
    written(tmp_path, 1)
    rewrite(tmp_path, [it.replace(b'{"row":2,\n', b'{"row":3,\n') for it in lines(tmp_path)])

    assert any("no row" in fault.words for fault in checked(tmp_path).faults)


def test_a_process_that_is_killed_in_mid_write_breaks_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "audit"), "100000", "65536", "x"]
    for _ in range(4):
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert child.stdout and child.stdout.readline()
        time.sleep(0.03)
        child.send_signal(signal.SIGKILL)
        child.communicate()

    written(tmp_path, 1)
    assert checked(tmp_path).faults == []


def test_nothing_is_sent_where_the_log_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "audit").write_text("a file where the folder should be")

    with pytest.raises(PrivacyError, match="cannot be written"):
        log(tmp_path).note(departure())


def test_nothing_is_sent_when_the_disk_is_full_and_the_log_stays_whole(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LIMITED, WRITER, str(tmp_path / "audit"), "100", "65536", "x"]
    child = subprocess.run(command, capture_output=True, text=True, check=False)

    assert "PrivacyError: The audit log" in child.stderr
    assert "File too large. Nothing was sent" in child.stderr
    assert checked(tmp_path).faults == []
    written(tmp_path, 1)
    after = checked(tmp_path)
    assert (after.faults, after.num_rows) == ([], len(lines(tmp_path)))


def test_a_key_that_cannot_be_had_stops_the_sending(tmp_path: Path) -> None:
    def no_key() -> MasterKey:
        raise PrivacyError("the keyring is locked")

    with pytest.raises(PrivacyError, match="locked"):
        AuditLog(tmp_path / "audit", no_key, FakeClock()).note(departure())


def test_each_row_can_be_waited_for(tmp_path: Path) -> None:
    written(tmp_path, 20, syncs=True, file_bytes=4096)

    assert checked(tmp_path) == Checked(num_rows=20)


def test_the_settings_say_whether_there_is_a_log(tmp_path: Path) -> None:
    on = open_audit(tmp_path, PrivacySettings(key_store="file"), FakeClock())
    on.note(departure())

    assert isinstance(open_audit(tmp_path, PrivacySettings(audit=False), FakeClock()), Unaudited)
    assert path_of(tmp_path / "audit", 1).exists()
