"""Learning a calibration from questions whose answers are known, and judging what is learned.

What is promised of a kind of question is promised of what did not learn from it: each question
is told by regressions of those in other folds.

Source: predictions out of fold as in stacked generalisation, Wolpert 1992, Neural Networks 5(2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import fmean

import numpy as np

from jisr.arbiter.calibration import (
    ARABIC,
    Calibration,
    Chances,
    KindCalibration,
    Models,
    Proof,
    Sample,
    Support,
    is_arabic,
    without_language,
)
from jisr.arbiter.fit import fit_best
from jisr.arbiter.folds import NUM_FOLDS, folds
from jisr.arbiter.nearness import Near, fit_near, tells_more
from jisr.arbiter.readers.similarity import NEAR_HARD, NEAR_HARD_CLOUD
from jisr.errors import CalibrationError
from jisr.feature_names import COSTLY
from jisr.question import TaskKind

LEAST_WEIGHT = 0.2
"""Of one of these in a regression, in standard deviations, for it to be asked for."""
LEAST_UNANSWERABLE = 30
LEAST_ROWS = 40
"""Of a kind, below which nothing is promised of it."""


def calibrate(samples: Sequence[Sample], *, device: str, cloud: str, seed: int = 0) -> Calibration:
    """Return what samples teach; a kind of which there are few is left out.

    Raises:
        CalibrationError: Of no kind there are enough.
    """
    check_enough(sample.kind for sample in samples)
    found = enough(samples)
    told = {kind: _told(some) for kind, some in found.items()}
    kinds = {
        kind: KindCalibration(fit_models(some), _proofs(some, seed), _near(some, seed))
        for kind, some in told.items()
    }
    digests = frozenset(sample.digest for some in found.values() for sample in some)
    return Calibration(device, cloud, kinds, digests)


def _near(samples: Sequence[Sample], seed: int) -> Near | None:
    """Return what nearness adds in one kind; None where it adds nothing."""
    given = [it.vector for it in samples if it.vector is not None]
    if len(given) < len(samples):
        return None
    vectors = np.stack(given)
    rows, right = [it.before for it in samples], [it.device_right for it in samples]
    if not tells_more(rows, vectors, right, NEAR_HARD, seed):
        return None
    routed = [at for at, it in enumerate(samples) if it.cloud_right is not None]
    cloud = None
    if 2 * len(routed) > len(samples):
        cloud = fit_near(
            [rows[at] for at in routed],
            vectors[routed],
            [bool(samples[at].cloud_right) for at in routed],
            NEAR_HARD_CLOUD,
            seed,
        )
    return Near(fit_near(rows, vectors, right, NEAR_HARD, seed), cloud)


def enough(samples: Sequence[Sample]) -> dict[TaskKind, list[Sample]]:
    """Return the samples of each kind of which something can be promised."""
    return {k: some for k, some in _by_kind(samples).items() if _is_enough(k, len(some))}


def check_enough(kinds: Iterable[TaskKind]) -> None:
    """Refuse questions of which nothing can be promised, as can be told before they are asked.

    Raises:
        CalibrationError: Of no kind there are enough.
    """
    counts = Counter(kinds)
    if not any(_is_enough(kind, num) for kind, num in counts.items()):
        told = ", ".join(f"{num} of kind {kind}" for kind, num in counts.items())
        but = f", and of kind {TaskKind.OTHER} none is learned" if TaskKind.OTHER in counts else ""
        raise CalibrationError(
            f"There are too few questions ({told or 'none'}): a kind wants {LEAST_ROWS}{but}."
        )


def _is_enough(kind: TaskKind, num_rows: int) -> bool:
    return kind is not TaskKind.OTHER and num_rows >= LEAST_ROWS


def _told(samples: Sequence[Sample]) -> list[Sample]:
    """Return samples of one kind without what takes a pass, unless it tells something.

    What does not weigh in a kind is not asked there; what is promised of a kind must then be
    promised without it. Nor is anything promised with what some of the samples lack.
    """
    lacking = [name for name in COSTLY if not all(name in it.after for it in samples)]
    samples = [_without(sample, lacking) for sample in samples]
    models = fit_models(samples)
    fitted = [models.device_after, *([models.support.model] if models.support else [])]
    light = [name for name in COSTLY if max(abs(it.weight(name)) for it in fitted) < LEAST_WEIGHT]
    return [_without(sample, light) for sample in samples]


def _without(sample: Sample, names: Sequence[str]) -> Sample:
    after = {name: value for name, value in sample.after.items() if name not in names}
    return replace(sample, after=after)


def _each_told(samples: Sequence[Sample]) -> list[Sample]:
    """Return samples of any kinds, in their order, each as those of its kind are told."""
    told = {kind: iter(_told(some)) for kind, some in _by_kind(samples).items()}
    return [next(told[sample.kind]) for sample in samples]


def fit_models(samples: Sequence[Sample], *, has_support: bool | None = None) -> Models:
    """Return the regressions of samples of one kind.

    Args:
        samples: At least one.
        has_support: Whether to tell if a text answers; None: if enough of the samples have none.
    """
    if has_support is None:
        has_support = can_tell_support(samples)
    right = [sample.device_right for sample in samples]
    routed = [sample for sample in samples if sample.cloud_right is not None]
    cloud = [bool(sample.cloud_right) for sample in routed]
    has_cloud = 2 * len(routed) > len(samples)
    return Models(
        fit_best([sample.before for sample in samples], right),
        fit_best([sample.after for sample in samples], right),
        fit_best([sample.before for sample in routed], cloud) if has_cloud else None,
        fit_best([sample.after for sample in routed], cloud) if has_cloud else None,
        _support(samples) if has_support else None,
    )


def can_tell_support(samples: Sequence[Sample]) -> bool:
    """Whether enough of the questions about a text are not answered by it."""
    num_without = sum(not it.is_answerable for it in samples)
    is_about_texts = all(it.kind is TaskKind.GROUNDED for it in samples)
    return is_about_texts and num_without >= LEAST_UNANSWERABLE


def _support(samples: Sequence[Sample]) -> Support:
    """Return what tells whether a text answers a question.

    A language in which every question of the set has an answer teaches only what language it
    is; it learns from the other one, if that has both.
    """
    parts = [[it for it in samples if is_arabic(it.after) is wanted] for wanted in (False, True)]
    telling = [it for part in parts if len({it.is_answerable for it in part}) > 1 for it in part]
    telling = telling or list(samples)
    more = _arabic_more(*parts)
    rows = [without_language(it.after, more) for it in telling]
    return Support(fit_best(rows, [it.is_answerable for it in telling]), more)


def _arabic_more(others: Sequence[Sample], arabic: Sequence[Sample]) -> dict[str, float]:
    """Return by how much the mean of each feature is more in Arabic; nothing if it is not known."""
    if not others or not arabic:
        return {}
    return {
        name: fmean(it.after[name] for it in arabic) - fmean(it.after[name] for it in others)
        for name in others[0].after
        if name != ARABIC
    }


def cross_fitted(
    samples: Sequence[Sample], seed: int, num_folds: int = NUM_FOLDS
) -> list[tuple[Chances, Chances] | None]:
    """Return the chances before and after of each sample, by models that never saw it.

    Returns:
        None for a sample of a kind of which there is no other.
    """
    return _cross_fitted(_each_told(samples), seed, num_folds)


def _cross_fitted(
    samples: Sequence[Sample], seed: int, num_folds: int = NUM_FOLDS
) -> list[tuple[Chances, Chances] | None]:
    """Return the same of samples whose features are those that are read."""
    found: list[tuple[Chances, Chances] | None] = [None] * len(samples)
    whole = {kind: can_tell_support(some) for kind, some in _by_kind(samples).items()}
    strata = [(it.kind.value, it.device_right, it.cloud_right) for it in samples]
    for held in folds(len(samples), seed, num_folds, strata):
        kept = [sample for at, sample in enumerate(samples) if at not in held]
        models = {
            kind: fit_models(some, has_support=whole[kind]) for kind, some in _by_kind(kept).items()
        }
        for at in held:
            sample = samples[at]
            if sample.kind in models:
                of_kind = models[sample.kind]
                found[at] = of_kind.before(sample.before), of_kind.after(sample.after)
    return found


def _proofs(samples: Sequence[Sample], seed: int) -> tuple[Proof, ...]:
    chances = _cross_fitted(samples, seed)
    return tuple(
        Proof(
            round(found[1].device, 4), sample.device_right, found[1].support, sample.is_answerable
        )
        for sample, found in zip(samples, chances, strict=True)
        if found is not None
    )


def _by_kind(samples: Sequence[Sample]) -> dict[TaskKind, list[Sample]]:
    found: dict[TaskKind, list[Sample]] = {}
    for sample in samples:
        found.setdefault(sample.kind, []).append(sample)
    return found
