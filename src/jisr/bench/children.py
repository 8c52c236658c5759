"""Servers under measurement: children on cores of their own, watched, stopped in every case.

A child ends with its parent whatever ends that, because its standard input ends:
every server that is started here is told to stop at that.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jisr.errors import BackendUnavailable

URL = re.compile(r"http://[\w.]+:\d+(?=[/\s])")
"""An address that was printed whole: something stands after its port."""
START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Child:
    """A server in a process of its own."""

    pid: int
    url: str
    """Where it listens, without the version part."""

    def cpu_s(self) -> float:
        """Return the processor time it has used, all threads together."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self) -> int:
        """Return the memory it has in use now."""
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def started(
    module: str,
    *arguments: str,
    cores: Sequence[int] = (),
    environ: Mapping[str, str] | None = None,
) -> Iterator[Child]:
    """Run `python -m module`, yield it once it has printed its address, then stop it.

    Args:
        module: What to run.
        arguments: Its arguments.
        cores: Cores it may use; none given is any.
        environ: Variables beside the parent's. Of the user's settings it sees none, file
            and environment, and its home is an empty folder unless one is given here.

    Raises:
        BackendUnavailable: It ended, or told no address in two minutes.
    """
    inherited = {name: it for name, it in os.environ.items() if not name.startswith("JISR_")}
    with (
        tempfile.TemporaryDirectory(prefix="jisr-bench-") as home,
        tempfile.TemporaryFile() as output,
    ):
        child = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env={
                **inherited,
                "JISR_CONFIG": os.devnull,
                "JISR_HOME": home,
                **(environ or {}),
            },
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
        )
        try:
            if cores:
                os.sched_setaffinity(child.pid, cores)
            yield Child(child.pid, _address(module, child, output.fileno()))
        finally:
            stop(child)


@contextmanager
def pinned(cores: Sequence[int]) -> Iterator[None]:
    """Keep this thread on some cores for a while."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _address(module: str, child: subprocess.Popen[bytes], output: int) -> str:
    until = time.monotonic() + START_TIMEOUT_S
    while True:
        has_ended = child.poll() is not None
        text = os.pread(output, 2**16, 0).decode("utf-8", "replace")
        if found := URL.search(text):
            return found.group()
        if has_ended or time.monotonic() > until:
            last = (text.strip().splitlines() or ["it said nothing"])[-1]
            raise BackendUnavailable(f"python -m {module} did not start: {last}")
        time.sleep(0.02)


def stop(child: subprocess.Popen[bytes]) -> None:
    """End a child, by force if it does not end soon."""
    child.terminate()
    try:
        child.communicate(timeout=STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
