"""A source that is a file or folder on this machine: for machines without a network.

The file is copied, not linked: a linked one would change under Jisr's feet, and
its checksum with it, when the original is edited.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jisr.errors import ModelDamaged, PullFailed
from jisr.models.base import Model
from jisr.models.staging import Staging, read_pieces


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A model's file, or a folder that has it under one of its names."""

    path: Path
    needs_network: bool = False

    def room_bytes(self, model: Model) -> int:
        """Return the disk space it takes for a while: none."""
        return 0

    def fetch(self, model: Model, staging: Staging) -> None:
        """Copy the file; a staged beginning that is not this file's is replaced."""
        file = self._find(model)
        size = file.stat().st_size
        if size != model.size_bytes:
            raise ModelDamaged(
                f"{file} has {size:,} bytes and {model.name} {model.size_bytes:,}: "
                "it is another file, or not whole."
            )
        staging.cut(0)
        staging.append(read_pieces(file))

    def _find(self, model: Model) -> Path:
        if self.path.is_file():
            return self.path
        names = [model.file] + ([Path(model.hub.file).name] if model.hub else [])
        for name in names:
            if (self.path / name).is_file():
                return self.path / name
        if not self.path.exists():
            raise PullFailed(f"There is no file or folder {self.path}.")
        raise PullFailed(f"The folder {self.path} has no file called {' or '.join(names)}.")
