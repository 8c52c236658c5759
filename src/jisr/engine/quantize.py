"""Other weights of a model: fewer bits for a drafter, or more for a target that memory binds.

llama.cpp does it, in a process of its own: it can then be stopped in the middle,
and what makes it give up (it aborts on some damaged files) stops nobody else. The
file gets its name when it is whole.

What is not covered: an importance matrix, and so the best that few bits can do.
Weights that were made from few bits do not become better by more of them.
"""

from __future__ import annotations

import ctypes
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import llama_cpp.llama_cpp as lib

from jisr.engine import llama
from jisr.errors import EngineError, InvalidRequest, ModelDamaged

MARGIN_BYTES = 16 << 20
MIB = 1 << 20


class Kind(NamedTuple):
    """A way to write weights."""

    file_type: int
    """llama.cpp's number for the mixture."""
    tensor_type: int | None
    """The type of every tensor if it is pure; None leaves that to llama.cpp."""


KINDS = {
    "bf16": Kind(lib.LLAMA_FTYPE_MOSTLY_BF16, None),
    "q8_0": Kind(lib.LLAMA_FTYPE_MOSTLY_Q8_0, lib.GGML_TYPE_Q8_0),
    "q4_0": Kind(lib.LLAMA_FTYPE_MOSTLY_Q4_0, lib.GGML_TYPE_Q4_0),
    "q4_1": Kind(lib.LLAMA_FTYPE_MOSTLY_Q4_1, lib.GGML_TYPE_Q4_1),
    # rows whose length its blocks do not divide fall back to another type only if none is named
    "q2_k": Kind(lib.LLAMA_FTYPE_MOSTLY_Q2_K, None),
}

Progress = Callable[[int, int], None]
"""Is told bytes of the source that are done, and all of them."""


def file_name(source: Path, kind: str, *, is_pure: bool) -> str:
    """Return the usual name for what `quantize` makes of a file."""
    return f"{source.stem}.{kind}{'-pure' if is_pure else ''}.gguf"


def quantize(
    source: Path, target: Path, kind: str, *, is_pure: bool = False, progress: Progress
) -> Path:
    """Write a model's weights in another type; return where they are.

    A file that is there already is left as it is, and returned if it is what would be made.

    Args:
        source: A GGUF file.
        target: Where to write.
        kind: A name of `KINDS`.
        is_pure: Whether the output and embedding tensors, too, get the type, where llama.cpp
            would give them more bits.
        progress: Is told how far it is.

    Raises:
        InvalidRequest: There is no such kind or folder, or another file is in the place.
        ModelDamaged: The source cannot be read.
        EngineError: It cannot be written: the disk has no room, or llama.cpp gave up.
    """
    if kind not in KINDS:
        raise InvalidRequest(f"There is no type {kind!r}; there are {', '.join(KINDS)}.")
    if not target.parent.is_dir():
        raise InvalidRequest(f"There is no folder {target.parent} to write into.")
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")  # two may be at it
    command = [sys.executable, "-m", "jisr.engine.quantize"]
    command += [str(source), str(target), str(partial), kind, str(int(is_pure))]
    try:
        end = _followed(command, source.stat().st_size, progress)
        if end == "made":
            partial.replace(target)
        return target
    except OSError as error:
        raise EngineError(f"{target} cannot be made: {error.strerror}.") from error
    finally:
        partial.unlink(missing_ok=True)


def _followed(command: list[str], num_bytes: int, progress: Progress) -> str:
    """Run the child, and stop it if this is interrupted; return how it ended."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    errors = {"damaged": ModelDamaged, "other": InvalidRequest, "failed": EngineError}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
    ) as child:
        try:
            assert child.stdout is not None
            for line in child.stdout:
                word, _, rest = line.strip().partition(" ")
                if word in errors:
                    raise errors[word](rest)
                if word in ("made", "there"):
                    progress(num_bytes, num_bytes)
                    return word
                done, total = word.split("/")
                progress(num_bytes * (int(done) - 1) // int(total), num_bytes)
        except BaseException:
            child.kill()
            raise
    raise EngineError(f"llama.cpp gave up in the middle (exit status {child.returncode}).")


class _Ended(Exception):
    """The last line of the child: a word, and what people are told."""


class _Listener(logging.Handler):
    """Reads what llama.cpp logs of a quantization."""

    def __init__(self) -> None:
        super().__init__()
        self.size_mib: dict[str, float] = {}
        """Of all tensors, in the source (`model`) and in what is made (`quant`)."""
        self.tells = False

    def emit(self, record: logging.LogRecord) -> None:
        """Keep sizes, pass on the number of each tensor."""
        line = record.getMessage()
        if size := re.search(r"(model|quant) size *= *([\d.]+) MiB", line):
            self.size_mib[size[1]] = float(size[2])
        if self.tells and (at := re.match(r"\[ *(\d+)/ *(\d+)\]", line)):
            try:
                print(f"{at[1]}/{at[2]}", flush=True)
            except OSError:  # nobody waits for it any more
                os._exit(1)


def _child(source: Path, target: Path, partial: Path, kind: str, is_pure: bool) -> None:
    listener = _Listener()
    llama.LOG.addHandler(listener)
    llama.LOG.setLevel(logging.DEBUG)
    llama.LOG.propagate = False
    llama.start_library()
    params = _params(KINDS[kind], is_pure)
    params.dry_run = True
    is_whole = target.exists() and _run(target, partial, params)
    found_mib = listener.size_mib.get("model")
    if not _run(source, partial, params):
        raise _Ended(f"damaged {source} cannot be read: {llama.recent_errors()}")
    if target.exists():
        # the sizes of all tensors together tell one type from another
        if is_whole and found_mib == listener.size_mib["quant"]:
            raise _Ended("there")
        raise _Ended(f"other {target} is there and is something else: remove it, or say --out.")
    around = source.stat().st_size - int(listener.size_mib["model"] * MIB)
    needed = int(listener.size_mib["quant"] * MIB) + around + MARGIN_BYTES
    free = shutil.disk_usage(target.parent).free
    if free < needed:
        raise _Ended(
            f"failed {target.name} needs {needed // 10**6:,} MB on the disk of {target.parent}, "
            f"which has {free // 10**6:,} MB. Free some, or say --out on another disk."
        )
    listener.tells, params.dry_run = True, False
    if not _run(source, partial, params):
        raise _Ended(f"failed {target} cannot be written: {llama.recent_errors()}")
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    raise _Ended("made")


def _params(kind: Kind, is_pure: bool) -> lib.llama_model_quantize_params:
    params: lib.llama_model_quantize_params = lib.llama_model_quantize_default_params()
    params.ftype = kind.file_type
    params.allow_requantize = True
    params.pure = is_pure
    if is_pure and kind.tensor_type is not None:
        params.output_tensor_type = params.token_embedding_type = kind.tensor_type
    return params


def _run(source: Path, partial: Path, params: lib.llama_model_quantize_params) -> bool:
    status = lib.llama_model_quantize(
        os.fsencode(source), os.fsencode(partial), ctypes.byref(params)
    )
    return bool(status == llama.SUCCESS)


def _main(arguments: list[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops it
    source, target, partial, kind, is_pure = arguments
    try:
        _child(Path(source), Path(target), Path(partial), kind, is_pure == "1")
    except _Ended as end:
        print(" ".join(str(end).split()), flush=True)


if __name__ == "__main__":
    _main(sys.argv[1:])
