import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from jisr.private_files import (
    LockHeld,
    exposure,
    locked,
    make_folder,
    open_private,
    take,
    write_whole,
)

HOLDER = """
import sys
from pathlib import Path
from jisr.private_files import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_made_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make_folder(tmp_path / "home" / "vaults")
        write_whole(tmp_path / "whole", b"x")
        os.close(open_private(tmp_path / "opened", os.O_RDWR))
    finally:
        os.umask(before)

    assert mode(tmp_path / "home" / "vaults") == 0o700
    assert [mode(tmp_path / name) for name in ("whole", "opened")] == [0o600, 0o600]


def test_a_folder_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(0o755)
    make_folder(tmp_path / "open")

    assert mode(tmp_path / "open") == 0o755


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "f"
    write_whole(file, b"old")
    with pytest.raises(TypeError):
        write_whole(file, None)  # type: ignore[arg-type]  # what breaks in mid-write

    assert file.read_bytes() == b"old"
    write_whole(file, b"new")
    assert file.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OSError):
        open_private(tmp_path / "link", os.O_RDWR)


def test_a_lock_is_ones_own_among_threads(tmp_path: Path) -> None:
    inside, most = 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(50):
            with locked(tmp_path / "lock"):
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == 1


def test_a_lock_of_a_process_is_waited_for_and_freed_by_its_end(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout and holder.stdout.readline() == b"held\n"
    file = open_private(path, os.O_RDWR)
    try:
        with pytest.raises(LockHeld, match=r"more than 0\.05 s"):
            take(file, wait_s=0.05)
        holder.kill()
        holder.communicate()
        take(file, wait_s=10)
    finally:
        os.close(file)


@pytest.mark.parametrize(
    ("bits", "remedy"),
    [(0o600, ""), (0o400, ""), (0o640, "600"), (0o604, "600"), (0o700, ""), (0o666, "600")],
)
def test_a_file_that_others_can_open_comes_with_the_remedy(
    tmp_path: Path, bits: int, remedy: str
) -> None:
    file = tmp_path / "f"
    file.touch()
    file.chmod(bits)

    assert exposure(file) == (f"chmod {remedy} {file}" if remedy else "")


def test_a_folder_that_others_can_open_comes_with_the_remedy(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    assert exposure(tmp_path) == f"chmod 700 {tmp_path}"
    assert exposure(tmp_path / "not there") == ""
    assert exposure(Path(os.devnull)) == ""
