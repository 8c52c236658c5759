"""Finds the key of a service: in the environment, else in the system's keyring.

What is found is masked from then on, wherever text of this process is shown or logged.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from jisr import keychain, masking
from jisr.errors import ConfigError

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
    ask = ask_keyring or keychain.SystemKeychain().ask
    found = environ.get(variable, "").strip() or _from_keyring(variable, ask)
    if found is None:
        return None
    if not (found.isascii() and found.isprintable()) or " " in found:
        raise ConfigError(
            f"The key of {variable} holds a space, a control character or a character that is "
            "not ASCII, which no key has. Was it copied whole, and alone?"
        )
    masking.remember(found)
    return found


def _from_keyring(user: str, ask: AskKeyring) -> str | None:
    """Return the keyring's answer if it gives one soon."""
    return (keychain.soon(lambda: ask(keychain.SERVICE, user)) or "").strip() or None
