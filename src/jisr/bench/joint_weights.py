"""The weights of `jisr bench joint`: as they were pulled, or made of those by requantizing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from jisr.assemble import store
from jisr.config import Settings
from jisr.errors import BenchError

AS_PULLED = "pulled"
AS_IT_IS = {"q4": AS_PULLED}
"""Targets that are the weights as they were pulled; all others are made of those."""


def weights(settings: Settings, name: str, kind: str, words: Sequence[str] = ()) -> Path:
    """Return the weights of a model in some type, made if they are not there.

    Args:
        settings: Where weights are kept.
        name: Name in the catalog, or path of a GGUF file.
        kind: Type of the tensors, `bf16` or `q4_0`; `pulled` is the file as it is.
        words: Global options of the command that makes them.

    Raises:
        ModelError: The weights are not here, or damaged.
        BenchError: They could not be requantized.
    """
    pulled = store(settings).path(name)
    if kind == AS_PULLED:
        return pulled
    made = settings.models_dir / f"{pulled.stem}.{kind}.gguf"
    if not made.exists():
        _quantize(name, kind, words)
    return made


def _quantize(name: str, kind: str, words: Sequence[str]) -> None:
    """Make weights in a process of its own: its memory is not to be this one's."""
    command = [sys.executable, "-m", "jisr", *words, "models", "quantize", name, "--type", kind]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise BenchError(f"{name} could not be requantized as {kind}: {last}")
