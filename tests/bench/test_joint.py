from pathlib import Path

import pytest

from jisr.bench.cache import Cache
from jisr.bench.joint import JointLoad, cells_of, measure, remaining_s
from jisr.bench.joint_figures import figures
from jisr.bench.joint_questions import Question
from jisr.bench.joint_turn import Way
from tests.bench.joint_scripted import ScriptedSetup

QUESTIONS = tuple(
    Question(id=str(number), category=category, prompt=f"question {number}")
    for number, category in enumerate(["coding", "math"])
)
LOAD = JointLoad(
    questions=QUESTIONS, targets=("bf16",), rtts_ms=(0.0, 20.0), max_tokens=40, num_at_once=0
)


def untold(done: float, total: float) -> None:
    """Take no notice."""


def cache_at(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache.jsonl")


def test_streaming_is_first_on_even_questions_and_last_on_odd_ones() -> None:
    cells = [cell for cell in cells_of(LOAD) if cell.ways != (Way.DEVICE,)]

    assert [(cell.questions[0].id, cell.rtt_ms, cell.ways[0]) for cell in cells] == [
        ("0", 0, Way.STREAMING),
        ("0", 20, Way.STREAMING),
        ("1", 0, Way.FAST),
        ("1", 20, Way.STRICT_ALONE),
    ]
    assert cells[2].ways[-1] == cells[3].ways[-1] == Way.STREAMING


def test_what_need_not_be_measured_everywhere_is_measured_at_the_usual_round_trip() -> None:
    assert {cell.rtt_ms for cell in cells_of(LOAD) if Way.CHEAP in cell.ways} == {20}
    everywhere = JointLoad(questions=QUESTIONS, rtts_ms=(0.0, 60.0), is_all=True, num_at_once=0)
    assert {cell.rtt_ms for cell in cells_of(everywhere) if Way.STRICT in cell.ways} == {0, 60}


def test_the_device_alone_is_measured_once_whatever_the_target_and_the_round_trip() -> None:
    cells = cells_of(JointLoad(questions=QUESTIONS, targets=("q4", "bf16")))

    assert [cell.target for cell in cells if cell.ways == (Way.DEVICE,)] == ["q4", "q4"]


def test_questions_are_asked_again_until_there_are_enough_to_ask_at_once() -> None:
    cells = [cell for cell in cells_of(JointLoad(questions=QUESTIONS)) if len(cell.questions) > 1]

    assert [len(cell.questions) for cell in cells] == [8, 8] * 2
    assert cells[0].ways == cells[1].ways[::-1]


def test_every_turn_has_a_row_that_says_where_and_what_it_was(tmp_path: Path) -> None:
    setup = ScriptedSetup()

    measured = measure(LOAD, setup, cache_at(tmp_path), untold)

    assert measured.is_whole
    assert len(measured.rows) == sum(map(len, setup.asked)) == 2 * (1 + 3 + 6)
    last = measured.rows[-1]
    assert (last["target"], last["rtt_ms"], last["id"], last["category"], last["way"]) == (
        *("bf16", 20.0, "1", "math"),
        "streaming",
    )
    turn = setup.asked[-1][0]
    assert (turn.url, turn.model, turn.max_tokens) == ("http://127.0.0.1:1020/v1", "bf16", 40)


def test_it_is_told_how_far_it_is(tmp_path: Path) -> None:
    told: list[tuple[float, float]] = []

    measure(LOAD, ScriptedSetup(), cache_at(tmp_path), lambda *it: told.append(it))

    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == pytest.approx(told[-1][1])


def test_a_run_that_was_stopped_keeps_what_it_has_and_goes_on_there(tmp_path: Path) -> None:
    stopped = measure(LOAD, ScriptedSetup(interrupt_at=6), cache_at(tmp_path), untold)
    setup = ScriptedSetup()
    whole = measure(LOAD, setup, cache_at(tmp_path), untold)

    assert not stopped.is_whole and stopped.rows == whole.rows[:4]
    assert whole.is_whole
    assert len(setup.asked) == 20 - 4


def test_what_is_known_starts_nothing_and_takes_no_time(tmp_path: Path) -> None:
    first = measure(LOAD, ScriptedSetup(), cache_at(tmp_path), untold)
    setup = ScriptedSetup()

    assert remaining_s(LOAD, setup, cache_at(tmp_path)) == 0
    assert measure(LOAD, setup, cache_at(tmp_path), untold) == first
    assert setup.started == []


def test_other_weights_are_measured_anew(tmp_path: Path) -> None:
    measure(LOAD, ScriptedSetup(), cache_at(tmp_path), untold)

    assert remaining_s(LOAD, ScriptedSetup(weights="others"), cache_at(tmp_path)) > 0


def test_the_cache_holds_nobody_s_text(tmp_path: Path) -> None:
    measure(LOAD, ScriptedSetup(), cache_at(tmp_path), untold)

    assert "question" not in (tmp_path / "cache.jsonl").read_text()


def test_turns_that_failed_are_counted_and_not_remembered(tmp_path: Path) -> None:
    broken = ScriptedSetup(fails=frozenset({Way.FAST}))

    measured = measure(LOAD, broken, cache_at(tmp_path), untold)

    assert figures(measured.rows)["failed_turns"] == 4
    assert not any(name.startswith("speedup") for name in figures(measured.rows))
    assert remaining_s(LOAD, broken, cache_at(tmp_path)) > 0
