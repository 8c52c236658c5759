"""How likely the device's answer is right, and the cloud's: calibrated, or not said.

What was learned of one model says nothing of another: for a model that was not calibrated
there is no number, but the reason why there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jisr.arbiter.calibration import Calibration, Chances, KindCalibration
from jisr.question import TaskKind

NO_CALIBRATION = "not calibrated: run `jisr calibrate` for this model"
OTHER_DEVICE = "calibrated for another model: run `jisr calibrate` for this one"
OTHER_CLOUD = "the cloud was not calibrated"
OTHER_KIND = "not calibrated for this kind of question"


@dataclass(frozen=True, slots=True)
class Estimate:
    """Calibrated probabilities, 0 to 1, that an answer is right."""

    device: float | None
    cloud: float | None
    reason: str | None = None
    """Why one of them is None."""
    support: float | None = None
    """The same that a text which is given tells the answer; None: none is given, or not known."""
    features: Mapping[str, float] = field(default_factory=dict, compare=False)
    """What it was made from, where that is told."""
    check_catches: float | None = None
    """Share of wrong answers, 0 to 1, that the check withdraws of this kind; None: not known."""
    check_doubts: float | None = None
    """The same of right answers."""

    @property
    def win_rate(self) -> float | None:
        """Probability that the cloud is right where the device is not, were both independent."""
        if self.device is None or self.cloud is None:
            return None
        return self.cloud * (1 - self.device)


NOT_ESTIMATED = Estimate(None, None, NO_CALIBRATION)


class Scorer:
    """Estimates for one pair of models."""

    def __init__(self, calibration: Calibration | None, *, device: str, cloud: str) -> None:
        """Take what was learned, if anything was, and of what models the estimates shall be.

        Args:
            calibration: None: there is none.
            device: Fingerprint of the weights on the device.
            cloud: Name of the cloud's model; empty: there is none.
        """
        self._calibration = calibration
        self._is_of_device = calibration is not None and calibration.device == device
        self._is_of_cloud = calibration is not None and calibration.cloud == cloud

    def before(self, kind: TaskKind, features: Mapping[str, float]) -> Estimate:
        """Return what is expected of a question before it is answered."""
        found = self._of(kind)
        if isinstance(found, str):
            return Estimate(None, None, found)
        return self._estimate(found.before(features))

    def after(self, kind: TaskKind, features: Mapping[str, float]) -> Estimate:
        """Return what is expected of an answer of the device, and of the cloud in its place."""
        found = self._of(kind)
        if isinstance(found, str):
            return Estimate(None, None, found)
        return self._estimate(found.models.after(features))

    def _of(self, kind: TaskKind) -> KindCalibration | str:
        """Return what was learned of a kind, or why nothing was."""
        if self._calibration is None:
            return NO_CALIBRATION
        if not self._is_of_device:
            return OTHER_DEVICE
        return self._calibration.kinds.get(kind, OTHER_KIND)

    def _estimate(self, chances: Chances) -> Estimate:
        device, cloud, support = chances.device, chances.cloud, chances.support
        if not self._is_of_cloud:
            return Estimate(device, None, OTHER_CLOUD, support)
        if cloud is None:
            return Estimate(device, None, OTHER_KIND, support)
        return Estimate(device, cloud, None, support)
