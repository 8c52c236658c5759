"""One small engine for the tests of joint answers."""

from collections.abc import Iterator

import pytest

from jisr.engine.engine import Engine, EngineSettings
from tests.weights import small_model

DEVICE = EngineSettings(context_tokens=512, num_sequences=4, threads=1)


@pytest.fixture(scope="session")
def drafting_engine() -> Iterator[Engine]:
    with Engine(small_model(), DEVICE) as engine:
        yield engine
