"""What the value of a setting may be: words, a port, a name, an address, a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field


def _split(value: object) -> object:
    """Return the parts of `a, b` from the environment or an argument."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def expand(path: Path) -> Path:
    """Return the path with `~` opened."""
    return Path(os.path.expanduser(path))  # Path's own fails for a user who does not exist


def _check_url(url: str) -> str:
    """Refuse what no client could be pointed at, and an address that holds a secret."""
    if not url.startswith(("http://", "https://")):
        raise ValueError("it must begin with http:// or https://")
    if "@" in urlsplit(url).netloc:
        raise ValueError(
            "it holds a user name or password: take it out; a key goes into the environment or "
            "the keyring"
        )
    return url


def quoted(value: object) -> str:
    """Return a value that was refused as an end of a message; empty if it may hold a password."""
    shown = repr(value)
    return "" if "@" in shown else f"; got {shown}"


Words = Annotated[tuple[str, ...], BeforeValidator(_split)]
Port = Annotated[int, Field(ge=0, le=65535)]
Name = Annotated[str, Field(min_length=1)]
Url = Annotated[str, AfterValidator(_check_url)]
File = Annotated[Path, AfterValidator(expand)]
