"""What a terminal shows of an answer that is checked after it was shown.

On a terminal the text of an answer that is withdrawn is struck out, as far as it is still in
sight; where the output goes elsewhere a line says so, for what was written stays written.
"""

from __future__ import annotations

import shutil
import sys

import click

from jisr.cli.client import State

CHECKING = "checking…"


def show_state(state: State, text: str) -> None:
    """Show that an answer is being checked, or that it is withdrawn.

    Args:
        state: What is known of it.
        text: What was shown of it so far.
    """
    if state.name == "checking":
        if sys.stderr.isatty():
            click.secho(CHECKING, dim=True, err=True)
        return
    if state.name != "withdrawn":
        return
    why = f"[withdrawn: {state.jisr.get('sentence') or state.jisr.get('reason')}]"
    if not sys.stdout.isatty():
        click.echo(f"\n{why}\n")
        return
    size = shutil.get_terminal_size()
    click.echo(struck_out(text, size.columns, size.lines))
    click.secho(why, dim=True)


def struck_out(text: str, columns: int, lines: int) -> str:
    """Return what strikes out a text that a terminal shows last; empty if it scrolled away.

    Args:
        text: The text.
        columns: Width of the terminal.
        lines: Its height.
    """
    num_rows = _num_rows(text, columns)
    if num_rows >= lines:
        return ""
    up = f"\x1b[{num_rows - 1}A" if num_rows > 1 else ""
    return f"{up}\r\x1b[J{click.style(text, dim=True, strikethrough=True)}"


def _num_rows(text: str, columns: int) -> int:
    """Return how many rows of a terminal a text takes."""
    from rich.cells import cell_len  # only where an answer is withdrawn

    widths = (cell_len(line) for line in text.split("\n"))
    return sum(max(1, -(-width // columns)) for width in widths)
