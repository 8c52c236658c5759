"""How far a long download is: a bar on a terminal, a few plain lines elsewhere.

Both go to standard error, so that standard output holds results only.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

STEP_PERCENT = 10


@contextmanager
def shown_progress(name: str, out: TextIO | None = None) -> Iterator[Callable[[int, int], None]]:
    """Yield a function that is told bytes done and total, and shows them."""
    out = out or sys.stderr
    if out.isatty():
        with _bar(name, out) as tell:
            yield tell
    else:
        yield _lines(name, out)


def _lines(name: str, out: TextIO) -> Callable[[int, int], None]:
    shown = -1

    def tell(done: int, total: int) -> None:
        nonlocal shown
        step = 100 * done // max(total, 1) // STEP_PERCENT
        if step > shown:
            shown = step
            print(f"{name}: {step * STEP_PERCENT} % of {total:,} bytes", file=out, flush=True)

    return tell


@contextmanager
def _bar(name: str, out: TextIO) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console  # heavy, and only a terminal needs it
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=out)) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
