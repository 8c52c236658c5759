"""Finds the key of a service: in the environment, else in the system's keyring.

The keyring is optional, and never a reason to fail or to wait long: if its
package is missing, has no backend here, or asks the user to unlock it for
longer than a moment, there is no key.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping

from jisr.errors import ConfigError

SERVICE = "jisr"
KEYRING_TIMEOUT_S = 2.0

AskKeyring = Callable[[str, str], str | None]
"""Returns the password of a service and a user, if it has one."""


def find_key(
    variable: str,
    environ: Mapping[str, str] = os.environ,
    ask_keyring: AskKeyring | None = None,
) -> str | None:
    """Return the key, None if there is none.

    Args:
        variable: Environment variable that holds it, and its user in the keyring.
        environ: The environment.
        ask_keyring: The keyring; None is the system's, if the package `keyring` is installed.

    Raises:
        ConfigError: What was found cannot be a key: it holds spaces or control characters,
            or is not ASCII. The message names the variable and not the key.
    """
    found = environ.get(variable, "").strip() or _from_keyring(variable, ask_keyring or _ask_system)
    if found is None:
        return None
    if not (found.isascii() and found.isprintable()) or " " in found:
        raise ConfigError(
            f"The key of {variable} holds a space, a control character or a character that is "
            "not ASCII, which no key has. Was it copied whole, and alone?"
        )
    return found


def _from_keyring(user: str, ask: AskKeyring) -> str | None:
    """Return the keyring's answer if it gives one soon."""
    answers: list[str] = []

    def wait() -> None:
        try:
            answers.append(ask(SERVICE, user) or "")
        except Exception:  # whatever a keyring's backend raises, there is no key
            return

    thread = threading.Thread(target=wait, name="jisr-keyring", daemon=True)
    thread.start()
    thread.join(KEYRING_TIMEOUT_S)
    return (answers[0].strip() or None) if answers else None


def _ask_system(service: str, user: str) -> str | None:
    try:
        import keyring
    except ImportError:
        return None
    if getattr(keyring.get_keyring(), "priority", 0) <= 0:
        return None
    password: str | None = keyring.get_password(service, user)
    return password
