"""`jisr bench privacy`: private text that is found and missed, beside Presidio."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jisr.cli.bench import command_line, finish
from jisr.cli.bench_joint import shown_time
from jisr.cli.context import Run, pass_run

if TYPE_CHECKING:
    from jisr.bench.privacy import Found
    from jisr.bench.privacy_counts import Row
    from jisr.bench.privacy_finders import Finder

WIDTH = 110


@click.command()
@click.option(
    "--data",
    "paths",
    type=click.Path(path_type=Path),
    metavar="FILE.jsonl",
    multiple=True,
    required=True,
    help='Texts with "spans" or with "private" strings; may be given more than once.',
)
@click.option(
    "--limit", type=click.IntRange(min=1), help="Rows of each form at most; all if not given."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses the rows.")
@click.option(
    "--peer/--no-peer",
    "with_peer",
    default=True,
    show_default=True,
    help="Whether Presidio looks at the same texts; it is in the extra [bench].",
)
@click.option(
    "--misses", type=click.Path(path_type=Path), help="Write what was missed there, with its text."
)
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the result here.")
@pass_run
def privacy(
    run: Run,
    *,
    paths: Sequence[Path],
    limit: int | None,
    seed: int,
    with_peer: bool,
    misses: Path | None,
    json_path: Path | None,
) -> None:
    """Measure what private text is found, missed, and seen where there is none, beside Presidio.

    A row is {"id": …, "lang": …, "text": …, "spans": [{"start": …, "end": …, "type": …}]}, or
    {"id": …, "text": …, "private": ["…"]}: strings that must not leave. Jisr is measured with
    recognizers and policy as they are set: found is what would not leave as it was written.

    \b
    Examples:
      jisr bench privacy --data spans.jsonl --data prompts.jsonl --json privacy.json
      jisr bench privacy --data spans.jsonl --limit 100 --no-peer --misses missed.jsonl
    """
    from jisr.bench import privacy as benchmark  # heavy, and `--help` needs it not
    from jisr.bench.privacy_rows import SpanRow, StringRow, choose, read
    from jisr.bench.privacy_tables import by_clean_text, by_type, mapping
    from jisr.bench.report import result

    rows = [row for path in paths for row in read(path)]
    span_rows = choose((row for row in rows if isinstance(row, SpanRow)), limit, seed)
    string_rows = choose((row for row in rows if isinstance(row, StringRow)), limit, seed)
    finders = _finders(run, with_peer)
    with shown_time() as tell:
        found = benchmark.measure(finders, span_rows, string_rows, tell)
    tables = [*by_type(found), *by_clean_text(found), *mapping(found)]
    show(found, tables)
    if misses is not None:
        lines = (
            json.dumps(row, ensure_ascii=False) for it in found for row in benchmark.misses(it)
        )
        misses.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    figures = {name: value for it in found for name, value in benchmark.figures(it).items()}
    finish(result("privacy", command_line(), seed, figures, tables), json_path)


def _finders(run: Run, with_peer: bool) -> list[Finder]:
    from jisr.bench.privacy_finders import Jisr, Presidio, is_presidio_here

    finders: list[Finder] = [Jisr(run.settings.privacy)]
    if with_peer and is_presidio_here():
        finders.append(Presidio())
    elif with_peer:
        click.echo("Presidio is not here, and not measured: install the extra [bench].", err=True)
    return finders


def show(found: Sequence[Found], tables: Sequence[Row]) -> None:
    """Print what became of every type, and the false alarms."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    prefixes = [it.finder.prefix for it in found]
    names = [prefix.rstrip("_") or "jisr" for prefix in prefixes]
    types = Table(title="spans covered, by type", box=SIMPLE, title_justify="left")
    for name in ("type", "as ours", "spans", *names, "found as"):
        types.add_column(name, justify="right" if name in ("spans", *names) else "left")
    alarms = Table("text", *names, title="false alarms", box=SIMPLE, title_justify="left")
    for row in tables:
        if row["measure"] == "type":
            shares = [f"{row[prefix + 'covered_share']:.3f}" for prefix in prefixes]
            kind = f"{row['type']} (apart)" if row["is_apart"] else str(row["type"])
            types.add_row(kind, str(row["ours"]), str(row["num"]), *shares, str(row["found_as"]))
        elif row["measure"] == "clean":
            alarms.add_row(str(row["text"]), *(_told(row[it + "alarms"]) for it in prefixes))
    if types.row_count:
        console.print(types)
    console.print(alarms)


def _told(alarms: object) -> str:
    assert isinstance(alarms, dict), "the tables have it so"
    return ", ".join(f"{kind} {num}" for kind, num in alarms.items()) or "none"
