"""The one key of a home folder: what is kept there is encrypted and signed with keys made of it.

It lies in the system's keyring, or in a file that only its owner reads. Where it lies is told by
the file, so that a keyring that does not answer is not taken for a keyring that is not there.

What is covered: processes that begin at once agree on one key; a key that others could read is
refused. What is not covered: programs of the same user, and the superuser, can read it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import stat
from pathlib import Path
from typing import Literal

from jisr.errors import PrivacyError
from jisr.keychain import SERVICE, Keychain, SystemKeychain, soon
from jisr.private_files import exposure, locked, make_folder, write_whole

FILE_NAME = "vault.key"
KEY_BYTES = 32
IN_KEYRING = "keyring "
_HEAD = "jisr key 1\n"

Where = Literal["auto", "keyring", "file"]


class MasterKey:
    """A key that other keys are made of. It shows itself to nobody."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return "MasterKey()"

    def derive(self, purpose: str) -> bytes:
        """Return the key of one purpose, 32 bytes; it tells nothing of another's."""
        return hmac.digest(self._secret, purpose.encode(), hashlib.sha256)


def load_key(home: Path, where: Where = "auto", keychain: Keychain | None = None) -> MasterKey:
    """Return the key of a home folder, made if it has none.

    Args:
        home: The folder; it is made if it is not there.
        where: Where a new key is put; one that is there is used where it is.
        keychain: The keyring; None is the system's.

    Raises:
        PrivacyError: It cannot be read or made, others could read it, or the keyring that has it
            does not answer.
    """
    path = home / FILE_NAME
    keychain = keychain or SystemKeychain()
    try:
        if not path.exists():
            make_folder(home)
            with locked(home / f".{FILE_NAME}.lock"):
                if not path.exists():
                    _make(path, where, keychain)
        return MasterKey(_read(path, keychain))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not the file it should be"
        raise PrivacyError(f"The key {path} cannot be used: {reason}.") from None


def _make(path: Path, where: Where, keychain: Keychain) -> None:
    secret = secrets.token_bytes(KEY_BYTES)
    user = f"vault-key-{secrets.token_hex(4)}"
    is_told = where != "file" and soon(lambda: keychain.tell(SERVICE, user, secret.hex()))
    if is_told and soon(lambda: keychain.ask(SERVICE, user)) == secret.hex():
        write_whole(path, f"{_HEAD}{IN_KEYRING}{user}\n".encode())
        return
    if where == "keyring":
        raise PrivacyError(
            "The system's keyring cannot keep a key (privacy.key_store = keyring): unlock it, "
            "install jisr[keyring], or set privacy.key_store = file."
        )
    write_whole(path, f"{_HEAD}{secret.hex()}\n".encode())


def _read(path: Path, keychain: Keychain) -> bytes:
    if not stat.S_ISREG(path.lstat().st_mode):
        raise PrivacyError(f"The key {path} is no file of its own: nothing is read through it.")
    if remedy := exposure(path):
        raise PrivacyError(
            f"Others may read the key {path}, so it is not used: {remedy} closes it; if somebody "
            "may have read it, remove it with all that was kept under it."
        )
    text = path.read_text("ascii")
    kept = text.removeprefix(_HEAD).strip()
    if kept.startswith(IN_KEYRING):
        kept = _asked(kept.removeprefix(IN_KEYRING), keychain)
    try:
        secret = bytes.fromhex(kept)
    except ValueError:
        secret = b""
    if not text.startswith(_HEAD) or len(secret) != KEY_BYTES:
        raise PrivacyError(f"The key {path} is damaged: put it back from a copy, or remove it.")
    return secret


def _asked(user: str, keychain: Keychain) -> str:
    found = soon(lambda: keychain.ask(SERVICE, user))
    if not found:
        raise PrivacyError(
            f"The key is in the system's keyring (service {SERVICE}, user {user}), which does not "
            "give it: unlock the keyring, and install jisr[keyring] if it is missing."
        )
    return found
