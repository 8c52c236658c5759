"""Routing by the question alone, for two models that are not here: what others made of it.

What is judged is the part of the arbiter that reads a question before anything answers it:
its features go into the same regression, and each question is scored by what other tenths
teach. Gain is what is learned: the strong model right and the weak one wrong, or the reverse.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from jisr.arbiter.fit import fit_best
from jisr.arbiter.learning import folds
from jisr.arbiter.readers import read_all
from jisr.bench.graded_rows import OutcomeRow
from jisr.bench.measures import Curve, curve
from jisr.bench.report import Row
from jisr.bench.route import NUM_FOLDS, Embed, neighbours
from jisr.question import question_of
from jisr.types import Message, Role


def figures(
    rows: Sequence[OutcomeRow], embed: Embed | None, seed: int
) -> tuple[dict[str, float], list[Row]]:
    """Return the figures by name, and each way's line of the table."""
    weak, strong = [row.weak_correct for row in rows], [row.strong_correct for row in rows]
    chance = random.Random(seed)
    scored = {
        "jisr": gains(rows, seed),
        "random": [chance.random() for _ in rows],
        "length": [float(len(row.question)) for row in rows],
        "oracle": [float(two) - float(one) for one, two in zip(weak, strong, strict=True)],
    }
    if embed is not None:
        known = scored["oracle"]
        scored["knn"] = neighbours(embed([row.question for row in rows]), known, seed)
    found = {name: curve(values, weak, strong) for name, values in scored.items()}
    baselines = [found[name].apgr for name in ("random", "length", "knn") if name in found]
    told = {
        "apgr_question_only": found["jisr"].apgr,
        "apgr_question_only_best_baseline": max((it for it in baselines if it), default=None),
        "cpt50_question_only": found["jisr"].cpt(0.5),
        "cpt80_question_only": found["jisr"].cpt(0.8),
    }
    lines = [_line(name, curve_of, len(rows)) for name, curve_of in found.items()]
    return {name: value for name, value in told.items() if value is not None}, lines


def gains(rows: Sequence[OutcomeRow], seed: int) -> list[float]:
    """Return by how much the strong model is likelier right, as other tenths teach."""
    questions = [question_of([Message(Role.USER, row.question)]) for row in rows]
    features = [read_all(question) for question in questions]
    found = [0.0] * len(rows)
    for held in folds(len(rows), seed, NUM_FOLDS):
        kept = [at for at in range(len(rows)) if at not in held]
        some = [features[at] for at in kept]
        weak = fit_best(some, [rows[at].weak_correct for at in kept])
        strong = fit_best(some, [rows[at].strong_correct for at in kept])
        for at in held:
            found[at] = strong.probability(features[at]) - weak.probability(features[at])
    return found


def _line(name: str, found: Curve, num_rows: int) -> Row:
    return {
        "measure": "curve",
        "kind": "question only",
        "way": name,
        "num": num_rows,
        "apgr": found.apgr,
        "cpt50": found.cpt(0.5),
        "cpt80": found.cpt(0.8),
    }
