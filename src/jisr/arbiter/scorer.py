"""How likely the device's answer is right, and the cloud's: calibrated, or not said."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """Calibrated probabilities, 0 to 1, that an answer is right."""

    device: float | None
    cloud: float | None
    reason: str | None = None
    """Why they are None."""

    @property
    def win_rate(self) -> float | None:
        """Probability that the cloud is right where the device is not, if both were independent."""
        if self.device is None or self.cloud is None:
            return None
        return self.cloud * (1 - self.device)


NOT_ESTIMATED = Estimate(None, None, "not calibrated: run `jisr calibrate` for this model")
