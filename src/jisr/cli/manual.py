"""Writes those pages of `docs/` that are made out of the code they describe.

Run as `python -m jisr.cli.manual`; with `--check` nothing is written, and it
fails if a page is not what it would write.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import click
from pydantic.fields import FieldInfo

from jisr.bench.results import results_page
from jisr.cli.config import shown
from jisr.cli.main import cli
from jisr.cli.structure import structure_page
from jisr.config import CONFIG_VARIABLE, Settings, UpstreamSettings, variable_of
from jisr.setting_values import Table

DOCS = Path("docs")
HELP_WIDTH = 88
SHOWN_DEFAULTS = {"home": "~/.local/share/jisr", "models_dir": "~/.cache/jisr/models"}
"""Linux's; elsewhere they follow the system's habit, and a page must not depend on that."""

CONFIGURATION = f"""\
# Configuration

A setting has a dotted name. It is looked for in three places, and the later wins:

1. the settings file (TOML), `~/.config/jisr/config.toml` unless `--config PATH` or the variable
   `{CONFIG_VARIABLE}` names another: `port = 8080` under `[server]`;
2. the environment: `JISR_SERVER__PORT=8080`, two underscores for the dot;
3. the command line: `jisr --set server.port=8080 serve`.

They are loaded once and do not change while Jisr runs. A name that does not exist is an error that
says the nearest one that does. A variable that is empty counts as not set; an empty argument
(`--set cloud.base_url=`) brings the default back. Lists are written with commas in the environment.
`jisr config` prints what holds and where each value comes from.

Keys are not settings: a setting ending in `api_key_env` names the environment variable that holds
the key, and if that is empty the keyring is asked (service `jisr`, user the variable's name).

On macOS the folders are where that system has them; `jisr config` shows them.
"""
FALLBACKS = """\
## `[[cloud.fallbacks]]`

Services to try in order when the first gives nothing. Only the file can have them, one table each,
with these keys:
"""
COMMANDS = """\
# Commands

What `--help` prints, for every command.
"""


def configuration_page() -> str:
    """Return the text of docs/configuration.md."""
    tables = list(_tables(Settings))
    head = ["", "## Settings without a table", "", *_rows(Settings, "")]
    sections = [
        line
        for name, table in tables
        for line in ("", f"## `[{name}]`", "", _about(table), "", *_rows(table, f"{name}."))
    ]
    fallbacks = ["", FALLBACKS, *_rows(UpstreamSettings, "", has_variables=False)]
    return CONFIGURATION + "\n".join([*head, *sections, *fallbacks]) + "\n"


def commands_page(group: click.Group = cli, name: str = "jisr") -> str:
    """Return the text of docs/commands.md, from the help of every command of a group."""
    sections = [
        f"\n## {path}\n\n```text\n{text}\n```\n" for path, text in _helps(group, name, None)
    ]
    return COMMANDS + "".join(sections)


def stale_pages(folder: Path = DOCS) -> list[Path]:
    """Return the pages that are not what they should be."""
    return [
        path
        for path, text in _pages(folder).items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def write_pages(folder: Path = DOCS) -> None:
    """Write the pages."""
    for path, text in _pages(folder).items():
        path.write_text(text, encoding="utf-8")


def _pages(folder: Path) -> dict[Path, str]:
    return {
        folder / "configuration.md": configuration_page(),
        folder / "commands.md": commands_page(),
        folder / "structure.md": structure_page(),
        folder / "results.md": results_page(folder / "results"),
    }


def _tables(table: type[Table]) -> Iterator[tuple[str, type[Table]]]:
    for name, field in table.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Table):
            yield name, field.annotation


def _about(table: type[Table]) -> str:
    return (table.__doc__ or "").strip()


def _rows(table: type[Table], prefix: str, *, has_variables: bool = True) -> Iterator[str]:
    tables = dict(_tables(table))
    variable = " environment |" if has_variables else ""
    yield f"| name | value | default |{variable} meaning |"
    yield "|---|---|---|" + ("---|" if has_variables else "") + "---|"
    meanings = meanings_of(table)
    for name, field in table.model_fields.items():
        if name in tables:
            continue
        full = prefix + name
        cell = f" `{variable_of(full)}` |" if has_variables else ""
        cell = " (file only) |" if full == "cloud.fallbacks" else cell
        start = f"| `{full}` | {_kind(field.annotation)} | {_default(full, field)} |"
        yield f"{start}{cell} {meanings[name]} |"


def _default(name: str, field: FieldInfo) -> str:
    value = SHOWN_DEFAULTS.get(name) or shown(field.get_default(call_default_factory=True))
    return value if value == "(none)" else f"`{value}`"


def meanings_of(table: type) -> dict[str, str]:
    """Return the string under each field of a class, on one line, fit for a table.

    Read here and not when the class is made: that would read its source at every start.
    """
    meanings: dict[str, str] = {}
    for parent in reversed(table.__mro__):
        if parent.__module__ != table.__module__:
            continue
        lines = ast.parse(inspect.getsource(parent)).body[0]
        assert isinstance(lines, ast.ClassDef)
        for field, below in pairwise(lines.body):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(below, ast.Expr)
                and isinstance(below.value, ast.Constant)
            ):
                words = " ".join(str(below.value.value).split())
                meanings[field.target.id] = words.replace("|", "\\|")
    return meanings


KINDS = {"str": "text", "bool": "true or false", "int": "number", "float": "number"}
KINDS |= {"Decimal": "USD", "Path": "path", "tuple": "list", "UpstreamSettings": "tables"}


def _kind(annotation: Any) -> str:
    """Return what a setting takes, in a word or by its choices."""
    origin, inner = (
        get_origin(annotation),
        [it for it in get_args(annotation) if it is not type(None)],
    )
    if origin in (Union, UnionType) or hasattr(annotation, "__metadata__"):
        return _kind(inner[0])
    if origin is tuple:
        return "tables" if inner[0] is UpstreamSettings else "list"
    if origin is not None:  # a Literal's arguments are its choices
        return ", ".join(f"`{it}`" for it in inner)
    choices = list(annotation) if hasattr(annotation, "__members__") else []
    return ", ".join(f"`{it}`" for it in choices) or KINDS[annotation.__name__]


def _helps(
    command: click.Command, name: str, parent: click.Context | None
) -> Iterator[tuple[str, str]]:
    context = command.context_class(
        command,
        info_name=name,
        parent=parent,
        **{**command.context_settings, "terminal_width": HELP_WIDTH},
    )
    yield context.command_path, command.get_help(context).rstrip()
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if found and not found.hidden:
                yield from _helps(found, inner, context)


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` tell which are stale; return the exit code."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m jisr.cli.manual [--check]", file=sys.stderr)
        return 2
    if not arguments:
        write_pages()
        return 0
    stale = stale_pages()
    for path in stale:
        print(f"{path} is stale: run `python -m jisr.cli.manual`", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
