"""`jisr bench engine`: the engine beside llama.cpp itself."""

from __future__ import annotations

from pathlib import Path

import click

from jisr.cli.bench import command_line, finish
from jisr.cli.context import Run, pass_run


@click.command()
@click.option("--model", help="Name in the catalog, or path of a GGUF file. [device.model]")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="FILE.jsonl",
    help='Questions to ask instead of its own: a {"prompt": "…"} a line.',
)
@click.option(
    "--limit",
    default=5,
    show_default=True,
    type=click.IntRange(min=1),
    help="Rounds of each measure; a round asks each stream a question.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses the first question.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the result here.")
@pass_run
def engine(
    run: Run,
    *,
    model: str | None,
    data: Path | None,
    limit: int,
    seed: int,
    json_path: Path | None,
) -> None:
    """Measure decoding, follow-up turns, streams at once, and what Jisr adds to the first token.

    Histories of follow-up turns, and what the first token is measured with, are its own always.
    Needs the extra [bench] for llama.cpp's own server. About five minutes on two cores; let
    nothing else run meanwhile.

    \b
    Examples:
      jisr bench engine
      jisr bench engine --model smollm2-135m --limit 3 --json engine.json
    """
    from jisr.assemble import store  # heavy, and `--help` needs it not
    from jisr.bench import engine as benchmark
    from jisr.bench import ttft
    from jisr.bench.questions import OWN_QUESTIONS, read_questions
    from jisr.bench.report import result

    settings = run.with_arguments({"device.model": model}).settings
    path = store(settings).path(settings.device.model)
    questions = read_questions(data) if data else OWN_QUESTIONS
    asked = benchmark.EngineLoad(questions=questions, limit=limit, seed=seed)
    measured = benchmark.measure(path, asked)
    figures, rows = ttft.measure(settings)
    finish(
        result("engine", command_line(), seed, measured.figures | figures, [*measured.rows, *rows]),
        json_path,
    )
