"""Files that only their owner may read: made so, written whole, and locked between processes.

What is covered: new files have mode 600 and new folders 700 whatever the umask; a file that is
written whole is the old or the new one after any crash; a lock is one's own against threads and
processes, and is freed by the end of its holder, however sudden.

What is not covered: systems without `flock` (Windows), network file systems on which it does
nothing, access-control lists, and what the superuser reads.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700
FIRST_POLL_S = 0.0005
LONGEST_POLL_S = 0.02
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class LockHeld(OSError):
    """Somebody else holds a lock for longer than was waited."""


def make_folder(path: Path) -> None:
    """Make a folder that only its owner may open, if it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        path.mkdir(FOLDER_MODE)
        path.chmod(FOLDER_MODE)


def open_private(path: Path, flags: int) -> int:
    """Return a descriptor of a file that is made, with mode 600, if it is not there."""
    return os.open(path, flags | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE)


def write_whole(path: Path, content: bytes) -> None:
    """Make or replace a file in one step; it is on the disk when this returns."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        file = open_private(beside, os.O_WRONLY | os.O_EXCL)
        try:
            write_all(file, content)
            os.fsync(file)
        finally:
            os.close(file)
        os.replace(beside, path)
    except BaseException:
        with suppress(FileNotFoundError):
            beside.unlink()
        raise
    sync_folder(path.parent)


def write_all(file: int, content: bytes) -> None:
    """Write all of it where the descriptor stands."""
    left = memoryview(content)
    while left:
        left = left[os.write(file, left) :]


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    file = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


@contextmanager
def locked(path: Path, *, wait_s: float = 10.0) -> Iterator[None]:
    """Hold the lock of a file for the length of a `with`; the file stays.

    Raises:
        LockHeld: Another thread or process did not free it in time.
    """
    file = open_private(path, os.O_RDWR)
    try:
        take(file, wait_s=wait_s)
        yield
    finally:
        os.close(file)


def take(file: int, *, wait_s: float) -> None:
    """Take the lock of an open file; `free`, or closing it, gives it back.

    Raises:
        LockHeld: Another thread or process did not free it in time.
    """
    until_s, pause_s = time.monotonic() + wait_s, FIRST_POLL_S
    while not try_take(file):
        if time.monotonic() >= until_s:
            raise LockHeld(f"it is locked by somebody else for more than {wait_s:g} s")
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_POLL_S)


def try_take(file: int) -> bool:
    """Take the lock of an open file if it is free; return whether it was."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def free(file: int) -> None:
    """Give the lock of an open file back."""
    fcntl.flock(file, fcntl.LOCK_UN)


def exposure(path: Path) -> str:
    """Return the command that closes a file or folder to others; empty if none can open it."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return ""
    if not mode & OTHERS or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return ""
    wanted = FOLDER_MODE if stat.S_ISDIR(mode) else FILE_MODE
    return f"chmod {wanted:o} {path}"
