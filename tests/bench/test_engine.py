from dataclasses import replace

import pytest

from jisr.bench.engine import SLICES, EngineLoad, Measured, beside_a_bare_loop, beside_a_server
from jisr.bench.questions import Questions
from tests.weights import small_model

TINY = EngineLoad(
    questions=Questions(("Say hello.", "ما هو الجسر؟")),
    limit=2,
    context_tokens=256,
    num_sequences=2,
    decoded_tokens=12,
    history_tokens=64,
    followup_tokens=8,
    streams=(1, 2),
)


def test_a_comparison_is_the_ratio_of_medians_with_every_pair_kept() -> None:
    measured = Measured()

    measured.compare("ratio", [2.0, 4.0, 100.0], [1.0, 2.0, 3.0])

    assert measured.figures == {"ratio": 2.0}
    assert measured.rows[2] == {"measure": "ratio", "round": 2, "ours": 100.0, "theirs": 3.0}


def test_rounds_are_numbered_from_the_seed() -> None:
    assert list(EngineLoad(limit=3, seed=7).rounds) == [7, 8, 9]


def test_decoding_and_follow_up_turns_are_measured_beside_a_bare_loop() -> None:
    measured = Measured()

    beside_a_bare_loop(small_model(), TINY, measured)

    assert measured.figures.keys() == {
        "decode_ratio",
        "decode_tokens_per_s",
        "followup_ttft_ratio",
        "followup_ttft_ms",
        "prefill_tokens_per_s",
    }
    assert all(value > 0 for value in measured.figures.values())
    assert len(measured.rows) == (SLICES + 1) * TINY.limit


@pytest.mark.large  # starting both servers takes ten seconds and more
def test_streams_at_once_are_measured_beside_llama_cpp_s_server() -> None:
    measured = Measured()

    beside_a_server(small_model(), replace(TINY, limit=1, streams=(2,)), measured)

    assert measured.figures.keys() == {"throughput_ratio_2", "throughput_tokens_per_s_2"}
    assert all(value > 0 for value in measured.figures.values())
