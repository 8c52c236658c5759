"""What was learned of a device's and a cloud's model: from features to probabilities, by kind.

A calibration is made of questions whose answers are known and holds none of their text:
weights, and for each question a digest and how sure the model was when it was not learned
from. It is of one model on the device and one in the cloud, and says so.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from jisr.arbiter.fit import Logistic, fit_best
from jisr.errors import CalibrationError
from jisr.question import TaskKind

ARABIC = "arabic"
SELF_CHECK = "self_check"
LEAST_WEIGHT = 0.2
"""Of the model's own view in a regression, in standard deviations, for it to be asked for."""
LEAST_UNANSWERABLE = 30
HALF = 0.5
"""Share of Arabic letters above which a question is Arabic."""
NUM_FOLDS = 10
LEAST_ROWS = 40
"""Of a kind, below which nothing is promised of it."""
DIGEST_BYTES = 8
FORM = 1
"""Of the file."""


@dataclass(frozen=True, slots=True)
class Chances:
    """Probabilities, 0 to 1, of one question."""

    device: float
    """That the device is right."""
    cloud: float | None
    """That the cloud is right; None: of this kind it was not asked."""
    support: float | None = None
    """That the text which is given tells it; None: none is given, or nothing was answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One question, how the device answered it, and whether that and the cloud were right."""

    kind: TaskKind
    before: Mapping[str, float]
    """Features of the question."""
    after: Mapping[str, float]
    """Features of the question and of the device's answer."""
    device_right: bool
    cloud_right: bool | None
    """None: the cloud was not asked."""
    digest: str
    """Of the prompt, see `digest_of`."""
    is_answerable: bool = True
    """Whether the question has an answer at all."""


@dataclass(frozen=True, slots=True)
class Support:
    """Tells whether a text answers a question.

    What language it is in is no feature: that a set has no such question in one language is no
    reason to trust every answer in it. Models say yes more readily in one language than in another,
    so how readily is held against the mean in that language. Other features may still betray it.
    """

    model: Logistic
    usual: float
    """Mean of the model's own view where the question is not Arabic."""
    usual_arabic: float

    def probability(self, features: Mapping[str, float]) -> float:
        """Return the probability, above 0 and below 1."""
        return self.model.probability(_without_language(features, self.usual, self.usual_arabic))


