"""What a setting and its value may be: a table, words, a port, a name, an address, a file.

And what people are told where a value does not fit, or a name is no setting's.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)


class Table(BaseModel):
    """A table of settings: frozen, and closed to unknown names."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True
    )


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
    if "?" in url or "#" in url:
        raise ValueError(
            "it may hold no ? and no #; a key goes into the environment or the keyring"
        )
    return url


def quoted(value: object) -> str:
    """Return a value that was refused as an end of a message; empty if it may hold a secret."""
    shown = repr(value)
    return "" if any(sign in shown for sign in "@?#") else f"; got {shown}"


def remedy(name: str, names: Sequence[str]) -> str:
    """Return what could be meant by a name that is none of `names`, in words for people."""
    table, _, key = name.rpartition(".")
    if key == "api_key":
        return f"keys are not kept in settings; put it into the variable that {name}_env names."
    if inside := [it for it in names if it.startswith(f"{name}.")]:
        return f"it is a table of settings, such as {inside[0]}."
    if table in names:
        return f"{table} is one value, not a table."
    beside = [it for it in names if table and it.startswith(f"{table}.")]
    near = get_close_matches(name, beside, n=1, cutoff=0.5)
    near += [it for it in names if it.rpartition(".")[2] == key]
    near += get_close_matches(name, names, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else "`jisr config` lists all there are."


def explain(error: ValidationError, origins: Mapping[str, str], in_rows: Sequence[str]) -> str:
    """Return every fault of the settings in words for people.

    Args:
        error: The faults.
        origins: Where each setting comes from.
        in_rows: Names that a row of a setting that is a list of tables may have.
    """
    lines = []
    for problem in error.errors(include_url=False):
        name = ".".join(str(part) for part in problem["loc"])
        setting = next((n for n in origins if name == n or name.startswith(f"{n}.")), name)
        said = f"{name} ({origins.get(setting, 'default')})"
        if problem["type"] == "extra_forbidden":  # only such rows get here
            meant = remedy(str(problem["loc"][-1]), in_rows)
            lines.append(f"{said}: no such setting, {meant}")
        else:
            told = problem["msg"].removeprefix("Value error, ")
            lines.append(f"{said}: {told}{quoted(problem['input'])}")
    return "Settings that do not fit:\n  " + "\n  ".join(lines)


Words = Annotated[tuple[str, ...], BeforeValidator(_split)]
Port = Annotated[int, Field(ge=0, le=65535)]
Name = Annotated[str, Field(min_length=1)]
Url = Annotated[str, AfterValidator(_check_url)]
File = Annotated[Path, AfterValidator(expand)]
