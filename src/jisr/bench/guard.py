"""`jisr bench guard`: how far confidence can be trusted, and what a set risk comes to.

Every question is judged by a calibration that did not know it. For the set risk the questions
of a kind are parted by chance two hundred times: one half makes the threshold, the other is
answered by it. Withheld is what would not be given offline, where nothing can be escalated.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import mean, median

from jisr.arbiter.calibration import Proof
from jisr.bench.answering import Answered
from jisr.bench.asking import Timed
from jisr.bench.judged import Judged
from jisr.bench.measures import auroc, brier, calibration_error, risk_over_coverage
from jisr.bench.report import Row
from jisr.guard.grounding import claims_of
from jisr.guard.guard import GuardPolicy, judge
from jisr.guard.missing import is_missing
from jisr.guard.verdicts import Action
from jisr.question import TaskKind

RISKS = (0.05, 0.1, 0.2, 0.3, 0.5)
NUM_SPLITS = 200
NUM_FOLDS = 10
COVERAGES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)

Threshold = Callable[[TaskKind, Sequence[Proof], float], float | None]
"""Returns the least confidence at which an answer of a kind is given, for a risk."""


def figures(
    rows: Sequence[Judged], threshold: Threshold, policy_risk: float, seed: int
) -> dict[str, float]:
    """Return the benchmark's figures by name; what cannot be told is left out."""
    known = [row for row in rows if row.confidence is not None]
    told: dict[str, float | None] = {"auroc": _auroc(known), **_errors(known)}
    for kind, some in _kinds(known).items():
        told[f"auroc_{kind}"] = _auroc(some)
        told |= {f"{name}_{kind}": value for name, value in _errors(some).items()}
    told["risk_kept_share"] = risk_kept_share(known, threshold, seed)
    told |= _shares(rows, _given(rows, threshold, policy_risk, seed))
    for name, value in _signals(known).items():
        told[f"auroc_by_{name}"] = value
    return {name: value for name, value in told.items() if value is not None}


def risk_kept_share(rows: Sequence[Judged], threshold: Threshold, seed: int) -> float | None:
    """Return in how many of all splits, kinds and risks the share of wrong answers was kept."""
    kept = [row["is_kept"] for row in splits(rows, threshold, seed)]
    return mean(map(float, kept)) if kept else None


def splits(
    rows: Sequence[Judged], threshold: Threshold, seed: int
) -> list[dict[str, float | str | bool]]:
    """Return what came of each risk in each split, over each kind."""
    chance = random.Random(seed)
    told: list[dict[str, float | str | bool]] = []
    for kind, some in _kinds_asked(rows).items():
        for number in range(NUM_SPLITS):
            parted = chance.sample(some, len(some))
            half = len(parted) // 2
            proofs = [proof_of(row) for row in parted[:half]]
            for risk in RISKS:
                least = threshold(kind, proofs, risk)
                given = [row for row in parted[half:] if _is_sure(row, least)]
                wrong = mean(map(_is_wrong, given)) if given else 0.0
                told.append(
                    {
                        "kind": kind.value,
                        "split": number,
                        "risk": risk,
                        "realised": wrong,
                        "coverage": len(given) / (len(parted) - half),
                        "is_kept": wrong <= risk,
                    }
                )
    return told


def tables(rows: Sequence[Judged], threshold: Threshold, seed: int) -> list[Row]:
    """Return risk by coverage of each kind, and what each set risk came to."""
    known = [row for row in rows if row.confidence is not None]
    told: list[Row] = []
    for kind, some in {"all": known, **_kinds(known)}.items():
        points = risk_over_coverage(
            [row.confidence or 0.0 for row in some], [row.device.is_right for row in some]
        )
        for coverage in COVERAGES if points else ():
            at = max(0, round(coverage * len(points)) - 1)
            told.append(
                {
                    "measure": "coverage",
                    "kind": kind,
                    "coverage": coverage,
                    "risk": round(points[at][1], 4),
                }
            )
    parted = splits(known, threshold, seed)
    for kind in sorted({str(row["kind"]) for row in parted}):
        for risk in RISKS:
            some_rows = [row for row in parted if row["kind"] == kind and row["risk"] == risk]
            told.append(
                {
                    "measure": "risk",
                    "kind": kind,
                    "risk": risk,
                    "realised": round(mean(float(row["realised"]) for row in some_rows), 4),
                    "coverage": round(mean(float(row["coverage"]) for row in some_rows), 4),
                    "kept_share": round(mean(float(row["is_kept"]) for row in some_rows), 4),
                }
            )
    return told


def proof_of(row: Judged) -> Proof:
    """Return a question as thresholds are made of it."""
    assert row.confidence is not None
    return Proof(row.confidence, row.device.is_right, row.support, row.sample.is_answerable)


