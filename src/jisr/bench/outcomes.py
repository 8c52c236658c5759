"""Routing by the question alone, for two models that are not here: what others made of it.

What is judged is the part of the arbiter that reads a question before anything answers it:
its features, and its nearness to known questions where an embedding is installed, go into the
same regressions, and each question is scored by what other tenths teach: by how much the strong
model is likelier right.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from jisr.arbiter.nearness import held_out
from jisr.arbiter.readers import read_all
from jisr.arbiter.readers.similarity import NEAR_HARD, Vectors
from jisr.bench.graded_rows import OutcomeRow
from jisr.bench.measures import Curve, curve
from jisr.bench.report import Row
from jisr.bench.route import Embed, neighbours
from jisr.question import question_of
from jisr.types import Message, Role


def figures(
    rows: Sequence[OutcomeRow], embed: Embed | None, seed: int
) -> tuple[dict[str, float], list[Row]]:
    """Return the figures by name, and each way's line of the table."""
    weak, strong = [row.weak_correct for row in rows], [row.strong_correct for row in rows]
    chance = random.Random(seed)
    vectors = None if embed is None else embed([row.question for row in rows])
    scored = {
        "jisr": gains(rows, vectors, seed),
        "random": [chance.random() for _ in rows],
        "length": [float(len(row.question)) for row in rows],
        "oracle": [float(two) - float(one) for one, two in zip(weak, strong, strict=True)],
    }
    if vectors is not None:
        scored["knn"] = neighbours(vectors, scored["oracle"], seed)
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


def gains(rows: Sequence[OutcomeRow], vectors: Vectors | None, seed: int) -> list[float]:
    """Return by how much the strong model is likelier right, as other tenths teach.

    Args:
        rows: The questions.
        vectors: Their unit vectors, shape `(n, dimensions)`; None: nearness to known questions is
            not read.
        seed: Chooses the tenths.
    """
    questions = [question_of([Message(Role.USER, row.question)]) for row in rows]
    features = [read_all(question) for question in questions]
    weak = held_out(features, vectors, [row.weak_correct for row in rows], NEAR_HARD, seed)
    strong = held_out(features, vectors, [row.strong_correct for row in rows], NEAR_HARD, seed)
    return [two - one for one, two in zip(weak, strong, strict=True)]


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
