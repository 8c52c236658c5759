from pathlib import Path

import pytest

from jisr.bench.joint_weights import AS_PULLED, weights
from jisr.config import Settings
from jisr.errors import BenchError, ModelNotFound
from tests.weights import small_model


def test_weights_as_they_were_pulled_are_the_file_itself(tmp_path: Path) -> None:
    assert weights(Settings(models_dir=tmp_path), str(small_model()), AS_PULLED) == small_model()


def test_those_that_were_made_before_are_not_made_again(tmp_path: Path) -> None:
    made = tmp_path / f"{small_model().stem}.bf16.gguf"
    made.touch()

    assert weights(Settings(models_dir=tmp_path), str(small_model()), "bf16") == made


def test_what_cannot_be_made_is_an_error_that_says_why(tmp_path: Path) -> None:
    settings = Settings(models_dir=tmp_path)

    with pytest.raises(BenchError, match="could not be requantized as q9_9: "):
        weights(settings, str(small_model()), "q9_9", ["--set", f"models_dir={tmp_path}"])


def test_weights_that_are_not_here_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound):
        weights(Settings(models_dir=tmp_path), "qwen2.5-coder-1.5b", "bf16")
