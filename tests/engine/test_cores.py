import os
from pathlib import Path

import pytest

from jisr.engine.cores import physical_cores

CPUS = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def topology(root: Path, siblings: dict[int, str]) -> Path:
    for cpu, text in siblings.items():
        folder = root / f"cpu{cpu}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{text}\n")
    return root


def test_two_hardware_threads_of_a_core_count_once(tmp_path: Path) -> None:
    assert physical_cores(topology(tmp_path, dict.fromkeys(CPUS, "0-999"))) == 1


def test_cores_of_their_own_count_each(tmp_path: Path) -> None:
    siblings = {cpu: str(cpu) for cpu in CPUS}

    assert physical_cores(topology(tmp_path, siblings)) == max(1, len(CPUS))


def test_every_processor_counts_where_the_system_does_not_tell(tmp_path: Path) -> None:
    assert physical_cores(tmp_path) == max(1, len(CPUS) or os.cpu_count() or 1)


@pytest.mark.skipif(not CPUS, reason="needs Linux")
def test_this_machine_has_at_least_one_core_and_no_more_than_processors() -> None:
    assert 1 <= physical_cores() <= len(CPUS)
