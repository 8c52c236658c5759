"""The audit log as it is read and checked: its rows, and whether they are all that were written.

What is covered: a row that was changed, left out, put elsewhere, added or repeated, rows cut off
at the end, files and a head that are missing or not what they were.

What is not covered: what `jisr.privacy.audit` says of it: an older copy of the whole, a log that
was removed, and who has the key.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jisr.errors import PrivacyError
from jisr.privacy.audit import HEAD_BYTES, HEAD_NAME, LONGEST_WAIT_S, Head, path_of
from jisr.privacy.audit_rows import Keys, Place, Row, Torn, mends, read
from jisr.privacy.vault_key import MasterKey
from jisr.private_files import take


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where."""

    row: int
    """Number of the row at which it is seen."""
    words: str


@dataclass(slots=True)
class Checked:
    """What a check found."""

    num_rows: int = 0
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What a crash left, and is no fault."""


def rows_of(folder: Path, master: MasterKey) -> Iterator[Row]:
    """Yield the rows of a log, the oldest first; whether they are sound, `check` says."""
    keys = Keys.of(master)
    for path in _files(folder):
        yield from (it for it in read(path.read_bytes(), keys) if isinstance(it, Row))


def check(folder: Path, master: MasterKey) -> Checked:
    """Return what is wrong with a log; a log that was never begun is sound.

    Raises:
        PrivacyError: It cannot be read.
    """
    keys, checked = Keys.of(master), Checked()
    try:
        head, sizes = _snapshot(folder, keys)
        if not sizes and head in (None, Head()):
            return checked
        chain = _Chain(keys, checked)
        for number in range(1, max([*sizes, head.file if head else 1]) + 1):
            if number not in sizes:
                chain.fault(f"the file {path_of(folder, number).name} is missing")
                continue
            with path_of(folder, number).open("rb") as file:
                chain.follow(file.read(_end(head, number, sizes[number])))
    except OSError as error:
        raise PrivacyError(f"The audit log {folder} cannot be read: {error.strerror}.") from None
    _check_end(head, sizes, chain.place, checked)
    return checked


def _snapshot(folder: Path, keys: Keys) -> tuple[Head | None, dict[int, int]]:
    """Return the head, None if it is not sound, and the sizes of files, at one moment."""
    try:
        file = os.open(folder / HEAD_NAME, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None, _sizes(folder)
    try:
        take(file, wait_s=LONGEST_WAIT_S)
        content = os.pread(file, HEAD_BYTES, 0)
        sizes = _sizes(folder)
    finally:
        os.close(file)
    if not content and not sizes:
        return Head(), sizes
    try:
        return Head.from_bytes(content, keys), sizes
    except ValueError:
        return None, sizes


def _check_end(head: Head | None, sizes: dict[int, int], place: Place, checked: Checked) -> None:
    checked.num_rows = place.num_rows
    next_row = place.num_rows + 1
    if head is None:
        checked.faults.append(Fault(next_row, "the head is missing, or is not what was signed"))
        return
    missing = head.place.num_rows - place.num_rows
    if missing > 0:
        rows = f"row {next_row} is" if missing == 1 else f"rows {next_row} to {head.place.num_rows}"
        words = f"{rows} missing at the end" if missing == 1 else f"{rows} are missing at the end"
        checked.faults.append(Fault(next_row, words))
    elif head.place != place and not checked.faults:
        checked.faults.append(Fault(place.num_rows, "the last row is not the one of the head"))
    behind = sizes.get(head.file, 0) - head.size_bytes
    behind += sum(size for number, size in sizes.items() if number > head.file)
    if behind > 0:
        checked.notes.append(
            f"{behind} bytes behind row {head.place.num_rows} were left by a crash: the next "
            "sending takes them up"
        )


class _Chain:
    """Follows rows from the first, and notes where they do not follow."""

    def __init__(self, keys: Keys, checked: Checked) -> None:
        self._keys, self._checked = keys, checked
        self.place = Place()

    def fault(self, words: str) -> None:
        """Note what is wrong behind the last row."""
        self._checked.faults.append(Fault(self.place.num_rows + 1, words))

    def follow(self, content: bytes) -> None:
        """Follow the rows of a file."""
        torn: Torn | None = None
        for it in read(content, self._keys):
            if isinstance(it, Torn):
                torn = it
                continue
            if torn is not None:
                self._judge(torn, it)
                torn = None
            self._take(it)
        if torn is not None:
            self.fault(f"{len(torn.content)} bytes that are no row")

    def _judge(self, torn: Torn, then: Row) -> None:
        if mends(then, torn, self._keys):
            self._checked.notes.append(
                f"a crash tore what was being written before row {then.number}: it says so"
            )
        else:
            self.fault(f"{len(torn.content)} bytes that are no row")

    def _take(self, row: Row) -> None:
        expected = self.place.num_rows + 1
        if not row.is_signed:
            self._checked.faults.append(Fault(expected, "this row was changed, or is not ours"))
            self.place = Place(expected, row.mac)
            return
        if row.number > expected:
            last = row.number - 1
            rows = f"row {last} is" if last == expected else f"rows {expected} to {last} are"
            self._checked.faults.append(Fault(expected, f"{rows} missing"))
        elif row.number < expected:
            self._checked.faults.append(
                Fault(row.number, f"this row stands behind row {self.place.num_rows} too")
            )
            return
        elif row.said.get("previous") != self.place.mac:
            self._checked.faults.append(Fault(row.number, "the row before it is another"))
        self.place = Place(row.number, row.mac)


def _end(head: Head | None, number: int, size: int) -> int:
    """Return how much of a file the head speaks of; what is behind that is not written yet."""
    if head is None or number < head.file:
        return size
    return min(size, head.size_bytes) if number == head.file else 0


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9]*.jsonl"))


def _sizes(folder: Path) -> dict[int, int]:
    return {int(it.stem): it.stat().st_size for it in _files(folder) if it.stem.isdigit()}