@dataclass(frozen=True, slots=True)
class Models:
    """The regressions of one kind of question."""

    device_before: Logistic
    device_after: Logistic
    cloud_before: Logistic | None
    """None: of most questions of this kind the cloud was not asked."""
    cloud_after: Logistic | None
    support: Support | None = None
    """None: all questions of this kind had an answer."""

    def before(self, features: Mapping[str, float]) -> Chances:
        """Return what is expected of a question before it is answered."""
        cloud = _chance(self.cloud_before, features)
        return Chances(self.device_before.probability(features), cloud)

    def after(self, features: Mapping[str, float]) -> Chances:
        """Return what is expected of an answer that is there, and of the cloud's in its place."""
        return Chances(
            self.device_after.probability(features),
            _chance(self.cloud_after, features),
            None if self.support is None else self.support.probability(features),
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """How sure the device was of one answer that the regression had not learned from."""

    confidence: float
    is_right: bool
    support: float | None = None
    """How likely the text that was given was to tell it."""
    is_answerable: bool = True
    """Whether the question had an answer at all."""


@dataclass(frozen=True, slots=True)
class KindCalibration:
    """What was learned of one kind."""

    models: Models
    proofs: tuple[Proof, ...]

    @property
    def asks_itself(self) -> bool:
        """Whether the model's own view of its answer is part of it."""
        return SELF_CHECK in self.models.device_after.names


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was learned of a pair of models."""

    device: str
    """Fingerprint of the weights, see `fingerprint_of`."""
    cloud: str
    """Name of the cloud's model; empty: it was not asked."""
    kinds: Mapping[TaskKind, KindCalibration]
    digests: frozenset[str]
    """Of the prompts it was made of."""

    def write(self, path: Path) -> None:
        """Write it as JSON, whole or not at all."""
        kinds = {kind.value: asdict(found) for kind, found in self.kinds.items()}
        plain = {
            "form": FORM,
            "device": self.device,
            "cloud": self.cloud,
            "kinds": kinds,
            "digests": sorted(self.digests),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".partial")
        partial.write_text(json.dumps(_rounded(plain)) + "\n", encoding="utf-8")
        partial.replace(path)

    @classmethod
    def read(cls, path: Path) -> Calibration:
        """Return a calibration that was written.

        Raises:
            CalibrationError: It cannot be read, or is none of this version.
        """
        try:
            plain = json.loads(path.read_text(encoding="utf-8"))
            if plain["form"] != FORM:
                raise ValueError(f"form {plain['form']}, not {FORM}")
            kinds = {TaskKind(name): _kind(found) for name, found in plain["kinds"].items()}
            return cls(plain["device"], plain["cloud"], kinds, frozenset(plain["digests"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CalibrationError(
                f"{path} is no calibration of this version ({error}): make one with "
                "`jisr calibrate`."
            ) from None


def calibrate(samples: Sequence[Sample], *, device: str, cloud: str, seed: int = 0) -> Calibration:
    """Return what samples teach; a kind of which there are few is left out.

    Raises:
        CalibrationError: Of no kind there are enough.
    """
    by_kind = _by_kind(samples)
    enough = {kind: found for kind, found in by_kind.items() if len(found) >= LEAST_ROWS}
    enough.pop(TaskKind.OTHER, None)
    if not enough:
        counts = ", ".join(f"{len(found)} of kind {kind}" for kind, found in by_kind.items())
        raise CalibrationError(
            f"There are too few questions ({counts or 'none'}): a kind wants {LEAST_ROWS}."
        )
    told = {kind: _told(found) for kind, found in enough.items()}
    kinds = {
        kind: KindCalibration(fit_models(found), _proofs(found, seed))
        for kind, found in told.items()
    }
    digests = frozenset(sample.digest for found in enough.values() for sample in found)
    return Calibration(device, cloud, kinds, digests)


def _told(samples: Sequence[Sample]) -> list[Sample]:
    """Return samples of one kind without the model's own view, unless it tells something.

    To ask for it takes a pass, so it is asked of no kind in which it does not weigh; what is
    promised of a kind must then be promised without it.
    """
    models = fit_models(samples)
    weights = [models.device_after.weight(SELF_CHECK)]
    weights += [models.support.model.weight(SELF_CHECK)] if models.support else []
    if max(map(abs, weights)) >= LEAST_WEIGHT:
        return list(samples)
    return [
        replace(it, after={name: it.after[name] for name in it.after if name != SELF_CHECK})
        for it in samples
    ]


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
    """Return what tells whether a text answers a question."""
    is_answerable = [sample.is_answerable for sample in samples]
    usual, usual_arabic = (
        fmean(views) if views else 0.0
        for views in (
            [
                it.after.get(SELF_CHECK, 0.0)
                for it in samples
                if (it.after.get(ARABIC, 0.0) > HALF) is is_arabic
            ]
            for is_arabic in (False, True)
        )
    )
    rows = [_without_language(it.after, usual, usual_arabic) for it in samples]
    return Support(fit_best(rows, is_answerable), usual, usual_arabic)


def _without_language(
    features: Mapping[str, float], usual: float, usual_arabic: float
) -> dict[str, float]:
    centre = usual_arabic if features.get(ARABIC, 0.0) > HALF else usual
    found = {name: value for name, value in features.items() if name != ARABIC}
    if SELF_CHECK in found:
        found[SELF_CHECK] -= centre
    return found


def cross_fitted(
    samples: Sequence[Sample], seed: int, num_folds: int = NUM_FOLDS
) -> list[tuple[Chances, Chances] | None]:
    """Return the chances before and after of each sample, by models that never saw it.

    Returns:
        None for a sample of a kind of which there is no other.
    """
    found: list[tuple[Chances, Chances] | None] = [None] * len(samples)
    samples = _each_told(samples)
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


def folds(
    num_rows: int, seed: int, num_folds: int, strata: Sequence[object] | None = None
) -> list[frozenset[int]]:
    """Return the rows of each fold: every row in one, chosen by chance.

    Args:
        num_rows: How many rows there are.
        seed: Of the chance.
        num_folds: How many folds there shall be.
        strata: A value of each row; each fold gets its share of the rows of each value. Without
            that, rows of which nothing can be told seem to be told wrong: a fold that happens to
            hold more right answers leaves fewer to learn from.
    """
    order = random.Random(seed).sample(range(num_rows), num_rows)
    if strata is not None:
        order.sort(key=lambda at: repr(strata[at]))
    return [frozenset(order[start::num_folds]) for start in range(num_folds)]


def digest_of(prompt: str) -> str:
    """Return what tells that a prompt was learned from, and not what it says."""
    raw = prompt.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(raw, digest_size=DIGEST_BYTES).hexdigest()


def _chance(model: Logistic | None, features: Mapping[str, float]) -> float | None:
    return None if model is None else model.probability(features)


def _proofs(samples: Sequence[Sample], seed: int) -> tuple[Proof, ...]:
    chances = cross_fitted(samples, seed)
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


def _kind(plain: Mapping[str, Any]) -> KindCalibration:
    models = dict(plain["models"])
    support = models.pop("support")
    if support is not None:
        support = Support(**{**support, "model": _logistic(support["model"])})
    known = {name: found and _logistic(found) for name, found in models.items()}
    proofs = tuple(Proof(**proof) for proof in plain["proofs"])
    return KindCalibration(Models(**known, support=support), proofs)


def _logistic(plain: Mapping[str, Any]) -> Logistic:
    lists = {name: tuple(plain[name]) for name in ("names", "means", "scales", "weights")}
    return Logistic(**lists, intercept=float(plain["intercept"]))


def _rounded(value: Any) -> Any:
    """Return plain values with no more digits than matter."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return value
