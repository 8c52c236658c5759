"""A group of commands that imports a command when it is used, and tells errors in one line.

The table knows each command's help line, so `jisr --help` imports none of them.
"""

from __future__ import annotations

import errno
import sys
import traceback
from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import NamedTuple

import click

from jisr.errors import JisrError
from jisr.masking import mask

INTERRUPTED = 130


class Row(NamedTuple):
    """Where a command is, and its line in the help."""

    target: str
    """`module:attribute`."""
    line: str


class LazyGroup(click.Group):
    """A click group over a table of rows."""

    def __init__(self, *args: object, rows: Mapping[str, Row] | None = None, **kw: object) -> None:
        super().__init__(*args, **kw)  # type: ignore[arg-type]  # click's own, passed on
        self.rows = dict(rows or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the table."""
        return list(self.rows)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None if there is none of that name."""
        if cmd_name not in self.rows:
            return None
        module, _, attribute = self.rows[cmd_name].target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table's own lines, so that nothing is imported for them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, row.line) for name, row in self.rows.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for an unknown one say the nearest."""
        name = args[0]
        if name not in self.rows and not name.startswith("-"):
            near = get_close_matches(name, self.rows, n=1, cutoff=0.5)
            remedy = f"did you mean {near[0]}?" if near else "`jisr --help` lists all there are."
            raise click.UsageError(f"There is no command {name!r}: {remedy}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an error of ours ends it with its message, Ctrl-C with silence."""
        try:
            return super().invoke(ctx)
        except JisrError as error:
            if getattr(ctx.obj, "is_debugging", False):
                sys.stderr.write(mask(traceback.format_exc()))
            raise click.ClickException(mask(str(error))) from error
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # click ends quietly when nobody reads on
            raise click.ClickException(
                f"The output cannot be written: {error.strerror}."
            ) from error
        except (KeyboardInterrupt, click.Abort):
            click.echo(err=True)
            ctx.exit(INTERRUPTED)
