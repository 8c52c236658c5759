from pathlib import Path

import pytest

from jisr.bench.joint_weights import AS_PULLED, weights
from jisr.config import Settings
from jisr.errors import InvalidRequest, ModelNotFound
from tests.weights import small_model


def untold(done: int, total: int) -> None:
    """Take no notice."""


def test_weights_as_they_were_pulled_are_the_file_itself(tmp_path: Path) -> None:
    settings = Settings(models_dir=tmp_path)

    assert weights(settings, str(small_model()), AS_PULLED, untold) == small_model()


def test_others_are_made_once_beside_those_that_were_pulled(tmp_path: Path) -> None:
    settings = Settings(models_dir=tmp_path)

    made = weights(settings, str(small_model()), "q4_0", untold)
    made_at = made.stat().st_mtime_ns
    again = weights(settings, str(small_model()), "q4_0", untold)

    assert made.parent == tmp_path and ".q4_0" in made.name
    assert again == made and again.stat().st_mtime_ns == made_at


def test_a_type_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="no type 'q9_9'"):
        weights(Settings(models_dir=tmp_path), str(small_model()), "q9_9", untold)


def test_weights_that_are_not_here_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound):
        weights(Settings(models_dir=tmp_path), "qwen2.5-coder-1.5b", "bf16", untold)
