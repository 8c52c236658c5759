"""Plots of `jisr bench joint`, as PNG: speed by distance and by category, and acceptance.

matplotlib comes with the extra [bench], and is imported when something is drawn.
Colours are those of Okabe and Ito, which colour-blind people can tell apart; what
is predicted is dashed besides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from jisr.bench.joint_figures import USUAL_RTT, acceptance_by_position, of_way, speedups
from jisr.bench.joint_tables import comparisons
from jisr.bench.joint_turn import Row, Way
from jisr.errors import BenchError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {"bf16": "#0072B2", "q4": "#E69F00"}
MARKERS = {"bf16": "o", "q4": "s"}
NAMES = {"bf16": "BF16 target (memory-bound)", "q4": "Q4_K_M target (compute-bound)"}
PREDICTED = "the same, by the formula"
DPI = 110
WIDE = (7.0, 4.2)
BAR = 0.38
HEADROOM = 1.05
MOST_POSITIONS = 12
FEWEST_JUDGED = 5
"""Drafts that must have been judged at a place before its share is drawn."""


def draw(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Draw what the rows have, and return the files; the same rows give the same bytes.

    Raises:
        BenchError: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise BenchError("Plots need matplotlib: pip install 'jisr[bench]'.") from None
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    plots = {"speed": _speed, "categories": _categories, "acceptance": _acceptance}
    for name, plot in plots.items():
        figure = Figure(figsize=WIDE, dpi=DPI, layout="constrained")
        FigureCanvasAgg(figure)
        plot(figure.add_subplot(), rows)
        path = folder / f"joint-{name}.png"
        figure.savefig(path, metadata={"Software": None})
        drawn.append(path)
    return drawn


def _finish(axes: Axes, title: str, across: str, up: str) -> None:
    axes.set_title(title, fontsize=11, loc="left")
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25, linewidth=0.6)
    axes.set_axisbelow(True)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=9)


def _speed(axes: Axes, rows: Sequence[Row]) -> None:
    """Speed-up over streaming by round trip, measured and predicted."""
    measured: dict[str, dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for it in speedups(rows):
        measured[it.target][float(it.rtt)].append(it.ratio)
    predicted: dict[str, dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in comparisons(rows):
        if row["predicted_speedup"] is not None:
            predicted[row["target"]][row["rtt_ms"]].append(row["predicted_speedup"])
    for target, by_rtt in measured.items():
        colour, marker = COLOURS[target], MARKERS[target]
        across, up = _line(by_rtt)
        axes.plot(across, up, color=colour, marker=marker, label=NAMES[target])
        if target in predicted:
            across, up = _line(predicted[target])
            axes.plot(across, up, "--", color=colour, marker=marker, mfc="white", label=PREDICTED)
    axes.axhline(1, color="black", linewidth=0.8)
    axes.set_ylim(0, axes.get_ylim()[1] * HEADROOM)
    _finish(axes, "Joint decoding against streaming", "round trip, ms", "tokens/s relative to it")


def _line(by_x: dict[float, list[float]]) -> tuple[list[float], list[float]]:
    across = sorted(by_x)
    return across, [mean(by_x[x]) for x in across]


def _categories(axes: Axes, rows: Sequence[Row]) -> None:
    """Speed-up by category at the usual round trip."""
    ratios: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for it in speedups(rows):
        if it.rtt == USUAL_RTT:
            ratios[it.category][it.target].append(it.ratio)
    targets = [it for it in COLOURS if any(it in those for those in ratios.values())]
    categories = sorted(ratios, key=lambda it: [mean(ratios[it][at] or [0.0]) for at in targets])
    for number, target in enumerate(targets):
        places = [n + (number - (len(targets) - 1) / 2) * BAR for n in range(len(categories))]
        widths = [mean(ratios[it][target] or [0.0]) for it in categories]
        axes.barh(places, widths, BAR, color=COLOURS[target], label=NAMES[target])
    axes.set_yticks(range(len(categories)), [it.replace("_", " ") for it in categories])
    axes.axvline(1, color="black", linewidth=0.8)
    title = f"Joint decoding against streaming, {USUAL_RTT} ms round trip"
    _finish(axes, title, "tokens/s relative to streaming", "")


def _acceptance(axes: Axes, rows: Sequence[Row]) -> None:
    """How often a draft is right by its place in the block, those before it being right."""
    for way, style in ((Way.FAST, "-"), (Way.CHEAP, ":")):
        for target in COLOURS:
            those = [row for row in of_way(rows, way) if row["target"] == target]
            shares = acceptance_by_position(those, fewest=FEWEST_JUDGED)
            shown = {at: share for at, share in shares.items() if at <= MOST_POSITIONS}
            if shown:
                axes.plot(
                    list(shown),
                    list(shown.values()),
                    style,
                    color=COLOURS[target],
                    marker=MARKERS[target],
                    label=f"{target}, {way.value}",
                )
    axes.set_ylim(0, 1.02)
    axes.set_xticks(range(1, MOST_POSITIONS + 1))
    title = "Drafts that are right, where those before them in the block are"
    _finish(axes, title, "place in the block", "acceptance")
