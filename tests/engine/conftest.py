"""One engine over the small model for all tests that need one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jisr.engine.engine import Engine, EngineSettings
from jisr.engine.llama import Vocabulary, Weights
from tests.weights import small_model

SETTINGS = EngineSettings(num_sequences=8, context_tokens=512, max_waiting=256, threads=1)
"""One thread: two that wait for each other at every step are slow on a busy machine."""
COLD = EngineSettings(num_sequences=2, context_tokens=512, threads=1)


@pytest.fixture(scope="session")
def model_path() -> Path:
    return small_model()


@pytest.fixture(scope="session")
def engine(model_path: Path) -> Iterator[Engine]:
    with Engine(model_path, SETTINGS) as engine:
        yield engine


@pytest.fixture
def cold(model_path: Path) -> Iterator[Engine]:
    """An engine that remembers nothing."""
    with Engine(model_path, COLD) as engine:
        yield engine


@pytest.fixture(scope="session")
def vocabulary(model_path: Path) -> Vocabulary:
    return Vocabulary(Weights(model_path))
