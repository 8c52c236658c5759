from typing import Any

import pytest

from jisr.bench.cache import Cache
from jisr.bench.joint import JointLoad, measure
from jisr.bench.joint_figures import acceptance_by_position, figures
from jisr.bench.joint_questions import Question
from jisr.bench.joint_tables import by_way, comparisons, short
from jisr.bench.joint_turn import Row, Turn, Way
from tests.bench.joint_scripted import VERDICTS, ScriptedSetup, turn_row

QUESTIONS = tuple(
    Question(id=str(number), category=category, prompt=f"question {number}")
    for number, category in enumerate(["coding", "math", "math_reasoning", "qa"])
)
LOAD = JointLoad(
    questions=QUESTIONS, targets=("q4", "bf16"), rtts_ms=(0.0, 20.0), max_tokens=40, num_at_once=3
)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    cache = Cache(tmp_path_factory.mktemp("bench") / "cache.jsonl")
    return measure(LOAD, ScriptedSetup(), cache, lambda done, total: None).rows


def row(way: Way, ident: str = "0", category: str = "qa", **more: Any) -> Row:
    """Return a row of the BF16 target at 20 ms."""
    turn = Turn(way=way, prompt="?", max_tokens=40)
    place = {"measure": "turn", "target": "bf16", "rtt_ms": 20.0, "first": "streaming"}
    return {**place, "id": ident, "category": category, **turn_row(turn), **more}


def test_every_figure_that_was_promised_is_there(rows: list[Row]) -> None:
    found = figures(rows)

    assert found.keys() >= {
        *("passes_per_token_cheap", "acceptance", "bytes_up_per_token", "bytes_down_per_token"),
        *("exact_share_strict", "throughput_ratio_8", "speedup_bf16_worst_category"),
        *(f"speedup_{target}_rtt{rtt}" for target in ("bf16", "q4") for rtt in (0, 20)),
        *(f"speedup_bf16_rtt20_{group}" for group in ("code", "arithmetic", "coding", "qa")),
        *(f"predicted_speedup_{target}_rtt{rtt}" for target in ("bf16", "q4") for rtt in (0, 20)),
    }
    assert found["failed_turns"] == 0


def test_they_are_what_the_rows_say(rows: list[Row]) -> None:
    found = figures(rows)

    assert found["speedup_bf16_rtt20"] == pytest.approx(2)
    assert found["throughput_ratio_8"] == pytest.approx(2)
    assert found["passes_per_token_cheap"] == pytest.approx(0.25)
    assert found["acceptance"] == pytest.approx(6 / 8)
    assert found["exact_share_strict"] == 1


def test_a_speed_up_is_the_mean_of_the_ratios_of_pairs() -> None:
    found = figures(
        [
            *(row(Way.STREAMING, "a", tokens_per_s=10.0), row(Way.FAST, "a", tokens_per_s=10.0)),
            *(row(Way.STREAMING, "b", tokens_per_s=1.0), row(Way.FAST, "b", tokens_per_s=3.0)),
        ]
    )

    assert found["speedup_bf16_rtt20"] == 2


def test_the_worst_category_is_told_by_the_mean_of_its_questions() -> None:
    ratios = {("a", "qa"): 0.5, ("b", "qa"): 1.5, ("c", "coding"): 1.2}
    found = figures(
        [
            row(way, ident, category, tokens_per_s=ratio if way is Way.FAST else 1.0)
            for (ident, category), ratio in ratios.items()
            for way in (Way.STREAMING, Way.FAST)
        ]
    )

    assert found["speedup_bf16_worst_category"] == 1
    assert found["speedup_bf16_rtt20_code"] == found["speedup_bf16_rtt20_coding"] == 1.2


def test_the_bytes_of_the_prompt_are_told_apart() -> None:
    found = figures([row(Way.FAST, bytes_up=430, bytes_down=200, input_tokens=10, tokens=40)])

    assert found["bytes_up_per_token"] == 10
    assert found["bytes_up_per_token_with_prompt"] == 430 / 40
    assert found["bytes_down_per_token"] == 5


def test_passes_are_told_per_question_and_in_all() -> None:
    found = figures(
        [
            row(Way.CHEAP, "a", passes=1, tokens=10, passes_per_token=0.1),
            row(Way.CHEAP, "b", passes=45, tokens=90, passes_per_token=0.5),
        ]
    )

    assert found["passes_per_token_cheap"] == pytest.approx(0.3)
    assert found["passes_per_token_cheap_total"] == pytest.approx(0.46)


def test_a_strict_answer_with_another_text_is_not_exact() -> None:
    same, other = row(Way.STRICT_ALONE, "a"), row(Way.STRICT_ALONE, "b", text_sha256="another")
    streamed = [row(Way.STREAMING, "a"), row(Way.STREAMING, "b")]

    found = figures([*streamed, same, row(Way.STRICT, "a"), other, row(Way.STRICT, "b")])

    assert found["exact_share_strict"] == 0.5


def test_an_answer_that_the_device_ended_is_none_of_joint_decoding() -> None:
    found = figures([row(Way.STREAMING), row(Way.FAST, fallback="device")])

    assert found == {"failed_turns": 1}


def test_a_draft_is_judged_where_all_before_it_were_right() -> None:
    assert acceptance_by_position([{"trace": VERDICTS}]) == {1: 1, 2: 1, 3: 0.5, 4: 1}
    assert acceptance_by_position([{"trace": VERDICTS}], fewest=2) == {1: 1, 2: 1, 3: 0.5}


def test_categories_are_compared_with_what_the_formulas_say(rows: list[Row]) -> None:
    found = comparisons(rows)

    assert len(found) == 2 * 2 * 4
    one = found[0]
    assert one["speedup"] == pytest.approx(2) and one["streaming_ms"] == pytest.approx(100)
    assert one["draft_ms"] == 20 and one["verify_ms"] == 200
    assert 0 < one["alpha"] < 1
    assert one["predicted_pipelined_ms"] == pytest.approx(20 + (1 - one["alpha"]) * 200)
    assert one["predicted_ms"] >= one["predicted_pipelined_ms"]


def test_without_a_trace_nothing_is_predicted() -> None:
    silent = [row(Way.STREAMING), row(Way.FAST), row(Way.STOP_AND_WAIT, trace=[])]

    assert comparisons(silent)[0]["predicted_ms"] is None
    assert not any(name.startswith("predicted") for name in figures(silent))


def test_ways_are_told_by_the_means_over_questions(rows: list[Row]) -> None:
    found = {(it["target"], it["rtt_ms"], it["way"]): it for it in by_way(rows)}

    assert len(found) == 1 + 2 * (3 + 6)
    assert found["bf16", 20.0, "cheap"]["tpot_p50_ms"] == 60
    assert found["bf16", 20.0, "streaming"]["passes_per_token"] is None


def test_a_written_row_has_its_lists_as_words() -> None:
    told = short(row(Way.FAST))

    assert told["block_lengths"] == "4 4"
    assert told["trace"] == "1.0:0+0:90.0 2.0:4+0:190.0 3.0:2+2:210.0"


def test_of_nothing_nothing_is_said() -> None:
    assert figures([]) == {"failed_turns": 0}
