"""The folder in which a model's file grows until it is whole.

There is one file, whichever source writes it, so that the next attempt, and the
next source, goes on from where the last one ended. Its name is never that of
weights: what was killed half-way cannot be taken for a model.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jisr.errors import ModelDamaged

PIECE_BYTES = 1 << 20
Progress = Callable[[int, int], None]
"""Is told how many bytes are there, and how many there will be."""


@dataclass(slots=True)
class Staging:
    """The staged file of one pull."""

    folder: Path
    total_bytes: int
    progress: Progress
    _told_bytes: int = -1

    @property
    def file(self) -> Path:
        """Where the file grows."""
        return self.folder / "weights.part"

    def size(self) -> int:
        """Return how many bytes are there."""
        return self.file.stat().st_size if self.file.exists() else 0

    def append(self, pieces: Iterable[bytes]) -> None:
        """Add bytes at the end.

        Raises:
            ModelDamaged: There are more than the model has; those are left out.
        """
        size = self.size()
        with self.file.open("ab") as out:
            for piece in pieces:
                if size + len(piece) > self.total_bytes:
                    raise ModelDamaged(
                        f"There is more in it than the model's {self.total_bytes:,} bytes."
                    )
                out.write(piece)
                size += len(piece)
                self.tell(size)

    def cut(self, size: int) -> None:
        """Keep the first `size` bytes only."""
        if size < self.size():
            os.truncate(self.file, size)

    def tell(self, done_bytes: int) -> None:
        """Tell the progress, which never goes back."""
        if done_bytes > self._told_bytes:
            self._told_bytes = done_bytes
            self.progress(min(done_bytes, self.total_bytes), self.total_bytes)

    def scratch(self) -> Path:
        """Return an empty folder, one of its own for this process.

        What earlier attempts left is removed, though one of their child
        processes may still be writing there.
        """
        for old in self.folder.glob("scratch-*"):
            shutil.rmtree(old, ignore_errors=True)
        mine = self.folder / f"scratch-{os.getpid()}"
        mine.mkdir(exist_ok=True)
        return mine


def read_pieces(path: Path, start: int = 0) -> Iterator[bytes]:
    """Yield a file's bytes from `start` on."""
    with path.open("rb") as file:
        file.seek(start)
        while piece := file.read(PIECE_BYTES):
            yield piece


def sha256_of(path: Path) -> str:
    """Return the checksum of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
