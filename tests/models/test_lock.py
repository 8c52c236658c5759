import os
from pathlib import Path

import pytest

from jisr.models.lock import LockTaken, hold


def test_a_lock_is_free_again_after_its_holder(tmp_path: Path) -> None:
    for _ in range(2):
        with hold(tmp_path / "lock", wait_s=0, waiting=lambda: None):
            pass


def test_a_taken_lock_names_its_holder(tmp_path: Path) -> None:
    asked: list[int] = []
    with (
        hold(tmp_path / "lock", wait_s=0, waiting=lambda: None),
        pytest.raises(LockTaken, match=str(os.getpid())),
        hold(tmp_path / "lock", wait_s=0.25, waiting=lambda: asked.append(1)),
    ):
        pass

    assert asked


def test_a_holder_that_fails_frees_it(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), hold(tmp_path / "l", wait_s=0, waiting=lambda: None):
        raise ZeroDivisionError

    with hold(tmp_path / "l", wait_s=0, waiting=lambda: None):
        pass
