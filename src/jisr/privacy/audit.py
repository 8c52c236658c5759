"""The audit log: a row for every sending, on disk before the first byte of it is sent.

It lies in a folder of its own: files of rows, numbered, of which the last is added to, and a
signed head that says where the last row ends. Threads and processes that send at once write
one chain: the head is locked for each row.

What is covered: what cannot be written down is not sent (a full disk, no permission, a log that
was cut or changed at its end); a crash at any moment: whole rows behind the head are taken up,
a torn one is said to be torn; files grow to a size and go on in the next.

What is not covered: a loss of power may take the last rows with it, unless each is waited for
(`privacy.audit_fsync`); who has the key can write another log; who puts an older copy of the
whole folder in its place, or removes it, is not found out by the log alone. Payloads are
counted and digested; headers, and what TLS adds, are not.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from jisr.clock import Clock
from jisr.departure import Auditor, Departure, Unaudited
from jisr.errors import PrivacyError
from jisr.privacy.audit_rows import (
    Keys,
    Place,
    Row,
    Torn,
    line_of,
    mend_of,
    mends,
    read,
    said_of,
)
from jisr.privacy.vault_key import MasterKey, load_key
from jisr.privacy_settings import PrivacySettings
from jisr.private_files import free, make_folder, open_private, sync_folder, take, try_take

FOLDER_NAME = "audit"
HEAD_NAME = "head"
HEAD_BYTES = 256
FILE_BYTES = 16 * 2**20
LONGEST_WAIT_S = 10.0

LOG = logging.getLogger(__name__)


def open_audit(home: Path, settings: PrivacySettings, clock: Clock) -> Auditor:
    """Return who writes departures down, as the settings have it; nothing is opened yet."""
    if not settings.audit:
        return Unaudited()
    return AuditLog(
        home / FOLDER_NAME,
        partial(load_key, home, settings.key_store),
        clock,
        syncs=settings.audit_fsync,
        file_bytes=settings.audit_file_bytes,
    )


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log ends."""

    file: int = 1
    """Number of the file that is added to."""
    size_bytes: int = 0
    """Of that file, up to the end of its last row."""
    place: Place = field(default_factory=Place)

    def to_bytes(self, keys: Keys) -> bytes:
        """Return it signed, always of one size."""
        said = [self.file, self.size_bytes, self.place.num_rows, self.place.mac]
        body = json.dumps(said).encode()
        return (body + b" " + _signature(body, keys)).ljust(HEAD_BYTES - 1) + b"\n"

    @classmethod
    def from_bytes(cls, content: bytes, keys: Keys) -> Head:
        """Return what was signed.

        Raises:
            ValueError: It is not what was signed.
        """
        body, _, signature = content.rstrip().rpartition(b" ")
        if not hmac.compare_digest(signature, _signature(body, keys)):
            raise ValueError("another signature")
        file, size_bytes, num_rows, mac = json.loads(body)
        return cls(file, size_bytes, Place(num_rows, mac))


def path_of(folder: Path, number: int) -> Path:
    """Return the file of rows of that number."""
    return folder / f"{number:06}.jsonl"


