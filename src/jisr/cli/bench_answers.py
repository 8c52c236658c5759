"""What `bench route`, `bench guard` and `calibrate` share: rows chosen, and both models asked."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from jisr.cli.bench_joint import shown_time
from jisr.config import Settings
from jisr.errors import BenchError

if TYPE_CHECKING:
    from jisr.arbiter.calibration import Calibration
    from jisr.bench.answering import Answered
    from jisr.bench.asking import Asked
    from jisr.bench.graded_rows import GradedRow, OutcomeRow
    from jisr.bench.judged import Judged


CommandT = TypeVar("CommandT", bound=Callable[..., Any])

limit_option = click.option(
    "--limit", type=click.IntRange(min=1), help="Questions at most; all if not given."
)


def files_option(said: str) -> Callable[[CommandT], CommandT]:
    """Return the option that names files of questions, with what is said of it in the help."""
    return click.option(
        "--data",
        "paths",
        type=click.Path(path_type=Path),
        metavar="FILE.jsonl",
        multiple=True,
        required=True,
        help=said,
    )


def chosen_rows(paths: Sequence[Path], limit: int | None, seed: int) -> list[GradedRow]:
    """Return the rows of files that are asked, in a random order; at most so many."""
    from jisr.bench.graded_rows import graded, read

    rows = graded(row for path in paths for row in read(path))
    twice = [name for name, num in Counter(row.id for row in rows).items() if num > 1]
    if twice:
        raise BenchError(f"More than one row has the id {twice[0]!r}: each wants its own.")
    if not rows:
        raise BenchError("There is no question with a known answer in these files.")
    return random.Random(seed).sample(rows, min(len(rows), limit or len(rows)))


def outcome_rows(paths: Sequence[Path]) -> list[OutcomeRow]:
    """Return the rows of files that other models have answered."""
    from jisr.bench.graded_rows import outcomes, read

    return outcomes(row for path in paths for row in read(path))


def only_outcomes(paths: Sequence[Path]) -> bool:
    """Whether every row of files is one that other models have answered."""
    from jisr.bench.graded_rows import graded, read

    return not graded(row for path in paths for row in read(path))


def ask_both(
    settings: Settings, rows: Sequence[GradedRow], *, with_cloud: bool = True
) -> tuple[Asked, Mapping[str, Answered]]:
    """Return what the device answered, and by id what the cloud's stand-in did.

    It is not asked about texts that are given: whether a text tells something, the guard decides.
    """
    from jisr.bench.asking import ask_model

    click.echo(f"{settings.device.model}: {len(rows)} questions", err=True)
    with shown_time() as tell:
        device = ask_model(settings, settings.device.model, rows, tell, checks_itself=True)
    routed = [row for row in rows if row.kind != "grounded"] if with_cloud else []
    if not routed:
        return device, {}
    click.echo(f"{settings.cloud_role.model}: {len(routed)} questions", err=True)
    with shown_time() as tell:
        cloud = ask_model(settings, settings.cloud_role.model, routed, tell, checks_itself=False)
    return device, {answer.row.id: answer for answer in cloud.answers}


def judged_rows(
    device: Asked, clouds: Mapping[str, Answered], *, cloud: str = "", seed: int
) -> tuple[list[Judged], str]:
    """Return the questions with their chances, and how they were told.

    The calibration that comes with Jisr tells those that it was not made of, if it is of this
    model; all others are told by what the rest of them teach.
    """
    from jisr.bench.judged import judged
    from jisr.calibrations import shipped_calibration

    shipped: Calibration | None = shipped_calibration()
    if shipped is not None and shipped.device != device.fingerprint:
        shipped = None
    if shipped is not None and clouds and shipped.cloud != cloud:
        shipped = None
    rows = judged(device.answers, clouds, shipped, seed)
    num_new = sum(row.sample.digest not in shipped.digests for row in rows) if shipped else 0
    told = f"{num_new} by the calibration that comes with Jisr, {len(rows) - num_new} by tenths"
    return rows, told
