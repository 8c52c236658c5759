"""`jisr bench route`: which model a question should go to, beside other ways to tell."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jisr.cli.bench import command_line, finish
from jisr.cli.bench_answers import files_option, limit_option
from jisr.cli.context import Run, pass_run

if TYPE_CHECKING:
    from jisr.bench.report import Row
    from jisr.bench.route import Embed


@click.command()
@files_option("Questions with answers, or with what other models made of them; may be given again.")
@limit_option
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses rows and tenths.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the result here.")
@click.option("--plots", type=click.Path(path_type=Path), help="Draw the curves into this folder.")
@pass_run
def route(
    run: Run,
    *,
    paths: Sequence[Path],
    limit: int | None,
    seed: int,
    json_path: Path | None,
    plots: Path | None,
) -> None:
    """Measure routing: accuracy by the share of turns that the cloud answers.

    device.model and cloud_role.model answer every question here; answers are kept in the home of
    Jisr, and none is asked for twice. Rows are {"id": …, "kind": "number" | "short", "question":
    …, "answer": …}, or {"id": …, "kind": "choice", "question": …, "choices": […], "answer":
    LETTER}, or {"id": …, "question": …, "weak_correct": …, "strong_correct": …}; the latter are
    routed by the question alone. The k-nearest-neighbours way needs the extra [embed].

    \b
    Examples:
      jisr bench route --data questions.jsonl --json route.json --plots docs
      jisr bench route --data questions.jsonl --data routing-outcomes.jsonl --limit 200
    """
    from jisr.bench import route as benchmark  # heavy, and `--help` needs it not
    from jisr.bench.asking import cloud_name
    from jisr.bench.costs import cloud_usd
    from jisr.bench.outcomes import figures as outcome_figures
    from jisr.bench.report import result
    from jisr.cli.bench_answers import (
        ask_both,
        chosen_rows,
        judged_rows,
        only_outcomes,
        outcome_rows,
    )

    others = outcome_rows(paths)[:limit]
    rows = [] if only_outcomes(paths) else chosen_rows(paths, limit, seed)
    rows = [row for row in rows if row.kind != "grounded"]
    embed = _embed()
    found: dict[str, float] = {}
    tables: list[Row] = []
    if rows:
        device, clouds = ask_both(run.settings, rows)
        name = cloud_name(run.settings)
        judged, told = judged_rows(device, clouds, cloud=name, seed=seed)
        click.echo(f"judged: {told}", err=True)
        scored = benchmark.scores(judged, embed, seed)
        usd = cloud_usd(clouds, run.settings.ledger, datetime.now(UTC).date())
        found = benchmark.figures(judged, scored, usd)
        tables = benchmark.tables(judged, scored, usd)
        show(tables)
        if plots is not None:
            _draw(tables, plots)
    if others:
        more, lines = outcome_figures(others, embed, seed)
        found |= more
        tables += lines
    finish(result("route", command_line(), seed, found, tables), json_path)


def _embed() -> Embed | None:
    """Return what makes vectors, if it is installed."""
    from jisr.arbiter import embedding

    if embedding.is_installed():
        return embedding.embed
    click.echo("No nearest neighbours: install the extra [embed].", err=True)
    return None


def show(tables: Sequence[Row]) -> None:
    """Print each way's figures, over all kinds and within each."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    console = Console() if sys.stdout.isatty() else Console(width=100)
    table = Table("kind", "way", box=SIMPLE)
    for name in ("questions", "APGR", "CPT(50)", "CPT(80)"):
        table.add_column(name, justify="right")
    for row in tables:
        values = (row[name] for name in ("apgr", "cpt50", "cpt80"))
        cells = ("–" if value is None else f"{value:.3f}" for value in values)
        table.add_row(str(row["kind"]), str(row["way"]), str(row["num"]), *cells)
    console.print(table)


def _draw(tables: Sequence[Row], folder: Path) -> None:
    from jisr.bench.curves import draw_route

    for path in draw_route(tables, folder):
        click.echo(f"drawn: {path}")
