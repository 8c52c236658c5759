"""Which calibration is used: the person's own, or the one that comes with the default pair."""

from __future__ import annotations

import logging
from importlib.resources import as_file, files
from pathlib import Path

from jisr.arbiter.calibration import Calibration
from jisr.errors import CalibrationError

LOG = logging.getLogger(__name__)

OWN_FILE = "calibration.json"
"""In the home of Jisr."""


def calibration_for(home: Path, device: str) -> Calibration | None:
    """Return the calibration of a device's model; None: it was never calibrated.

    One's own that cannot be read is told of, and left aside.

    Args:
        home: Where Jisr keeps what is the person's.
        device: Fingerprint of the weights.
    """
    own = home / OWN_FILE
    if own.exists():
        try:
            found = Calibration.read(own)
        except CalibrationError as error:
            LOG.warning("%s", error)
        else:
            if found.device == device:
                return found
    shipped = shipped_calibration()
    return shipped if shipped is not None and shipped.device == device else None


def shipped_calibration() -> Calibration | None:
    """Return the calibration that comes with Jisr."""
    resource = files("jisr.arbiter") / "calibration.json"
    if not resource.is_file():
        return None
    with as_file(resource) as path:
        return Calibration.read(path)
