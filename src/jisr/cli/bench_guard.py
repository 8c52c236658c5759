"""`jisr bench guard`: how far confidence can be trusted, and what a set risk comes to."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jisr.cli.bench import command_line, finish
from jisr.cli.bench_answers import files_option, limit_option
from jisr.cli.context import Run, pass_run

if TYPE_CHECKING:
    from jisr.bench.answering import Answered
    from jisr.bench.report import Row


@click.command()
@files_option("Questions with their answers; may be given more than once.")
@limit_option
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses rows and splits.")
@click.option(
    "--time/--no-time",
    "with_time",
    default=True,
    show_default=True,
    help="Whether to take the time that the check adds, on a few questions of each kind.",
)
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the result here.")
@click.option("--plots", type=click.Path(path_type=Path), help="Draw the curves into this folder.")
@pass_run
def guard(
    run: Run,
    *,
    paths: Sequence[Path],
    limit: int | None,
    seed: int,
    with_time: bool,
    json_path: Path | None,
    plots: Path | None,
) -> None:
    """Measure confidence and abstaining on questions whose answers are known.

    device.model answers every question here; answers are kept in the home of Jisr, and none is
    asked for twice. Rows are {"id": …, "kind": "number" | "short", "question": …, "answer": …}, or
    {"id": …, "kind": "choice", "question": …, "choices": […], "answer": LETTER}, or {"id": …,
    "context": …, "question": …, "answers": […], "answerable": …}.
    What is given and withheld is told for the risk that is set (guard.risk).

    \b
    Examples:
      jisr bench guard --data questions.jsonl --data grounding.jsonl --json guard.json
      jisr --set guard.risk=0.1 bench guard --data grounding.jsonl --limit 200 --no-time
    """
    from jisr.bench import guard as benchmark  # heavy, and `--help` needs it not
    from jisr.bench.asking import timed
    from jisr.bench.report import result
    from jisr.calibrations import calibration_for
    from jisr.checker import looks_of
    from jisr.cli.bench_answers import ask_both, chosen_rows, judged_rows
    from jisr.thresholds import threshold

    rows = chosen_rows(paths, limit, seed)
    device, _ = ask_both(run.settings, rows, with_cloud=False)
    judged, told = judged_rows(device, {}, seed=seed)
    click.echo(f"judged: {told}", err=True)
    found = benchmark.figures(judged, threshold, run.settings.guard.risk, seed)
    if with_time:
        looks = looks_of(calibration_for(run.settings.home, device.fingerprint))
        times = timed(run.settings, rows, _look, looks)
        found |= benchmark.added_shares(times)
    tables = benchmark.tables(judged, threshold, seed)
    show(tables)
    if plots is not None:
        from jisr.bench.curves import draw_guard

        for path in draw_guard(tables, judged, plots):
            click.echo(f"drawn: {path}")
    finish(result("guard", command_line(), seed, found, tables), json_path)


def _look(answered: Answered) -> None:
    """Look at an answer as the guard does, but for the model's own view."""
    from jisr.bench.judged import sample_of
    from jisr.guard.grounding import claims_of

    sample_of(answered, None)
    claims_of(answered.answer.text, answered.row.question.evidence)


def show(tables: Sequence[Row]) -> None:
    """Print what each set risk came to."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    console = Console() if sys.stdout.isatty() else Console(width=100)
    table = Table("kind", box=SIMPLE, title="set risk, over 200 splits", title_justify="left")
    for name in ("risk", "realised", "coverage", "kept_share"):
        table.add_column(name.replace("_", " "), justify="right")
    for row in tables:
        if row["measure"] == "risk":
            cells = (f"{row[name]:.3f}" for name in ("realised", "coverage", "kept_share"))
            table.add_row(str(row["kind"]), str(row["risk"]), *cells)
    console.print(table)
