"""`jisr bench`: measure, with figures that can be compared."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jisr.cli.lazy import LazyGroup, Row

if TYPE_CHECKING:
    from jisr.bench.report import Result

BENCHMARKS = {
    "engine": Row("jisr.cli.bench_engine:engine", "The engine beside llama.cpp itself."),
    "gateway": Row("jisr.cli.bench_gateway:gateway", "What Jisr adds in front of a cloud."),
    "joint": Row("jisr.cli.bench_joint:joint", "Joint decoding beside the cloud's own streaming."),
    "privacy": Row("jisr.cli.bench_privacy:privacy", "Private text found and missed."),
    "route": Row("jisr.cli.bench_route:route", "Which model a question should go to."),
    "guard": Row("jisr.cli.bench_guard:guard", "How far confidence can be trusted."),
}


@click.group(cls=LazyGroup, rows=BENCHMARKS)
def bench() -> None:
    """Measure; each benchmark prints a table and, with --json, writes figures and rows.

    \b
    Examples:
      jisr bench engine --data questions.jsonl --limit 3
      jisr bench gateway --limit 20000 --json gateway.json
      jisr bench joint --data questions.jsonl --rtt 0,20 --json joint.json
      jisr bench privacy --data spans.jsonl --json privacy.json
      jisr bench route --data questions.jsonl --json route.json
      jisr bench guard --data questions.jsonl --data grounding.jsonl --json guard.json
    """


def command_line() -> str:
    """Return the command as it was given, for the report."""
    return shlex.join(["jisr", *sys.argv[1:]])


def finish(result: Result, json_path: Path | None) -> None:
    """Show a result's figures, and write it if a path was given."""
    from rich.console import Console  # heavy, and only a table needs it
    from rich.table import Table

    from jisr.bench.results import target_of

    table = Table("figure", "measured", "target", title=result.benchmark)
    for name, value in result.figures.items():
        sign, target = target_of(result.benchmark, name) or ("", 0.0)
        table.add_row(name, f"{value:,.6g}", f"{sign} {target:g}" if sign else "")
    Console().print(table)
    click.echo(f"commit {result.commit}, seed {result.seed}; {result.machine}")
    if json_path is not None:
        result.write(json_path)
        click.echo(f"written to {json_path}")
