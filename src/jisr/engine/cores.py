"""How many threads an engine should use here: one for each physical core it may run on."""

from __future__ import annotations

import os
from pathlib import Path

CPUS = Path("/sys/devices/system/cpu")


def physical_cores(root: Path = CPUS) -> int:
    """Return the number of physical cores this process may use, at least 1.

    Two hardware threads of one core share its arithmetic units, so a second
    engine thread there only waits. Where the system does not tell (not Linux),
    every processor counts.
    """
    cores = {_core_of(root, cpu) for cpu in _allowed()}
    return max(1, len(cores))


def _allowed() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def _core_of(root: Path, cpu: int) -> str:
    try:
        return (root / f"cpu{cpu}" / "topology" / "thread_siblings_list").read_text().strip()
    except OSError:
        return str(cpu)
