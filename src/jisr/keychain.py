"""The system's keyring: asked, or told, for no longer than a moment.

It is optional, and never a reason to fail or to wait long: if its package is missing, has no
backend here, or asks the user to unlock it for longer than a moment, it knows nothing and keeps
nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import ModuleType
from typing import Protocol, TypeVar

SERVICE = "jisr"
TIMEOUT_S = 2.0

ResultT = TypeVar("ResultT")


class Keychain(Protocol):
    """Keeps secrets by service and user."""

    def ask(self, service: str, user: str) -> str | None:
        """Return a secret, None if it has none."""
        ...

    def tell(self, service: str, user: str, secret: str) -> bool:
        """Keep a secret; return whether it can."""
        ...


class SystemKeychain:
    """The system's own, through the package `keyring`."""

    def ask(self, service: str, user: str) -> str | None:
        """Return a secret, None if it has none."""
        keyring = _keyring()
        found: str | None = keyring.get_password(service, user) if keyring else None
        return found

    def tell(self, service: str, user: str, secret: str) -> bool:
        """Keep a secret; return whether it can."""
        keyring = _keyring()
        if keyring is None:
            return False
        keyring.set_password(service, user, secret)
        return True


def soon(work: Callable[[], ResultT]) -> ResultT | None:
    """Return what `work` returns if it does so within a moment; None if not, or if it raises."""
    results: list[ResultT] = []

    def wait() -> None:
        try:
            results.append(work())
        except Exception:  # whatever a keyring's backend raises, there is no answer
            return

    thread = threading.Thread(target=wait, name="jisr-keyring", daemon=True)
    thread.start()
    thread.join(TIMEOUT_S)
    return results[0] if results else None


def _keyring() -> ModuleType | None:
    """Return the package; None if it is not installed, or has no backend here."""
    try:
        import keyring
    except ImportError:
        return None
    return keyring if getattr(keyring.get_keyring(), "priority", 0) > 0 else None
