"""`jisr calibrate`: learn from questions with known answers when an answer can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from jisr.cli.bench_answers import files_option, limit_option
from jisr.cli.context import Run, pass_run


@click.command()
@files_option("Questions with their answers; may be given more than once.")
@limit_option
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses the questions.")
@click.option(
    "--cloud/--no-cloud",
    "with_cloud",
    default=True,
    show_default=True,
    help="Whether cloud_role.model answers too, so that turns can be sent there when it is better.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write it here instead of the home of Jisr."
)
@pass_run
def calibrate(
    run: Run,
    *,
    paths: Sequence[Path],
    limit: int | None,
    seed: int,
    with_cloud: bool,
    out: Path | None,
) -> None:
    """Ask the models questions whose answers are known, and learn when they are right.

    A row is {"id": …, "kind": "number" | "short", "question": …, "answer": …}, or {"id": …, "kind":
    "choice", "question": …, "choices": […], "answer": LETTER}, or {"id": …, "context": …,
    "question": …, "answers": […], "answerable": …}; a kind wants 40. A "short" question is asked
    with "Answer in a few words." behind it, or as it stands with "as_it_is": true. The best rows
    are your own.
    Nothing is sent anywhere: both models run here. It takes hours for a thousand questions; what
    was answered is kept, so that a run that was stopped goes on where it was. With the extra
    [embed] it learns besides how near a question is to those that were hard or easy.

    \b
    Examples:
      jisr calibrate --data questions.jsonl --data grounding.jsonl
      jisr calibrate --data my-own.jsonl --no-cloud --limit 200
    """
    from jisr.arbiter import embedding
    from jisr.arbiter.learning import calibrate as learn  # heavy, and `--help` needs it not
    from jisr.arbiter.learning import check_enough
    from jisr.bench.asking import cloud_name
    from jisr.bench.judged import sample_of
    from jisr.calibrations import OWN_FILE
    from jisr.cli.bench_answers import ask_both, chosen_rows

    rows = chosen_rows(paths, limit, seed)
    check_enough(row.question.kind for row in rows)
    device, clouds = ask_both(run.settings, rows, with_cloud=with_cloud)
    questions = [it.row.question.text for it in device.answers]
    vectors = embedding.embed(questions) if embedding.is_installed() else [None] * len(questions)
    pairs = zip(device.answers, vectors, strict=True)
    samples = [sample_of(it, clouds.get(it.row.id), vector) for it, vector in pairs]
    name = cloud_name(run.settings) if with_cloud else ""
    found = learn(samples, device=device.fingerprint, cloud=name, seed=seed)
    path = out or run.settings.home / OWN_FILE
    found.write(path)
    for kind, of_kind in found.kinds.items():
        right = sum(proof.is_right for proof in of_kind.proofs) / len(of_kind.proofs)
        click.echo(f"{kind:<10} {len(of_kind.proofs)} questions, {right:.0%} right on the device")
    click.echo(f"written to {path}")
