"""Which calibration is used for a model."""

from pathlib import Path

import pytest

from jisr.arbiter.calibration import Calibration
from jisr.calibrations import OWN_FILE, calibration_for, shipped_calibration


def test_one_s_own_is_used_for_the_model_it_was_made_of(tmp_path: Path) -> None:
    own = Calibration("mine", "large", {}, frozenset())
    own.write(tmp_path / OWN_FILE)

    assert calibration_for(tmp_path, "mine") == own
    assert calibration_for(tmp_path, "another") is None


def test_one_that_is_broken_is_told_of_and_left_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / OWN_FILE).write_text("{")

    assert calibration_for(tmp_path, "mine") is None
    assert "jisr calibrate" in caplog.text


def test_without_one_s_own_that_of_the_default_pair_is_used(tmp_path: Path) -> None:
    shipped = shipped_calibration()

    assert shipped is not None
    assert shipped.cloud == "qwen2.5-coder-1.5b"
    assert calibration_for(tmp_path, shipped.device) == shipped
