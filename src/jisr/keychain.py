"""The system's keyring: asked, or told, for no longer than a moment.

It is optional, and never a reason to fail or to wait long: if its package is missing, has no
backend here, or asks the user to unlock it for longer than a moment, it knows nothing and keeps
nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

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
        backend = _backend()
        return backend.get_password(service, user) if backend else None

    def tell(self, service: str, user: str, secret: str) -> bool:
        """Keep a secret; return whether it can."""
        backend = _backend()
        if backend is None:
            return False
        backend.set_password(service, user, secret)
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


def _backend() -> KeyringBackend | None:
    try:
        import keyring
    except ImportError:
        return None
    backend = keyring.get_keyring()
    return backend if getattr(backend, "priority", 0) > 0 else None
