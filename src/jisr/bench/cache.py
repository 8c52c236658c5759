"""What a model already did: figures and short results, by a hash of what it was asked.

A run that was stopped goes on where it ended, and one that is repeated asks
nothing twice. The file is lines of JSON, each whole or not read, for its owner only: a
key is a hash, but a value may be an answer.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TypeAlias

from jisr.private_files import make_folder
from jisr.types import Sampling

Value: TypeAlias = Mapping[str, str | int | float | bool | None]


def key_of(model: str, sampling: Sampling, prompt: str) -> str:
    """Return the key of an answer.

    Args:
        model: Checksum of the weights, or the name a service gives its model.
        sampling: How the answer was sampled; without a seed only a greedy one is the
            same every time, but for near ties.
        prompt: All that the model was given to read.
    """
    asked = json.dumps([model, asdict(sampling), prompt], sort_keys=True)
    return hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()


class Cache:
    """Results by key, in memory and in a file."""

    def __init__(self, path: Path) -> None:
        """Read what is there; the file and its folder need not exist yet."""
        self._path = path
        self._values: dict[str, Value] = {}
        try:
            lines = path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return
        for line in lines:
            try:
                key, value = json.loads(line)
            except (ValueError, TypeError):
                continue  # cut by a crash, or empty: that answer is asked for again
            self._values[key] = value

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: str) -> Value | None:
        """Return what is known under a key, or None."""
        return self._values.get(key)

    def put(self, key: str, value: Value) -> None:
        """Keep a value, on the disk before this returns."""
        make_folder(self._path.parent)
        # the newline comes first: after a line that was cut, this one is whole all the same
        line = b"\n" + json.dumps([key, value]).encode() + b"\n"
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._values[key] = value

    def once(self, key: str, ask: Callable[[], Value]) -> Value:
        """Return what is known under a key, or ask, and keep it."""
        known = self.get(key)
        if known is None:
            known = ask()
            self.put(key, known)
        return known
