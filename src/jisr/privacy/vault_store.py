"""The vaults of conversations on disk: encrypted, one file each, and gone with their conversation.

A file holds what its vault's placeholders stand for, under AES-256-GCM with a key of that very
write, so that no nonce is ever used twice; the conversation it is of is signed with it, so that
one file put in the place of another is refused.

What is covered: threads and processes that take turns in one conversation at once; a crash at any
moment leaves the old or the new file; a file that is damaged, or of another key, stops the turn
before anything is sent.

What is not covered: an older copy of a conversation's own file put back in its place is taken; a
deleted file's blocks may be read from the disk until they are written over; how many
conversations there are, when they were used and how long they are can be seen from outside.

Source: NIST SP 800-38D, Galois/Counter Mode; placeholders kept by conversation as in LLM Guard's
Vault, which keeps them in memory.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jisr.clock import Clock
from jisr.errors import PrivacyError
from jisr.privacy.vault import Vault
from jisr.privacy.vault_key import MasterKey
from jisr.private_files import LockHeld, locked, make_folder, write_whole

FOLDER_NAME = "vaults"
ENDING = ".vault"
PURPOSE = "vaults of conversations 1"
SALT_BYTES = 32
NONCE_BYTES = 12
NAME_HEX = 40
"""Digits of the digest that names a file."""
MAX_PLACEHOLDERS = 10_000
MAX_FILE_BYTES = 64 * 2**20
NUM_LOCKS = 64
"""Locks that conversations share; those of two conversations seldom are one."""
LOOK_EVERY_S = 60.0
"""How often it is looked for conversations that nobody went on with."""


class Vaults(Protocol):
    """Gives a turn the vault of its conversation."""

    def open(self, conversation_id: str | None) -> AbstractContextManager[Vault]:
        """Yield the vault; what is put into it is kept when the `with` ends without an error.

        Raises:
            PrivacyError: It cannot be read or kept.
        """
        ...

    def peek(self, conversation_id: str | None) -> Vault:
        """Return what the vault is now; nothing that is put into it is kept.

        Raises:
            PrivacyError: It cannot be read.
        """
        ...

    def delete(self, conversation_id: str) -> bool:
        """Forget a conversation; return whether there was one."""
        ...


class TurnVaults:
    """Keeps nothing: the vault of every turn is its own."""

    @contextmanager
    def open(self, conversation_id: str | None) -> Iterator[Vault]:
        """Yield a new vault."""
        yield Vault()

    def peek(self, conversation_id: str | None) -> Vault:
        """Return a new vault."""
        return Vault()

    def delete(self, conversation_id: str) -> bool:
        """Forget nothing: there is nothing."""
        return False


@dataclass(frozen=True, slots=True)
class Kept:
    """What is told of a conversation that is kept."""

    conversation_id: str
    created: datetime | None
    used: datetime
    num_placeholders: int | None
    """None: its file is damaged, or of another key."""


class VaultStore:
    """Keeps the vaults of conversations in a folder. Threads and processes may share it.

    Args:
        folder: Where they are; it is made when the first is kept.
        load_key: Gives the key when the first is opened or kept.
        clock: Says what time it is.
        idle_days: How long after its last turn a conversation is forgotten.
        max_conversations: How many are kept; beyond, the one idle the longest is forgotten.
    """

    def __init__(
        self,
        folder: Path,
        load_key: Callable[[], MasterKey],
        clock: Clock,
        *,
        idle_days: float = 30.0,
        max_conversations: int = 1000,
    ) -> None:
        self._folder, self._clock = folder, clock
        self._load_key, self._key = load_key, b""
        self._idle = timedelta(days=idle_days)
        self._max_conversations = max_conversations
        self._looked_s: float | None = None

    @contextmanager
    def open(self, conversation_id: str | None) -> Iterator[Vault]:
        """Yield a conversation's vault, which nobody else has meanwhile; without a name, a new one.

        Raises:
            PrivacyError: It cannot be read or kept, or is too large.
        """
        if conversation_id is None:
            yield Vault()
            return
        path = self._path(conversation_id)
        with self._held(path):
            self._forget_idle_now_and_then()
            with self._lock(path):
                held = self._read(path, conversation_id) if self._is_current(path) else None
                vault = Vault.from_rows(held.rows) if held else Vault()
                size = len(vault)
                yield vault
                if len(vault) > size:
                    self._write(path, conversation_id, held.created if held else None, vault)
                if len(vault):
                    self._touch(path)
            if held is None and len(vault):
                self._forget_beyond_most()

    def peek(self, conversation_id: str | None) -> Vault:
        """Return a copy of a conversation's vault; nothing is written, and it counts as no use.

        Raises:
            PrivacyError: It cannot be read.
        """
        if conversation_id is None:
            return Vault()
        path = self._path(conversation_id)
        with self._held(path):
            try:
                is_there = not self._was_idle(path)
                held = self._read(path, conversation_id) if is_there else None
            except FileNotFoundError:
                held = None
        return Vault.from_rows(held.rows) if held else Vault()

    def delete(self, conversation_id: str) -> bool:
        """Forget a conversation; return whether there was one.

        Raises:
            PrivacyError: Its file cannot be removed.
        """
        path = self._path(conversation_id)
        with self._held(path):
            return self._remove(path) or self._remove(self._unnamed(conversation_id))

    def delete_all(self) -> int:
        """Forget every conversation, damaged ones too, and return how many there were."""
        return sum(self._remove(path) for path, _ in self._files())

    def kept(self) -> list[Kept]:
        """Return what there is, the one used last first; no values.

        Raises:
            PrivacyError: The key cannot be had.
        """
        self._own_key()
        return [self._kept(path, used) for path, used in reversed(self._files())]

    @property
    def is_begun(self) -> bool:
        """Whether anything was ever kept."""
        return self._folder.exists()

    def _unnamed(self, stem: str) -> Path:
        """Return the file that `kept` tells by its own name, because it says no other."""
        is_one = len(stem) == NAME_HEX and set(stem) <= set("0123456789abcdef")
        return self._folder / f"{stem if is_one else '0' * NAME_HEX}{ENDING}"

    def _kept(self, path: Path, used: datetime) -> Kept:
        try:
            held = self._read(path, None)
        except (PrivacyError, OSError):
            return Kept(_told_id(path) or path.stem, None, used, None)
        return Kept(held.conversation_id, held.created, used, len(held.rows))

    def _read(self, path: Path, conversation_id: str | None) -> _Held:
        """Return what a file holds, if it is that conversation's; None: whosever it is."""
        named = conversation_id or _told_id(path) or path.stem
        damaged = PrivacyError(
            f"What is kept of the conversation {named} cannot be read ({path}): it is damaged, or "
            f"was kept under another key. Nothing is sent; `jisr vault delete {named}` forgets it."
        )
        if path.stat().st_size > MAX_FILE_BYTES:
            raise damaged
        try:
            held = _decrypted(path.read_bytes(), self._own_key())
        except (InvalidTag, ValueError, KeyError, TypeError):
            raise damaged from None
        is_its_own = self._path(held.conversation_id) == path
        if not is_its_own or conversation_id not in (None, held.conversation_id):
            raise damaged
        return held

    def _write(
        self, path: Path, conversation_id: str, created: datetime | None, vault: Vault
    ) -> None:
        if len(vault) > MAX_PLACEHOLDERS:
            raise PrivacyError(
                f"This conversation has more than {MAX_PLACEHOLDERS:,} private values: begin a new "
                "one."
            )
        make_folder(self._folder)
        held = _Held(conversation_id, created or self._clock.now(), vault.to_rows())
        write_whole(path, _encrypted(held, self._own_key()))

    def _touch(self, path: Path) -> None:
        now_s = self._clock.now().timestamp()
        os.utime(path, (now_s, now_s))

    def _own_key(self) -> bytes:
        if not self._key:
            self._key = self._load_key().derive(PURPOSE)
        return self._key

    def _path(self, conversation_id: str) -> Path:
        name = hashlib.sha256(conversation_id.encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / f"{name[:NAME_HEX]}{ENDING}"

    @contextmanager
    def _held(self, path: Path) -> Iterator[None]:
        """Have what goes wrong with files stop the turn, with a reason."""
        try:
            yield
        except LockHeld as error:
            raise PrivacyError(
                f"Another turn holds this conversation: {error}. Nothing is sent."
            ) from None
        except OSError as error:
            raise PrivacyError(
                f"What is kept of this conversation cannot be read or written ({path}): "
                f"{error.strerror}. Nothing is sent."
            ) from None

    @contextmanager
    def _lock(self, path: Path) -> Iterator[None]:
        make_folder(self._folder.parent)
        make_folder(self._folder)
        with locked(self._folder / f".lock-{int(path.stem[:8], 16) % NUM_LOCKS:02}"):
            yield

    def _remove(self, path: Path) -> bool:
        if not path.exists():
            return False
        with self._lock(path):
            path.unlink(missing_ok=True)
        return True

    def _files(self) -> list[tuple[Path, datetime]]:
        """Return the files, the one idle the longest first, and when each was used last."""
        found = []
        for path in self._folder.glob(f"*{ENDING}"):
            try:
                found.append((path, datetime.fromtimestamp(path.stat().st_mtime, UTC)))
            except FileNotFoundError:  # another process forgot it
                continue
        return sorted(found, key=lambda it: it[1])

    def _is_current(self, path: Path) -> bool:
        """Return whether a conversation is there and was not idle for too long."""
        if not path.exists():
            return False
        if self._was_idle(path):
            path.unlink(missing_ok=True)
            return False
        return True

    def _was_idle(self, path: Path) -> bool:
        return path.stat().st_mtime < (self._clock.now() - self._idle).timestamp()

    def _forget_idle_now_and_then(self) -> None:
        now_s = self._clock.monotonic_s()
        if self._looked_s is not None and now_s - self._looked_s < LOOK_EVERY_S:
            return
        self._looked_s = now_s
        for path, _ in self._files():
            with self._lock(path):
                if self._is_current(path):
                    return

    def _forget_beyond_most(self) -> None:
        files = self._files()
        for path, _ in files[: max(0, len(files) - self._max_conversations)]:
            self._remove(path)


@dataclass(frozen=True, slots=True)
class _Held:
    """What one file holds."""

    conversation_id: str
    created: datetime
    rows: list[tuple[str, str]]


_HEAD = b"jisr vault 1 "


def _encrypted(held: _Held, key: bytes) -> bytes:
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    head = _HEAD + json.dumps(held.conversation_id).encode() + b"\n"
    plain = json.dumps({"created": held.created.isoformat(), "rows": held.rows}).encode()
    return head + salt + nonce + _cipher(key, salt).encrypt(nonce, plain, head)


def _decrypted(content: bytes, key: bytes) -> _Held:
    head, newline, rest = content.partition(b"\n")
    if not head.startswith(_HEAD):
        raise ValueError("no vault")
    salt, rest = rest[:SALT_BYTES], rest[SALT_BYTES:]
    nonce, sealed = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
    plain = json.loads(_cipher(key, salt).decrypt(nonce, sealed, head + newline))
    return _Held(
        json.loads(head.removeprefix(_HEAD)),
        datetime.fromisoformat(plain["created"]),
        [(entity_type, value) for entity_type, value in plain["rows"]],
    )


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(hmac.digest(key, salt, hashlib.sha256))


def _told_id(path: Path) -> str:
    """Return the name that a file says it is of, believed or not; empty if it says none."""
    try:
        with path.open("rb") as file:
            told = json.loads(file.readline(1024).removeprefix(_HEAD))
    except (OSError, ValueError, RecursionError):
        return ""
    return told if isinstance(told, str) and told.isprintable() else ""
