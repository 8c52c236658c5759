"""`jisr bench route`: which of two models a question should go to, beside other ways to tell.

Every way gives each question a score; the cloud gets those with the highest. All that learn,
learn from questions that they are not judged by.

- `jisr`: by how much the cloud is likelier right than the device, after the device has answered;
- `jisr_before`: the same before it has;
- `length`: long questions to the cloud;
- `knn`: by how the questions nearest to it came out, by an embedding (RouteLLM's way);
- `logprob`, `entropy`: of the device's answer, the mean over its tokens;
- `random`, and `oracle`, which knows who is right.

Source: Ong et al. 2024, "RouteLLM", arXiv:2406.18665, for the measures.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from jisr.arbiter.folds import folds
from jisr.bench.judged import Judged
from jisr.bench.measures import Curve, curve
from jisr.bench.report import Row

NEIGHBOURS = 20
NUM_FOLDS = 10
BASELINES = ("random", "length", "knn", "logprob", "entropy")
OURS = ("jisr", "jisr_before")
LEAST_ROWS = 20
"""Of a kind, below which it has no figure of its own."""
CURVE_POINTS = 21

Scores = Mapping[str, Sequence[float]]
"""Of each way, one for each question; higher goes to the cloud first."""
Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Returns unit vectors, shape `(n, dimensions)`."""


def scores(rows: Sequence[Judged], embed: Embed | None, seed: int) -> dict[str, list[float]]:
    """Return the scores of every way; without an embedding there are no neighbours."""
    chance = random.Random(seed)
    found = {
        "jisr": [_gain(row, 1) for row in rows],
        "jisr_before": [_gain(row, 0) for row in rows],
        "random": [chance.random() for _ in rows],
        "length": [float(len(row.row.prompt)) for row in rows],
        "logprob": [-row.sample.after["surety_mean"] for row in rows],
        "entropy": [row.sample.after["surety_entropy"] for row in rows],
        "oracle": [float(strong) - float(weak) for weak, strong in map(_outcome, rows)],
    }
    if embed is not None:
        vectors = embed([row.row.prompt for row in rows])
        gains = [float(strong) - float(weak) for weak, strong in map(_outcome, rows)]
        found["knn"] = neighbours(vectors, gains, seed)
    return found


def neighbours(vectors: NDArray[np.float32], gains: Sequence[float], seed: int) -> list[float]:
    """Return for each question how its nearest ones in other folds came out, nearer ones more."""
    found = np.zeros(len(gains))
    known = np.array(gains)
    for held in folds(len(gains), seed, NUM_FOLDS):
        inside = np.array(sorted(held), dtype=int)
        outside = np.setdiff1d(np.arange(len(gains)), inside)
        likeness = vectors[inside] @ vectors[outside].T
        nearest = np.argsort(-likeness, axis=1)[:, :NEIGHBOURS]
        weights = np.take_along_axis(likeness, nearest, axis=1)
        found[inside] = (weights * known[outside][nearest]).sum(axis=1) / weights.sum(axis=1)
    return [float(value) for value in found]


def curves(
    rows: Sequence[Judged], scored: Scores, usd: Mapping[str, float] | None = None
) -> dict[str, Curve]:
    """Return the curve of every way; costs are known where the price of each answer is."""
    weak, strong = zip(*map(_outcome, rows), strict=True)
    costs = None if usd is None else [usd[row.row.id] for row in rows]
    return {name: curve(values, weak, strong, costs) for name, values in scored.items()}


def figures(
    rows: Sequence[Judged], scored: Scores, usd: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Return the benchmark's figures by name; what has no gap to win has none.

    Args:
        rows: Questions that both models answered.
        scored: What each way makes of them.
        usd: What the cloud's answers cost, by the id of the question; None: not known.
    """
    found = curves(rows, scored, usd)
    ours = found["jisr"]
    told: dict[str, float | None] = {
        "accuracy_device": float(ours.accuracies[0]),
        "accuracy_cloud": float(ours.accuracies[-1]),
        "accuracy_best": float(ours.accuracies.max()),
        "apgr": ours.apgr,
        "apgr_before": found["jisr_before"].apgr,
        "apgr_best_baseline": _best_baseline(found),
        "cpt50": ours.cpt(0.5),
        "cpt80": ours.cpt(0.8),
        "pgr_at_25": ours.pgr(0.25),
        "pgr_at_50": ours.pgr(0.5),
        **_cost_figures(ours),
    }
    told |= {f"apgr_{name}": found[name].apgr for name in found if name not in OURS}
    for kind, some in _kinds(rows).items():
        within = curves([rows[at] for at in some], _only(scored, some))
        told[f"apgr_{kind}"] = within["jisr"].apgr
        told[f"apgr_best_baseline_{kind}"] = _best_baseline(within)
    return {name: value for name, value in told.items() if value is not None}


def tables(
    rows: Sequence[Judged], scored: Scores, usd: Mapping[str, float] | None = None
) -> list[Row]:
    """Return every way's curve at some shares, over all kinds and within each."""
    told: list[Row] = []
    parts = {"all": list(range(len(rows))), **_kinds(rows)}
    for kind, some in parts.items():
        for name, found in curves([rows[at] for at in some], _only(scored, some), usd).items():
            shares = np.linspace(0, 1, CURVE_POINTS)
            accuracies = np.interp(shares, found.shares, found.accuracies)
            told.append(
                {
                    "measure": "curve",
                    "kind": kind,
                    "way": name,
                    "num": len(some),
                    "apgr": found.apgr,
                    "cpt50": found.cpt(0.5),
                    "cpt80": found.cpt(0.8),
                    "usd_per_right": [found.cost_per_right(float(share)) for share in shares],
                    "accuracies": [round(float(value), 4) for value in accuracies],
                }
            )
    return told


def _cost_figures(ours: Curve) -> dict[str, float | None]:
    """Return what a right answer costs: by the cloud alone, and where most of the gap is won."""
    share = ours.cpt(0.8)
    alone = ours.cost_per_right(1.0)
    routed = None if share is None else ours.cost_per_right(share)
    is_known = alone and routed is not None
    return {
        "usd_per_1000_right_cloud": 1000 * alone if alone is not None else None,
        "usd_per_1000_right_cpt80": 1000 * routed if routed is not None else None,
        "cost_per_right_ratio_cpt80": (routed or 0.0) / alone if alone and is_known else None,
    }


def _best_baseline(found: Mapping[str, Curve]) -> float | None:
    values = [found[name].apgr for name in BASELINES if name in found]
    known = [value for value in values if value is not None]
    return max(known) if known else None


def _kinds(rows: Sequence[Judged]) -> dict[str, list[int]]:
    """Return the rows of each kind that has enough of them."""
    found: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        found.setdefault(row.row.kind, []).append(at)
    return {kind: some for kind, some in sorted(found.items()) if len(some) >= LEAST_ROWS}


def _only(scored: Scores, some: Sequence[int]) -> dict[str, list[float]]:
    return {name: [values[at] for at in some] for name, values in scored.items()}


def _gain(row: Judged, after: int) -> float:
    """Return by how much the cloud is likelier right; 0 where nothing is known."""
    if row.chances is None:
        return 0.0
    chances = row.chances[after]
    return 0.0 if chances.cloud is None else chances.cloud - chances.device


def _outcome(row: Judged) -> tuple[bool, bool]:
    assert row.cloud is not None, "only questions that both answered are routed"
    return row.device.is_right, row.cloud.is_right
