"""A child that is spoken with in lines of JSON: one goes in, one comes out.

It ends when its standard input does, and so with its parent, however that ends.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from typing import IO, Any, Self

from jisr.bench.children import stop
from jisr.errors import BackendBroken

LINE_TIMEOUT_S = 900.0
"""Longest wait for a line: loading weights, or a long turn on one core."""


class Lines:
    """Runs `python -m module` on cores of its own for as long as it is entered."""

    def __init__(self, module: str, *arguments: str, cores: Sequence[int] = ()) -> None:
        """Take in what to run, and the cores it may use; none given is any."""
        self._module, self._arguments, self._cores = module, arguments, cores
        self._said: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        inherited = {name: it for name, it in os.environ.items() if not name.startswith("JISR_")}
        self._errors = tempfile.TemporaryFile()
        self._child = subprocess.Popen(
            [sys.executable, "-m", self._module, *self._arguments],
            env={**inherited, "JISR_CONFIG": os.devnull},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        if self._cores:
            os.sched_setaffinity(self._child.pid, self._cores)
        assert self._child.stdout
        self._reader = threading.Thread(target=self._listen, args=[self._child.stdout])
        self._reader.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._child.terminate()
        self._reader.join()
        stop(self._child)
        self._errors.close()

    def ask(self, row: Mapping[str, object]) -> dict[str, Any]:
        """Say a line and return the next one it says.

        Raises:
            BackendBroken: It ended, or said none.
        """
        assert self._child.stdin
        try:
            self._child.stdin.write(json.dumps(row).encode() + b"\n")
            self._child.stdin.flush()
        except BrokenPipeError:
            raise self._broken() from None
        return self.read()

    def read(self) -> dict[str, Any]:
        """Return the next line it says.

        Raises:
            BackendBroken: It ended, or said none.
        """
        try:
            row = json.loads(self._said.get(timeout=LINE_TIMEOUT_S))
        except (queue.Empty, ValueError):
            raise self._broken() from None
        assert isinstance(row, dict), "a line is an object"
        return row

    def _listen(self, output: IO[bytes]) -> None:
        for line in output:
            self._said.put(line)
        self._said.put(b"")

    def _broken(self) -> BackendBroken:
        self._errors.seek(0)
        last = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return BackendBroken(f"python -m {self._module} broke off: {(last or ['silently'])[-1]}")
