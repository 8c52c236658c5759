"""`jisr bench privacy`: private text that is found and missed, beside Presidio."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jisr.cli.bench import command_line, finish
from jisr.cli.bench_answers import files_option
from jisr.cli.bench_joint import shown_time
from jisr.cli.context import Run, pass_run

if TYPE_CHECKING:
    from jisr.bench.privacy import Found
    from jisr.bench.privacy_counts import Row
    from jisr.bench.privacy_finders import Finder, Jisr
    from jisr.bench.privacy_quality import Answers
    from jisr.bench.privacy_rows import StringRow

CACHE_FILE = "bench-privacy.jsonl"
"""Answers to the benchmark's prompts, which hold their text: it stays in the home of Jisr."""
COST_COLUMNS = ("strings_left_share", "overlap", "key_words_kept", "quality_ratio")
WIDTH = 110


@click.command()
@files_option('Texts with "spans" or with "private" strings; may be given more than once.')
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
    "--quality",
    "num_prompts",
    type=click.IntRange(min=0),
    default=12,
    show_default=True,
    help="Prompts to ask of cloud_role.model, as written and redacted; 0 asks none.",
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
    num_prompts: int,
    misses: Path | None,
    json_path: Path | None,
) -> None:
    """Measure what private text is found, missed, and seen where there is none, beside Presidio.

    A row is {"id": …, "lang": …, "text": …, "spans": [{"start": …, "end": …, "type": …}]}, or
    {"id": …, "text": …, "private": ["…"]}: strings that must not leave. Jisr is measured with
    recognizers and policy as they are set: found is what would not leave as it was written.
    Prompts with strings are also answered by the model that stands in for the cloud, for what
    redaction costs; answers are kept in the home of Jisr, and none is asked for twice.

    \b
    Examples:
      jisr bench privacy --data spans.jsonl --data prompts.jsonl --json privacy.json
      jisr bench privacy --data spans.jsonl --limit 100 --no-peer --misses missed.jsonl
    """
    from jisr.bench import privacy as benchmark  # heavy, and `--help` needs it not
    from jisr.bench import privacy_quality as quality
    from jisr.bench.privacy_finders import Jisr
    from jisr.bench.privacy_rows import SpanRow, StringRow, choose, read
    from jisr.bench.privacy_tables import by_clean_text, by_type, mapping
    from jisr.bench.report import result

    rows = [row for path in paths for row in read(path)]
    span_rows = choose((row for row in rows if isinstance(row, SpanRow)), limit, seed)
    string_rows = choose((row for row in rows if isinstance(row, StringRow)), limit, seed)
    ours = Jisr(run.settings.privacy)
    finders = [ours, *_peers(with_peer)]
    with shown_time() as tell:
        found = benchmark.measure(finders, span_rows, string_rows, tell)
    answers = _answers(run, ours, string_rows, num_prompts, seed)
    tables = [*by_type(found), *by_clean_text(found), *quality.table(answers)]
    show(found, tables)
    if misses is not None:
        lines = (
            json.dumps(row, ensure_ascii=False) for it in found for row in benchmark.misses(it)
        )
        misses.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    figures = {name: value for it in found for name, value in benchmark.figures(it).items()}
    figures |= quality.figures(answers)
    rows_told = [*tables, *mapping(found), *(it.as_row() for it in answers)]
    finish(result("privacy", command_line(), seed, figures, rows_told), json_path)


def _peers(with_peer: bool) -> list[Finder]:
    from jisr.bench.privacy_finders import Presidio, is_presidio_here

    if with_peer and not is_presidio_here():
        click.echo("Presidio is not here, and not measured: install the extra [bench].", err=True)
        return []
    return [Presidio()] if with_peer else []


def _answers(
    run: Run, ours: Jisr, rows: Sequence[StringRow], num_prompts: int, seed: int
) -> list[Answers]:
    """Ask the stand-in cloud; nothing if there are no prompts, or no weights."""
    from jisr.assemble import load_engine, store  # heavy, and only this needs it
    from jisr.bench import privacy_quality as quality
    from jisr.bench.cache import Cache
    from jisr.errors import ModelError

    settings, prompts = run.settings, quality.chosen(rows, num_prompts, seed)
    if not prompts:
        return []
    device = settings.device.model_copy(update={"model": settings.cloud_role.model})
    try:
        weights = store(settings).path(device.model)
    except ModelError as error:
        click.echo(f"What redaction costs is not measured: {error}", err=True)
        return []
    model = f"{weights.name} {weights.stat().st_size}"
    answerer = quality.EngineAnswerer(model, lambda: load_engine(settings, device))
    try:
        with shown_time() as tell:
            cache = Cache(settings.home / CACHE_FILE)
            return quality.ask(prompts, ours, answerer, cache=cache, seed=seed, tell=tell)
    finally:
        answerer.close()


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
    costs = Table("prompts", *COST_COLUMNS, title="leakage and quality", box=SIMPLE)
    for row in tables:
        if row["measure"] == "type":
            shares = [f"{row[prefix + 'covered_share']:.3f}" for prefix in prefixes]
            kind = f"{row['type']} (apart)" if row["is_apart"] else str(row["type"])
            types.add_row(kind, str(row["ours"]), str(row["num"]), *shares, str(row["found_as"]))
        elif row["measure"] == "clean":
            alarms.add_row(str(row["text"]), *(_told(row[it + "alarms"]) for it in prefixes))
        elif row["measure"] == "cost":
            costs.add_row(str(row["prompts"]), *(f"{row[it]:.3f}" for it in COST_COLUMNS))
    for table in (types, alarms, costs):
        if table.row_count:
            console.print(table)


def _told(alarms: object) -> str:
    assert isinstance(alarms, dict), "the tables have it so"
    return ", ".join(f"{kind} {num}" for kind, num in alarms.items()) or "none"
