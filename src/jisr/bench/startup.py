"""How soon the command line is there: the time of `jisr --help`, in processes of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

from jisr.errors import BenchError

NUM_RUNS = 5
TIMEOUT_S = 60.0


def help_ms(num_runs: int = NUM_RUNS) -> float:
    """Return the median time of `jisr --help`, in ms, after a run that fills the disk's cache.

    Raises:
        BenchError: It failed.
    """
    _help_ms()
    return median(_help_ms() for _ in range(num_runs))


def _help_ms() -> float:
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "jisr", "--help"],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        raise BenchError(f"`jisr --help` failed: {done.stderr.strip()}")
    return 1000 * (time.perf_counter() - started)
