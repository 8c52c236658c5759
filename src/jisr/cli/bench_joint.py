"""`jisr bench joint`: joint decoding beside the cloud's own streaming."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from jisr.cli.bench import command_line, finish
from jisr.cli.context import Run, pass_run
from jisr.cli.lazy import INTERRUPTED
from jisr.cli.progress import shown_progress

if TYPE_CHECKING:
    from rich.table import Table

    from jisr.bench.joint_site import TwoCores

CACHE_FILE = "bench-joint.jsonl"
TARGETS = ("q4", "bf16")
IDLE_LOAD = 0.7
"""Load average above which something else is running."""
Row = dict[str, Any]


def _rtts(ctx: click.Context, param: click.Parameter, text: str) -> tuple[float, ...]:
    from jisr.bench.delay_proxy import read_rtts

    try:
        return read_rtts(text)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from None


def _targets(ctx: click.Context, param: click.Parameter, text: str) -> tuple[str, ...]:
    names = text.split(",")
    if not set(names) <= set(TARGETS) or len(set(names)) < len(names):
        raise click.BadParameter(f"{text!r} must be some of {', '.join(TARGETS)}.", ctx, param)
    return tuple(names)


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="FILE.jsonl",
    help='Questions instead of its own: {"id": …, "category": …, "prompt": …} a line.',
)
@click.option(
    "--limit",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    help="Questions of each category.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses the questions.")
@click.option(
    "--targets",
    callback=_targets,
    default="q4,bf16",
    show_default=True,
    help="Weights of the cloud's model: q4 as pulled (compute-bound here), bf16 (memory-bound).",
)
@click.option(
    "--rtt",
    "rtts_ms",
    callback=_rtts,
    default="0,20,60,120",
    show_default=True,
    help="Round trips between device and cloud in milliseconds.",
)
@click.option(
    "--max-tokens",
    default=96,
    show_default=True,
    type=click.IntRange(min=2),
    help="Of each answer.",
)
@click.option(
    "--drafter-type",
    type=click.Choice(["q4_0", "pulled"]),
    default="q4_0",
    show_default=True,
    help="Weights of the device's model.",
)
@click.option("--all", "is_all", is_flag=True, help="Measure cheap and strict at every round trip.")
@click.option("--fresh", is_flag=True, help="Take nothing from an earlier run.")
@click.option("--plots", type=click.Path(path_type=Path), help="Folder to draw plots into.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the result here.")
@pass_run
def joint(
    run: Run,
    *,
    data: Path | None,
    limit: int,
    seed: int,
    targets: tuple[str, ...],
    rtts_ms: tuple[float, ...],
    max_tokens: int,
    drafter_type: str,
    is_all: bool,
    fresh: bool,
    plots: Path | None,
    json_path: Path | None,
) -> None:
    """Measure answers that the device drafts and the cloud verifies, over several distances.

    The cloud has one core to itself, device and network have the other. Every answer is asked
    before with one token of room, so that both sides have read its prompt: what is measured is
    decoding. What was measured is kept and not measured again at the same commit: a run that was
    stopped goes on. Models are those of device.model and cloud_role.model; let nothing else run.

    \b
    Examples:
      jisr bench joint --limit 1 --rtt 0,20
      jisr bench joint --data questions.jsonl --json joint.json --plots docs
    """
    from jisr.bench import joint as benchmark  # heavy, and `--help` needs it not
    from jisr.bench.cache import Cache
    from jisr.bench.joint_questions import OWN, choose, read
    from jisr.bench.joint_site import two_cores

    load = benchmark.JointLoad(
        questions=choose(read(data) if data else OWN, limit, seed),
        targets=targets,
        rtts_ms=rtts_ms,
        max_tokens=max_tokens,
        is_all=is_all,
    )
    two_cores()
    setup = _setup(run, targets, rtts_ms, drafter_type)
    cache_path = run.settings.home / CACHE_FILE
    if fresh:
        cache_path.unlink(missing_ok=True)
    cache = Cache(cache_path)
    minutes = benchmark.remaining_s(load, setup, cache) / 60
    click.echo(f"{len(load.questions)} questions; about {minutes:.0f} minutes.", err=True)
    if os.getloadavg()[0] > IDLE_LOAD:
        click.echo("Something else is running here: the times will not be true.", err=True)
    with shown_time() as tell:
        measured = benchmark.measure(load, setup, cache, tell)
    _told(measured.rows, seed, json_path, plots)
    if not measured.is_whole:
        click.echo("Stopped: these are the figures of what was measured.", err=True)
        raise SystemExit(INTERRUPTED)


def _told(rows: Sequence[Row], seed: int, json_path: Path | None, plots: Path | None) -> None:
    """Show what was measured, write it and draw it."""
    from jisr.bench.joint_figures import figures
    from jisr.bench.joint_tables import by_way, comparisons, short
    from jisr.bench.report import result

    tables = [*by_way(rows), *comparisons(rows)]
    show(tables, rows)
    written = [*tables, *map(short, rows)]
    finish(result("joint", command_line(), seed, figures(rows), written), json_path)
    if plots is not None:
        _draw(rows, plots)


def _setup(
    run: Run, targets: Sequence[str], rtts_ms: Sequence[float], drafter_type: str
) -> TwoCores:
    """Return what is started; weights that are not there are made."""
    from jisr.bench.joint_site import TwoCores
    from jisr.bench.joint_weights import TARGET_KINDS, weights

    def found(name: str, kind: str) -> Path:
        with shown_progress(f"{name} as {kind}") as progress:
            return weights(run.settings, name, kind, progress)

    drafter, target = run.settings.device.model, run.settings.cloud_role.model
    return TwoCores(
        drafter=found(drafter, drafter_type),
        targets={it: found(target, TARGET_KINDS[it]) for it in targets},
        rtts_ms=rtts_ms,
    )


def _draw(rows: Sequence[Row], folder: Path) -> None:
    from jisr.bench.plots import draw

    for path in draw(rows, folder):
        click.echo(f"drawn: {path}")


@contextmanager
def shown_time(out: TextIO | None = None) -> Iterator[Callable[[float, float], None]]:
    """Yield a function that is told how much is done and how much there is, and shows it."""
    from rich.console import Console  # heavy, and only a run needs it
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

    out = out or sys.stderr
    if not out.isatty():
        yield _lines(out)
        return
    columns = (BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=out)) as bar:
        task = bar.add_task("joint", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines(out: TextIO) -> Callable[[float, float], None]:
    shown = -1

    def tell(done: float, total: float) -> None:
        nonlocal shown
        percent = int(100 * done / max(total, 1e-9))
        if percent // 5 > shown:
            shown = percent // 5
            print(f"{percent} % measured", file=out, flush=True)

    return tell


WAY_COLUMNS = {
    "tokens/s": "tokens_per_s",
    "TTFT": "ttft_ms",
    "TPOT p50": "tpot_p50_ms",
    "p90": "tpot_p90_ms",
    "passes/token": "passes_per_token",
}
CATEGORY_COLUMNS = {
    "streamed": "streaming_ms",
    "waiting": "stop_and_wait_ms",
    "(waiting)": "predicted_stop_and_wait_ms",
    "fast": "fast_ms",
    "(ahead)": "predicted_ms",
    "ratio": "speedup",
    "(ratio)": "predicted_speedup",
}
WIDTH = 110


def show(tables: Sequence[Row], rows: Sequence[Row]) -> None:
    """Print the tables, where joint decoding loses, and what failed."""
    from rich.console import Console

    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    ways = [row for row in tables if row["measure"] == "way"]
    categories = [row for row in tables if row["measure"] == "category"]
    title = "ms a token; what the formulas predict in brackets"
    console.print(_table("by way, ms", "way", WAY_COLUMNS, ways))
    console.print(_table(f"by category, {title}", "category", CATEGORY_COLUMNS, categories))
    loses = [
        f"{row['category']} ({row['target']}, {row['rtt_ms']:g} ms: {row['speedup']:.2f})"
        for row in categories
        if row["speedup"] < 1
    ]
    click.echo("Slower than streaming: " + (", ".join(loses) or "nowhere that was measured") + ".")
    failed = [row for row in rows if "error" in row]
    if failed:
        click.echo(f"{len(failed)} turns failed, the first: {failed[0]['message']}")


def _table(title: str, last: str, columns: Mapping[str, str], rows: Sequence[Row]) -> Table:
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table("target", "rtt", last, title=title, box=SIMPLE, title_justify="left")
    for name in columns:
        table.add_column(name, justify="right")
    for row in rows:
        cells = (_cell(row[name]) for name in columns.values())
        table.add_row(row["target"], f"{row['rtt_ms']:g}", row[last], *cells)
    return table


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"