class AuditLog:
    """Writes departures down. Threads may share it, processes its folder.

    Args:
        folder: Where it is; it is made with the first row.
        load_key: Gives the key, before the first row.
        clock: Says what time it is.
        syncs: Whether each row is waited for until it is on the disk itself.
        file_bytes: Size from which it goes on in a new file.
    """

    def __init__(
        self,
        folder: Path,
        load_key: Callable[[], MasterKey],
        clock: Clock,
        *,
        syncs: bool = False,
        file_bytes: int = FILE_BYTES,
    ) -> None:
        self._folder, self._clock = folder, clock
        self._load_key = load_key
        self._keys: Keys | None = None
        self._syncs, self._file_bytes = syncs, file_bytes
        self._mutex = threading.Lock()
        self._head_file = self._rows_file = -1
        self._number = 0
        """Of the file of rows that is open."""

    def note(self, departure: Departure) -> None:
        """Write a departure down; return when it is.

        Raises:
            PrivacyError: It could not be: nothing may be sent.
        """
        if not self._mutex.acquire(timeout=LONGEST_WAIT_S):
            raise self._unwritten(f"it is written to for more than {LONGEST_WAIT_S:g} s")
        try:
            keys = self._opened()
            take(self._head_file, wait_s=LONGEST_WAIT_S)
            try:
                self._add(departure, keys)
            finally:
                free(self._head_file)
        except OSError as error:
            raise self._unwritten(error.strerror or str(error)) from None
        finally:
            self._mutex.release()

    def note_at_once(self, departure: Departure) -> bool:
        """Write a departure down if nobody else writes and nothing is to be waited for.

        Raises:
            PrivacyError: It could not be: nothing may be sent.
        """
        if self._syncs or self._keys is None or not self._mutex.acquire(blocking=False):
            return False
        try:
            keys = self._opened()
            if not try_take(self._head_file):
                return False
            try:
                self._add(departure, keys)
            finally:
                free(self._head_file)
            return True
        except OSError as error:
            raise self._unwritten(error.strerror or str(error)) from None
        finally:
            self._mutex.release()

    def close(self) -> None:
        """Close its files; it opens them again when it must."""
        with self._mutex:
            self._close()

    def _opened(self) -> Keys:
        """Return the keys, the files open; opened anew if the folder is not the one it was."""
        path = self._folder / HEAD_NAME
        if self._keys is None:
            self._keys = Keys.of(self._load_key())
        if self._head_file >= 0:
            with suppress(FileNotFoundError):
                if os.path.samestat(path.stat(), os.fstat(self._head_file)):
                    return self._keys
            self._close()
        make_folder(self._folder)
        self._head_file = open_private(path, os.O_RDWR)
        return self._keys

    def _add(self, departure: Departure, keys: Keys) -> None:
        head = self._caught_up(self._read_head(keys), keys)
        if head.size_bytes >= self._file_bytes:
            head = replace(head, file=head.file + 1, size_bytes=0)
            head = self._caught_up(head, keys)
        self._append(head, said_of(departure, self._clock.now(), keys), keys)

    def _read_head(self, keys: Keys) -> Head:
        content = os.pread(self._head_file, HEAD_BYTES, 0)
        if content:
            try:
                return Head.from_bytes(content, keys)
            except ValueError:
                raise self._changed("its head is not what was signed") from None
        if path_of(self._folder, 1).exists():
            raise self._changed("its head is missing")
        os.pwrite(self._head_file, Head().to_bytes(keys), 0)
        return Head()

    def _append(
        self, head: Head, said: dict[str, object], keys: Keys, *, before: bytes = b""
    ) -> Head:
        line, place = line_of(said, head.place, keys)
        line = before + line
        try:
            _write_at(self._rows_file, line, head.size_bytes)
            if self._syncs:
                os.fsync(self._rows_file)
        except OSError:
            with suppress(OSError):  # nothing was sent, so nothing has to be said
                os.ftruncate(self._rows_file, head.size_bytes)
            raise
        head = Head(head.file, head.size_bytes + len(line), place)
        os.pwrite(self._head_file, head.to_bytes(keys), 0)
        if self._syncs:
            os.fsync(self._head_file)
        return head

    def _caught_up(self, head: Head, keys: Keys) -> Head:
        """Return the head with what another process wrote behind it before it ended.

        Raises:
            PrivacyError: The log was cut or changed.
        """
        self._open_rows(head)
        size_bytes = os.fstat(self._rows_file).st_size
        if size_bytes < head.size_bytes:
            raise self._changed("rows are missing at its end")
        if size_bytes == head.size_bytes:
            return head
        behind = os.pread(self._rows_file, size_bytes - head.size_bytes, head.size_bytes)
        torn: Torn | None = None
        ending = b"" if behind.endswith(b"\n") else b"\n"
        for it in read(behind + ending, keys):
            if isinstance(it, Torn):
                torn = it
                continue
            if not _follows(it, head.place) or not (torn is None or mends(it, torn, keys)):
                raise self._changed(f"what stands behind row {head.place.num_rows} is not its own")
            size = head.size_bytes + it.size_bytes + (len(torn.content) if torn else 0)
            head, torn = Head(head.file, size, Place(it.number, it.mac)), None
        if torn is None:
            _write_at(self._rows_file, ending, size_bytes)
            return head
        left = torn.content.removesuffix(b"\n")
        LOG.warning("the audit log was torn by a crash behind row %d", head.place.num_rows)
        mend = mend_of(left, self._clock.now(), keys)
        return self._append(head, mend, keys, before=left + b"\n")

    def _open_rows(self, head: Head) -> None:
        if self._number == head.file:
            return
        if self._rows_file >= 0:
            os.close(self._rows_file)
            self._rows_file, self._number = -1, 0
        path = path_of(self._folder, head.file)
        if head.size_bytes and not path.exists():
            raise self._changed(f"{path.name} is missing")
        self._rows_file = open_private(path, os.O_RDWR)
        self._number = head.file
        if self._syncs:
            sync_folder(self._folder)

    def _close(self) -> None:
        for file in (self._head_file, self._rows_file):
            if file >= 0:
                os.close(file)
        self._head_file = self._rows_file = -1
        self._number = 0

    def _unwritten(self, why: str) -> PrivacyError:
        return PrivacyError(
            f"The audit log {self._folder} cannot be written: {why}. Nothing was sent. Make room "
            "or mend it, or turn it off with privacy.audit = false."
        )

    def _changed(self, why: str) -> PrivacyError:
        return PrivacyError(
            f"The audit log {self._folder} was cut or changed, or lost its end with the power: "
            f"{why}. Nothing was sent. `jisr audit verify` says more; move the folder aside, and a "
            "new log begins."
        )


def _follows(row: Row, place: Place) -> bool:
    is_next = row.number == place.num_rows + 1 and row.said.get("previous") == place.mac
    return is_next and row.is_signed


def _write_at(file: int, content: bytes, at: int) -> None:
    while content:
        written = os.pwrite(file, content, at)
        content, at = content[written:], at + written


def _signature(body: bytes, keys: Keys) -> bytes:
    return hmac.digest(keys.head, body, hashlib.sha256).hex().encode()
