"""What was learned of a device's and a cloud's model: from features to probabilities, by kind.

A calibration is made of questions whose answers are known and holds none of their text:
weights, and for each question a digest and how sure the model was when it was not learned
from. It is of one model on the device and one in the cloud, and says so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from jisr.arbiter.fit import Logistic
from jisr.arbiter.nearness import Near, NearModel
from jisr.arbiter.readers.similarity import NEAR_HARD, Direction, Vectors
from jisr.errors import CalibrationError
from jisr.private_files import make_folder
from jisr.question import TaskKind

ARABIC = "arabic"
HALF = 0.5
"""Share of Arabic letters above which a question is Arabic."""
DIGEST_BYTES = 8
FORM = 3
"""Of the file."""
MALFORMED = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""What reading a file raises that is something else."""


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
    vector: Vectors | None = field(default=None, compare=False)
    """Its unit vector, shape `(dimensions,)`; None: nothing makes such vectors here."""


@dataclass(frozen=True, slots=True)
class Support:
    """Tells whether a text answers a question.

    What language it is in is no feature: that a set has no such question in one language is no
    reason to trust every answer in it. Models say yes more readily in one language than in another,
    and are surer in it, so an Arabic question is read as if it were like the others in the mean.
    """

    model: Logistic
    arabic_more: Mapping[str, float]
    """By how much the mean of each feature is more where the question is Arabic."""

    def probability(self, features: Mapping[str, float]) -> float:
        """Return the probability, above 0 and below 1."""
        return self.model.probability(without_language(features, self.arabic_more))


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

    def __post_init__(self) -> None:
        """Refuse what is no probability.

        Raises:
            ValueError: A number is not from 0 to 1.
        """
        if not all(0 <= it <= 1 for it in (self.confidence, self.support) if it is not None):
            raise ValueError(f"a proof of {self.confidence} and {self.support}, not from 0 to 1")


@dataclass(frozen=True, slots=True)
class KindCalibration:
    """What was learned of one kind."""

    models: Models
    proofs: tuple[Proof, ...]
    near: Near | None = field(default=None, compare=False)
    """What nearness to known questions adds before an answer; None: nothing, or it is not known."""

    def before(self, features: Mapping[str, float]) -> Chances:
        """Return what is expected of a question before it is answered.

        Nearness counts where it was learned and is among the features.
        """
        if self.near is None or NEAR_HARD not in features:
            return self.models.before(features)
        device, cloud = self.near.device, self.near.cloud
        return Chances(
            device.model.probability(features), cloud.model.probability(features) if cloud else None
        )

    def asks(self, name: str) -> bool:
        """Return whether a feature is part of it, see `feature_names.COSTLY`."""
        return name in self.models.device_after.names


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
        make_folder(path.parent)
        partial = path.with_name(path.name + ".partial")
        partial.touch(mode=0o600)
        partial.chmod(0o600)
        partial.write_text(json.dumps(_rounded(plain)) + "\n", encoding="utf-8")
        partial.replace(path)

    @classmethod
    def read(cls, path: Path) -> Calibration:
        """Return a calibration that was written.

        Raises:
            CalibrationError: It cannot be read, or is none of this version.
        """
        try:
            plain = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refused)
            if plain["form"] != FORM:
                raise ValueError(f"form {plain['form']}, not {FORM}")
            kinds = {TaskKind(name): _kind(found) for name, found in plain["kinds"].items()}
            return cls(plain["device"], plain["cloud"], kinds, frozenset(plain["digests"]))
        except (OSError, *MALFORMED) as error:
            raise CalibrationError(
                f"{path} is no calibration of this version ({error}): make one with "
                "`jisr calibrate`."
            ) from None


def without_language(
    features: Mapping[str, float], arabic_more: Mapping[str, float]
) -> dict[str, float]:
    """Return features as `Support` reads them; of `arabic_more` see there."""
    found = {name: value for name, value in features.items() if name != ARABIC}
    if not is_arabic(features):
        return found
    return {name: value - arabic_more.get(name, 0.0) for name, value in found.items()}


def is_arabic(features: Mapping[str, float]) -> bool:
    """Whether most letters of a question are Arabic."""
    return features.get(ARABIC, 0.0) > HALF


def digest_of(prompt: str) -> str:
    """Return what tells that a prompt was learned from, and not what it says."""
    raw = prompt.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(raw, digest_size=DIGEST_BYTES).hexdigest()


def _chance(model: Logistic | None, features: Mapping[str, float]) -> float | None:
    return None if model is None else model.probability(features)


def _kind(plain: Mapping[str, Any]) -> KindCalibration:
    models = dict(plain["models"])
    support = models.pop("support")
    if support is not None:
        more = {name: float(value) for name, value in support["arabic_more"].items()}
        support = Support(_logistic(support["model"]), more)
    known = {name: found and _logistic(found) for name, found in models.items()}
    proofs = tuple(Proof(**proof) for proof in plain["proofs"])
    return KindCalibration(Models(**known, support=support), proofs, _near(plain.get("near")))


def _near(plain: Mapping[str, Any] | None) -> Near | None:
    if plain is None:
        return None
    cloud = plain["cloud"]
    return Near(_near_model(plain["device"]), cloud and _near_model(cloud))


def _near_model(plain: Mapping[str, Any]) -> NearModel:
    way = plain["direction"]
    direction = Direction(tuple(way["weights"]), float(way["middle"]))
    return NearModel(direction, _logistic(plain["model"]))


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no number")


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
