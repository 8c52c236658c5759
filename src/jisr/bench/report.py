"""The common form of a benchmark's result: figures by flat names, rows, and how it was run."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from jisr.errors import BenchError

ROOT = Path(__file__).parents[3]

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one run of a benchmark found."""

    benchmark: str
    command: str
    commit: str
    machine: str
    seed: int
    figures: Mapping[str, float]
    rows: Sequence[Row] = field(default_factory=tuple)

    def write(self, path: Path) -> None:
        """Write it as JSON, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".partial")
        partial.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        os.replace(partial, path)

    @classmethod
    def read(cls, path: Path) -> Result:
        """Return a result that was written.

        Raises:
            BenchError: The file is none.
        """
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise BenchError(f"{path} is no result of a benchmark: {error}") from None


def result(
    benchmark: str,
    command: str,
    seed: int,
    figures: Mapping[str, float],
    rows: Sequence[Row] = (),
) -> Result:
    """Return a result of this machine and commit."""
    return Result(
        benchmark=benchmark,
        command=command,
        commit=commit(),
        machine=machine(),
        seed=seed,
        figures={name: round(value, 4) for name, value in figures.items()},
        rows=rows,
    )


def commit() -> str:
    """Return the commit of this source, with `+` if it was changed since; `unknown` without git."""
    found = _git("rev-parse", "--short=10", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", "src")
    return (found + ("+" if changed else "")) if found else "unknown"


def machine() -> str:
    """Return what ran it: processor, cores, memory, Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = os.cpu_count() or 1
    return f"{_processor()}, {cores} cores, {memory:.0f} GiB, Python {platform.python_version()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
