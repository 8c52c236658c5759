"""Files of Jisr that other users of this machine can open, and the command that closes each.

The key is not only warned of: it is refused where it is read (`jisr.privacy.vault_key`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jisr.private_files import exposure

if TYPE_CHECKING:
    from jisr.cli.context import Run
    from jisr.config import Settings


@dataclass(frozen=True, slots=True)
class Exposed:
    """A file or folder that others can open."""

    what: str
    path: Path
    remedy: str
    """Command that closes it."""


def exposed(settings: Settings, settings_file: Path) -> list[Exposed]:
    """Return what others can open of what is private here."""
    found = ((what, path, exposure(path)) for what, path in _private(settings, settings_file))
    return [Exposed(what, path, remedy) for what, path, remedy in found if remedy]


def warn_of_exposed(run: Run) -> None:
    """Say on standard error what others can open, each with its remedy."""
    from jisr.config import chosen_path

    for it in exposed(run.settings, chosen_path(run.config_path)):
        said = f"warning: others can open {it.what}: {it.remedy} closes it"
        click.secho(said, fg="yellow", err=True)


def _private(settings: Settings, settings_file: Path) -> Iterator[tuple[str, Path]]:
    from jisr.ledger.ledger import FILE_NAME as LEDGER
    from jisr.privacy.audit import FOLDER_NAME as AUDIT
    from jisr.privacy.vault_key import FILE_NAME as KEY
    from jisr.privacy.vault_store import FOLDER_NAME as VAULTS

    home = settings.home
    yield "the settings", settings_file
    if settings.privacy.own_words is not None:
        yield "your own words", settings.privacy.own_words
    yield "Jisr's folder", home
    yield "the ledger", home / LEDGER
    yield "the key", home / KEY
    for what, folder in (("the audit log", home / AUDIT), ("the vaults", home / VAULTS)):
        yield what, folder
        if folder.is_dir():
            yield from ((what, path) for path in sorted(folder.iterdir()))
