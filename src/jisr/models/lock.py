"""A lock that only one process holds, and that its end, however sudden, frees.

What is not covered: systems without `flock` (Windows), and network file systems
on which it does nothing.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_S = 0.1


class LockTaken(Exception):
    """Another process holds the lock; the message is its number."""


@contextmanager
def hold(path: Path, *, wait_s: float, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock at `path` for the length of a `with`.

    The file stays: removing it would let two processes hold two locks of one name.

    Args:
        path: File of the lock, created if need be.
        wait_s: How long to wait for another process to free it.
        waiting: Is called now and then while waiting.

    Raises:
        LockTaken: It was not freed in time.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        deadline = time.monotonic() + wait_s
        while not _take(file):
            if time.monotonic() >= deadline:
                raise LockTaken(os.pread(file, 32, 0).decode("ascii", "replace") or "unknown")
            waiting()
            time.sleep(POLL_S)
        os.truncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(file)


def _take(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