def added_shares(timed: Sequence[Timed]) -> dict[str, float]:
    """Return the medians of what signals add to a turn, relative to its time without them.

    One over all turns, and one of each kind: where the model runs once more it adds more.
    """
    kinds = sorted({it.kind for it in timed})
    parts = {"": timed, **{f"_{kind}": [it for it in timed if it.kind == kind] for kind in kinds}}
    return {
        f"added_time_share{name}": median(it.added_ms / it.turn_ms for it in some)
        for name, some in parts.items()
        if some
    }


def _is_sure(row: Judged, least: float | None) -> bool:
    sure = row.confidence if row.support is None else row.support
    return least is not None and sure is not None and sure >= least


def _is_wrong(row: Judged) -> bool:
    """Whether giving an answer is what the risk is of: of a text, that it does not tell it."""
    return not (row.device.is_right if row.support is None else row.sample.is_answerable)


def _given(rows: Sequence[Judged], threshold: Threshold, risk: float, seed: int) -> dict[str, bool]:
    """Return whether each answer would be given; thresholds are of the other tenths."""
    given: dict[str, bool] = {}
    for kind, some in _kinds_asked([row for row in rows if row.confidence is not None]).items():
        order = random.Random(seed).sample(some, len(some))
        for start in range(NUM_FOLDS):
            held = order[start::NUM_FOLDS]
            names = {row.row.id for row in held}
            proofs = [proof_of(row) for row in some if row.row.id not in names]
            least = threshold(kind, proofs, risk)
            policy = GuardPolicy(risk=risk, thresholds={kind: least})
            given |= {row.row.id: _is_given(row, policy) for row in held}
    for row in rows:
        if row.confidence is None:
            given[row.row.id] = _is_given(row, GuardPolicy(risk=risk, thresholds={}))
    return given


def _is_given(row: Judged, policy: GuardPolicy) -> bool:
    verdict = judge(
        row.row.question,
        row.device.answer.text,
        row.confidence,
        None if row.confidence is not None else "not calibrated",
        policy,
        can_escalate=False,
        support=row.support,
        claims=claims_of(row.device.answer.text, row.row.question.evidence),
        finish_reason=row.device.answer.finish_reason,
    )
    return verdict.action is Action.KEEP


def _shares(rows: Sequence[Judged], given: Mapping[str, bool]) -> dict[str, float | None]:
    """Return what is given and withheld: of texts that tell, of those that do not, of facts."""
    grounded = [row for row in rows if row.row.kind == "grounded"]
    short = [row for row in rows if row.row.kind == "short"]
    answers = {row.row.id: given[row.row.id] and not _says_missing(row.device) for row in grounded}
    without = [row for row in grounded if not row.sample.is_answerable]
    within = [row for row in grounded if row.sample.is_answerable]
    return {
        "unanswerable_withheld_share": _share(not answers[row.row.id] for row in without),
        "answerable_answered_share": _share(answers[row.row.id] for row in within),
        "answerable_right_share": _share(
            answers[row.row.id] and row.device.is_right for row in within
        ),
        "short_wrong_share": _share(given[row.row.id] and not row.device.is_right for row in short),
        "short_given_share": _share(given[row.row.id] for row in short),
    }


def _says_missing(device: Answered) -> bool:
    return is_missing(device.answer.text)


def _share(values: Iterable[bool]) -> float | None:
    found = list(values)
    return mean(map(float, found)) if found else None


def _auroc(rows: Sequence[Judged]) -> float | None:
    return auroc([row.confidence or 0.0 for row in rows], [row.device.is_right for row in rows])


def _errors(rows: Sequence[Judged]) -> dict[str, float | None]:
    if not rows:
        return {}
    chances = [row.confidence or 0.0 for row in rows]
    is_right = [row.device.is_right for row in rows]
    return {"ece": calibration_error(chances, is_right), "brier": brier(chances, is_right)}


def _signals(rows: Sequence[Judged]) -> dict[str, float | None]:
    """Return how well single signals tell right from wrong, for comparison."""
    names = ("surety_mean", "surety_q00", "surety_entropy", "self_check")
    is_right = [row.device.is_right for row in rows]
    signs = {"surety_entropy": -1.0}
    return {
        name: auroc(
            [signs.get(name, 1.0) * row.sample.after.get(name, 0.0) for row in rows], is_right
        )
        for name in names
    }


def _kinds(rows: Sequence[Judged]) -> dict[str, list[Judged]]:
    """Return the rows by the kind that their file gives."""
    found: dict[str, list[Judged]] = {}
    for row in rows:
        found.setdefault(row.row.kind, []).append(row)
    return dict(sorted(found.items()))


def _kinds_asked(rows: Sequence[Judged]) -> dict[TaskKind, list[Judged]]:
    """Return the rows by the kind that they are taken for."""
    found: dict[TaskKind, list[Judged]] = {}
    for row in rows:
        found.setdefault(row.sample.kind, []).append(row)
    return dict(sorted(found.items()))
