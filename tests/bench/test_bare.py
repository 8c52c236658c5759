from collections.abc import Iterator
from contextlib import closing

import pytest

from jisr.bench.bare import BareLoop
from jisr.engine.engine import Engine, EngineSettings
from tests.weights import small_model

PROMPT = range(100, 164)


@pytest.fixture(scope="module")
def bare() -> Iterator[BareLoop]:
    settings = EngineSettings(context_tokens=64, num_sequences=1, threads=1)
    with (
        Engine(small_model(), settings),  # it quiets llama.cpp's log
        closing(BareLoop(small_model(), context_tokens=256, threads=1)) as loop,
    ):
        yield loop


def test_prefill_takes_time_and_less_of_it_where_a_prefix_is_kept(bare: BareLoop) -> None:
    whole = min(bare.prefill(PROMPT) for _ in range(3))
    rest = min(bare.prefill(PROMPT[-4:], kept=len(PROMPT) - 4) for _ in range(3))

    assert 0 < rest < whole


def test_decoding_has_a_rate_and_begins_anew_each_time(bare: BareLoop) -> None:
    assert all(bare.decode_rate(PROMPT, 12) > 0 for _ in range(3))
