"""`jisr audit`: what left this machine, when, where to and in what form; and whether it is all."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jisr.cli.context import Run, pass_run

if TYPE_CHECKING:
    from jisr.privacy.audit_check import Checked
    from jisr.privacy.vault_key import MasterKey

SHOWN = 20
COLUMNS = ("row", "at (UTC)", "where to", "for", "bytes", "private spans", "turn")
NUMBERS = ("row", "bytes", "sendings")


@dataclass(slots=True)
class HostTotals:
    """What was sent to one host."""

    num_sendings: int = 0
    num_bytes: int = 0
    leaves: bool = False
    """It is another machine."""
    actions: Counter[str] = field(default_factory=Counter)
    """Number of private spans by what was done with them."""

    def add(self, said: Mapping[str, Any]) -> None:
        """Count a row."""
        self.num_sendings += 1
        self.num_bytes += said.get("bytes", 0)
        self.leaves = self.leaves or bool(said.get("leaves"))
        for them in said.get("spans", {}).values():
            self.actions.update(them)


@click.group(invoke_without_command=True)
@click.option(
    "--last",
    type=click.IntRange(min=0),
    default=SHOWN,
    show_default=True,
    metavar="N",
    help="Show the newest N rows.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def audit(ctx: click.Context, last: int, as_json: bool) -> None:
    """Show every sending: when, where to, how many bytes, what was private in it, of which turn.

    A row is written before the first byte is sent, so it stands for what may have left. No text
    of any turn is kept, only a keyed digest of what was sent.

    \b
    Examples:
      jisr audit
      jisr audit --last 100 --json | jq '.rows[] | select(.leaves)'
      jisr audit verify
    """
    if ctx.invoked_subcommand is not None:
        return
    newest: deque[Mapping[str, Any]] = deque(maxlen=last)
    hosts: dict[str, HostTotals] = {}
    for said in _rows(ctx.find_object(Run) or Run()):
        newest.append(said)
        if "host" in said:
            hosts.setdefault(_where(said), HostTotals()).add(said)
    if as_json:
        rows = {"hosts": {host: _plain(it) for host, it in hosts.items()}, "rows": list(newest)}
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif not hosts:
        click.echo("Nothing was ever sent.", err=True)
    else:
        _show(newest, hosts)


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_run
def verify(run: Run, as_json: bool) -> None:
    """Check that no row was changed, left out, put elsewhere, added or cut off.

    Ends with 1 if one was, and says which. That the whole log was replaced by an older copy of
    itself, or removed, cannot be told from it: compare the number of rows with what you noted.

    \b
    Examples:
      jisr audit verify
      jisr audit verify --json | jq .rows
    """
    from jisr.privacy.audit_check import Checked, check  # `--help` needs no digests

    found = _log(run)
    checked = check(*found) if found else Checked()
    if as_json:
        faults = [{"row": it.row, "fault": it.words} for it in checked.faults]
        told = {"rows": checked.num_rows, "faults": faults, "notes": checked.notes}
        click.echo(json.dumps(told, indent=2))
    else:
        _tell(checked)
    if checked.faults:
        raise SystemExit(1)


def _tell(checked: Checked) -> None:
    for note in checked.notes:
        click.echo(f"note: {note}")
    for fault in checked.faults:
        click.secho(f"row {fault.row}: {fault.words}", fg="red")
    if checked.faults:
        click.secho(
            f"{len(checked.faults)} faults: this log is not all that was written.", err=True
        )
    else:
        click.echo(f"{checked.num_rows:,} rows, all as they were written")


def _show(newest: Iterable[Mapping[str, Any]], hosts: Mapping[str, HostTotals]) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    console.print(_table("newest sendings", COLUMNS, map(_cells, newest)))
    totals = [
        (host, "yes" if it.leaves else "no", f"{it.num_sendings:,}", f"{it.num_bytes:,}", _of(it))
        for host, it in sorted(hosts.items())
    ]
    columns = ("where to", "leaves", "sendings", "bytes", "private spans")
    console.print(_table("\nby host", columns, totals))


def _table(title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Any:
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in NUMBERS else "left")
    for row in rows:
        table.add_row(*row)
    return table


def _cells(said: Mapping[str, Any]) -> list[str]:
    spans = [
        f"{count} {entity_type} {action}"
        for entity_type, them in said.get("spans", {}).items()
        for action, count in them.items()
    ]
    return [
        str(said["row"]),
        str(said.get("at", ""))[:19].replace("T", " "),
        _where(said) if "host" in said else "-",
        str(said.get("errand", "")),
        f"{said.get('bytes', 0):,}",
        ", ".join(spans) or "-",
        str(said.get("turn") or "-"),
    ]


def _where(said: Mapping[str, Any]) -> str:
    host, port = said["host"], said.get("port")
    return f"{said.get('scheme')}://{host}:{port}" if port else str(host)


def _of(it: HostTotals) -> str:
    return ", ".join(f"{count} {action}" for action, count in sorted(it.actions.items())) or "-"


def _plain(it: HostTotals) -> dict[str, object]:
    return {
        "sendings": it.num_sendings,
        "bytes": it.num_bytes,
        "leaves": it.leaves,
        "spans": dict(it.actions),
    }


def _rows(run: Run) -> Iterator[Mapping[str, Any]]:
    from jisr.privacy.audit_check import rows_of  # `--help` needs no digests

    if found := _log(run):
        yield from (row.said for row in rows_of(*found))


def _log(run: Run) -> tuple[Path, MasterKey] | None:
    """Return the folder of the log and its key; None if it was never begun."""
    from jisr.privacy.audit import FOLDER_NAME
    from jisr.privacy.vault_key import load_key

    settings = run.settings
    folder = settings.home / FOLDER_NAME
    return (
        (folder, load_key(settings.home, settings.privacy.key_store)) if folder.exists() else None
    )
