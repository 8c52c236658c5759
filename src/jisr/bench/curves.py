"""Plots of `jisr bench route` and `jisr bench guard`, as PNG.

matplotlib comes with the extra [bench], and is imported when something is drawn. Colours are
those of Okabe and Ito, which colour-blind people can tell apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jisr.bench.judged import Judged
from jisr.bench.report import Row
from jisr.errors import BenchError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DPI = 110
WIDE = (7.0, 4.2)
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000", "#999999")
NUM_BINS = 10


def draw_route(tables: Sequence[Row], folder: Path) -> list[Path]:
    """Draw accuracy over the share of turns that the cloud answers; return the file.

    Raises:
        BenchError: matplotlib is not installed.
    """

    def plot(axes: Axes) -> None:
        lines = [row for row in tables if row["kind"] == "all"]
        for row, colour in zip(lines, COLOURS, strict=False):
            values = row["accuracies"]
            assert isinstance(values, list)
            is_ours = str(row["way"]).startswith("jisr")
            shares = np.linspace(0, 1, len(values))
            axes.plot(
                shares, values, color=colour, label=str(row["way"]), lw=2.2 if is_ours else 1.1
            )
        axes.set(xlabel="share of turns that the cloud answers", ylabel="share of right answers")
        axes.legend(fontsize=8)

    return [_drawn(plot, folder / "route-accuracy.png")]


def draw_guard(tables: Sequence[Row], rows: Sequence[Judged], folder: Path) -> list[Path]:
    """Draw risk over coverage, and how probabilities came true; return the files.

    Raises:
        BenchError: matplotlib is not installed.
    """

    def risk(axes: Axes) -> None:
        lines = [row for row in tables if row["measure"] == "coverage"]
        kinds = dict.fromkeys(str(row["kind"]) for row in lines)
        for kind, colour in zip(kinds, COLOURS, strict=False):
            points = [(row["coverage"], row["risk"]) for row in lines if row["kind"] == kind]
            axes.plot(*zip(*points, strict=True), color=colour, label=kind, marker=".")
        axes.set(xlabel="share of answers given, the surest first", ylabel="share of wrong ones")
        axes.legend(fontsize=8)

    def reliability(axes: Axes) -> None:
        known = [(it.confidence, it.device.is_right) for it in rows if it.confidence is not None]
        parts = np.array_split(np.array(sorted(known), dtype=float).reshape(-1, 2), NUM_BINS)
        points = [part.mean(axis=0) for part in parts if len(part)]
        axes.plot([0, 1], [0, 1], color="#999999", lw=1)
        axes.plot([it[0] for it in points], [it[1] for it in points], color=COLOURS[0], marker="o")
        axes.set(xlabel="confidence", ylabel="share of right answers", xlim=(0, 1), ylim=(0, 1))

    return [
        _drawn(risk, folder / "guard-risk.png"),
        _drawn(reliability, folder / "guard-reliability.png"),
    ]


def _drawn(plot: Callable[[Axes], None], path: Path) -> Path:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise BenchError("Plots need matplotlib: pip install 'jisr[bench]'.") from None
    path.parent.mkdir(parents=True, exist_ok=True)
    figure = Figure(figsize=WIDE, dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    plot(figure.add_subplot())
    figure.savefig(path, metadata={"Software": None})
    return path
