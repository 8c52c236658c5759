import os
from pathlib import Path

import pytest

from jisr.bench.cache import Cache
from jisr.bench.children import pinned
from jisr.bench.joint import JointLoad, measure
from jisr.bench.joint_figures import figures
from jisr.bench.joint_questions import Question
from jisr.bench.joint_site import TwoCores, two_cores
from jisr.bench.joint_turn import Way
from jisr.errors import BenchError
from tests.weights import small_model

LOAD = JointLoad(
    questions=(Question(id="1", category="qa", prompt="Count from one to ten in words."),),
    targets=("q4",),
    rtts_ms=(0.0,),
    max_tokens=8,
    num_at_once=2,
)


def small_setup() -> TwoCores:
    return TwoCores(
        drafter=small_model(),
        targets={"q4": small_model()},
        rtts_ms=(0.0,),
        context_tokens=256,
        num_sequences=2,
    )


@pytest.mark.large  # two cores, and three children that take seconds to start
def test_a_model_verifies_what_it_drafted_itself_on_two_cores(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache.jsonl")

    rows = measure(LOAD, small_setup(), cache, lambda done, total: None).rows

    assert [row.get("message") for row in rows if "error" in row] == []
    turns = {row["way"]: row for row in rows if row["measure"] == "turn"}
    assert turns.keys() == set(Way)
    assert len({row["text_sha256"] for row in turns.values()}) == 1
    assert all(row["tokens"] == LOAD.max_tokens for row in rows)
    found = figures(rows)
    assert found["exact_share_strict"] == 1 and found["failed_turns"] == 0
    assert found["speedup_q4_rtt0"] > 0 and found["throughput_ratio_8"] > 0


def test_one_core_cannot_stand_for_two_machines() -> None:
    with pinned(sorted(os.sched_getaffinity(0))[:1]), pytest.raises(BenchError, match="two cores"):
        two_cores()


def test_what_it_is_measured_with_is_told_by_names_and_sizes() -> None:
    identity = small_setup().identity("q4")

    assert small_model().name in identity and str(small_model().stat().st_size) in identity
    assert str(small_model().parent) not in identity
