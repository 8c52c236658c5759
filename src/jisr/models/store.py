"""The weights on this machine: pull, verify, list, remove, find.

A pulled model is a file in the store's folder with the size and checksum of its
catalog entry. While it is being pulled it is in `NAME.partial/` and has another
name; it gets its own in one step, when it is whole, checked and on the disk.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from jisr.departure import Auditor
from jisr.errors import JisrError, ModelDamaged, ModelNotFound, OfflineError, PullFailed
from jisr.models import SOURCES, gguf, open_source
from jisr.models.base import Model, Source
from jisr.models.catalog import Catalog
from jisr.models.lock import LockTaken, hold
from jisr.models.staging import Progress, Staging, sha256_of

DISK_IS_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
MARGIN_BYTES = 64 << 20
LOCK_WAIT_S = 1800.0


class State(StrEnum):
    """How much of a model is here."""

    PULLED = "pulled"
    PARTIAL = "partial"
    """A pull was begun; the next one goes on from there."""
    DAMAGED = "damaged"
    """A file of its name is there, and has another size."""
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Held:
    """A model of the catalog and what is here of it."""

    model: Model
    state: State
    path: Path
    """Where the file is, or would be."""
    held_bytes: int


def free_bytes(folder: Path) -> int:
    """Return the disk space that is free for this user."""
    return shutil.disk_usage(folder).free


def silent(done_bytes: int, total_bytes: int) -> None:
    """Tell nobody."""


class Store:
    """A folder of weights."""

    def __init__(
        self,
        models_dir: Path,
        catalog: Catalog,
        *,
        auditor: Auditor,
        sources: Mapping[str, Source] | None = None,
        free_bytes: Callable[[Path], int] = free_bytes,
        lock_wait_s: float = LOCK_WAIT_S,
    ) -> None:
        """Take the folder, which need not exist yet.

        Args:
            models_dir: Where the weights are.
            catalog: The models that have names.
            auditor: Is told before something is asked for elsewhere.
            sources: Sources by name that replace the usual ones.
            free_bytes: Tells the space left where a folder is.
            lock_wait_s: Longest wait for another process that pulls the same model.
        """
        self.models_dir = models_dir
        self.catalog = catalog
        self._auditor = auditor
        self._sources = dict(sources or {})
        self._free_bytes = free_bytes
        self._lock_wait_s = lock_wait_s

    def path(self, name_or_path: str | Path) -> Path:
        """Return the file of a pulled model, or a GGUF file by its path.

        A name of the catalog wins; `./NAME` is a path. Only size and form are
        checked: `verify` reads every byte.

        Raises:
            ModelNotFound: Nothing has that name, or it is not pulled.
            ModelDamaged: The file is not what it must be.
        """
        name = str(name_or_path)
        if name in self.catalog:
            return self._pulled(self.catalog.get(name))
        path = Path(os.path.expanduser(name))  # Path's own raises for ~nobody
        if os.path.isfile(path):  # Path's own raises for a name that is too long
            return _checked(path)
        if path.suffix == ".gguf" or os.sep in name:
            raise ModelNotFound(f"There is no file {name}.")
        return self._pulled(self.catalog.get(name))  # says which names there are

    def list(self) -> list[Held]:
        """Return every model of the catalog, and what is here of it."""
        return [self._held(model) for model in self.catalog]

    def verify(self, name_or_path: str | Path) -> Path:
        """Read a whole file and compare its checksum; return its path.

        A file outside the catalog has no checksum: only its form is checked.

        Raises:
            ModelNotFound: Nothing has that name, or it is not pulled.
            ModelDamaged: It is not what it must be.
        """
        path = self.path(name_or_path)
        if str(name_or_path) in self.catalog:
            _check_sum(self.catalog.get(str(name_or_path)), path)
        return path

    def remove(self, name: str) -> int:
        """Remove a model, whole or begun; return the bytes that this frees.

        Raises:
            ModelNotFound: Nothing of it is here.
            PullFailed: It is being pulled by another process.
        """
        model = self.catalog.get(name)
        held = self._held(model)
        if held.state is State.ABSENT:
            raise ModelNotFound(f"Nothing of {name} is here to remove.")
        with self._alone(model, silent, wait_s=0):
            held.path.unlink(missing_ok=True)
            shutil.rmtree(self._staging(model, silent).folder, ignore_errors=True)
        return held.held_bytes

    def pull(
        self,
        name: str,
        source: str | None = None,
        progress: Progress | None = None,
        *,
        is_offline: bool = False,
    ) -> Path:
        """Get a model, or what is missing of it; return its path.

        Whole already, it is only verified. What a failed pull got stays, and the
        next one goes on from there.

        Args:
            name: A name of the catalog.
            source: The one source to ask; None tries the model's own in order.
            progress: Is told bytes done and total as they grow.
            is_offline: Whether sources that need a network must not be asked.

        Raises:
            ModelNotFound: The catalog has no such name.
            ModelDamaged: What came is not the model; it was removed.
            PullFailed: No source gave it, or the disk has no room for it.
            OfflineError: Only sources that need a network are left, while offline.
        """
        model = self.catalog.get(name)
        tell = progress or silent
        try:
            self.models_dir.mkdir(parents=True, exist_ok=True)
            with self._alone(model, tell, wait_s=self._lock_wait_s):
                if not self._is_whole(model):
                    self._pull(model, self._choose(model, source, is_offline), tell)
        except OSError as error:
            raise self._disk_error(model, error) from error
        tell(model.size_bytes, model.size_bytes)
        return self._file(model)

    def _pull(self, model: Model, sources: Mapping[str, Source], progress: Progress) -> None:
        staging = self._staging(model, progress)
        staging.folder.mkdir(exist_ok=True)
        self._check_room(model, staging, sources)
        failures: dict[str, JisrError] = {}
        for name, source in sources.items():
            try:
                source.fetch(model, staging)
                _check_staged(model, staging)
                self._finish(model, staging)
                return
            except (PullFailed, ModelDamaged) as error:
                failures[name] = error
        raise _sum_up(model, failures)

    def _finish(self, model: Model, staging: Staging) -> None:
        with staging.file.open("rb+") as file:
            os.fsync(file.fileno())
        staging.file.replace(self._file(model))
        folder = os.open(self.models_dir, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        shutil.rmtree(staging.folder, ignore_errors=True)

    def _choose(self, model: Model, source: str | None, is_offline: bool) -> dict[str, Source]:
        names = (source,) if source else model.sources
        chosen = {name: self._open(name) for name in names}
        allowed = {name: it for name, it in chosen.items() if not (is_offline and it.needs_network)}
        if not allowed:
            raise OfflineError(f"Offline: {model.name} was not asked for. {_from_folder(model)}")
        return allowed

    def _open(self, name: str) -> Source:
        if name in self._sources:
            return self._sources[name]
        if name == "folder":
            raise PullFailed("The folder source needs a file or folder to copy from: --from PATH.")
        if name not in SOURCES:
            raise PullFailed(f"There is no source {name!r}; there are {', '.join(SOURCES)}.")
        return open_source(name, self._auditor)

    def _check_room(self, model: Model, staging: Staging, sources: Mapping[str, Source]) -> None:
        room = max(source.room_bytes(model) for source in sources.values())
        needed = model.size_bytes - staging.size() + room + MARGIN_BYTES
        free = self._free_bytes(self.models_dir)
        if free < needed:
            raise PullFailed(
                f"{model.name} needs {_mb(needed)} more on the disk of {self.models_dir}, which "
                f"has {_mb(free)}. Free some, or set models_dir to another disk."
            )

    def _disk_error(self, model: Model, error: OSError) -> PullFailed:
        if error.errno not in DISK_IS_FULL:
            return PullFailed(f"{model.name} cannot be stored in {self.models_dir}: {error}")
        missing = model.size_bytes - self._staging(model, silent).size()
        return PullFailed(
            f"The disk of {self.models_dir} is full: {model.name} needs {_mb(missing)} more. "
            "Free some, or set models_dir to another disk; the next pull goes on from here."
        )

    @contextmanager
    def _alone(self, model: Model, progress: Progress, *, wait_s: float) -> Iterator[None]:
        staging = self._staging(model, progress)
        lock = self.models_dir / f".{model.name}.lock"
        try:
            with hold(lock, wait_s=wait_s, waiting=lambda: staging.tell(staging.size())):
                yield
        except LockTaken as error:
            raise PullFailed(
                f"{model.name} is being pulled by another run (process {error}); "
                "try again when that has ended."
            ) from None

    def _staging(self, model: Model, progress: Progress) -> Staging:
        return Staging(self.models_dir / f"{model.name}.partial", model.size_bytes, progress)

    def _file(self, model: Model) -> Path:
        return self.models_dir / model.file

    def _is_whole(self, model: Model) -> bool:
        path = self._file(model)
        is_right_size = path.is_file() and path.stat().st_size == model.size_bytes
        return is_right_size and sha256_of(path) == model.sha256

    def _held(self, model: Model) -> Held:
        path = self._file(model)
        if path.is_file():
            size = path.stat().st_size
            state = State.PULLED if size == model.size_bytes else State.DAMAGED
            return Held(model, state, path, size)
        staging = self._staging(model, silent)
        is_begun = staging.folder.exists()
        return Held(model, State.PARTIAL if is_begun else State.ABSENT, path, staging.size())

    def _pulled(self, model: Model) -> Path:
        held = self._held(model)
        again = f"`jisr models pull {model.name}`"
        if held.state is State.DAMAGED:
            raise ModelDamaged(
                f"{held.path} has {held.held_bytes:,} bytes and must have "
                f"{model.size_bytes:,}: {again} gets it again."
            )
        if held.state is not State.PULLED:
            raise ModelNotFound(f"{model.name} is not on this machine yet: {again} gets it.")
        gguf.check_prefix(held.path)
        return held.path


def _checked(path: Path) -> Path:
    try:
        gguf.check(path)
    except OSError as error:
        raise ModelNotFound(f"{path} cannot be read: {error.strerror}.") from error
    return path


def _check_staged(model: Model, staging: Staging) -> None:
    if staging.size() < model.size_bytes:
        raise PullFailed(f"{staging.size():,} of {model.size_bytes:,} bytes came.")
    if sha256_of(staging.file) != model.sha256:
        staging.cut(0)
        raise ModelDamaged("What came has another checksum; it was removed.")


def _check_sum(model: Model, path: Path) -> None:
    found = sha256_of(path)
    if found != model.sha256:
        raise ModelDamaged(
            f"{path} is damaged: its sha256 is {found} and must be {model.sha256}. "
            f"`jisr models pull {model.name}` gets it again."
        )


def _sum_up(model: Model, failures: Mapping[str, JisrError]) -> JisrError:
    kind = ModelDamaged if isinstance([*failures.values()][-1], ModelDamaged) else PullFailed
    told = "; ".join(f"{name}: {str(error).rstrip('.')}" for name, error in failures.items())
    return kind(f"{model.name} was not pulled. {told}. {_from_folder(model)}")


def _from_folder(model: Model) -> str:
    return (
        "Without a network, copy the file here from a machine that has one: "
        f"`jisr models pull {model.name} --from PATH`."
    )


def _mb(size: int) -> str:
    return f"{-(-size // 10**6):,} MB"
