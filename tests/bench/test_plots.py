from pathlib import Path

import pytest

from jisr.bench.cache import Cache
from jisr.bench.joint import JointLoad, measure
from jisr.bench.joint_questions import Question
from jisr.bench.joint_turn import Row
from jisr.bench.plots import draw
from tests.bench.joint_scripted import ScriptedSetup

MOST_BYTES = 80_000
NAMES = ["joint-speed.png", "joint-categories.png", "joint-acceptance.png"]
PNG = b"\x89PNG\r\n"


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    categories = ["coding", "math_reasoning", "qa", "arabic"]
    load = JointLoad(
        questions=tuple(Question(id=it, category=it, prompt=it) for it in categories),
        rtts_ms=(0.0, 20.0, 60.0),
        max_tokens=40,
        num_at_once=0,
    )
    cache = Cache(tmp_path_factory.mktemp("bench") / "cache.jsonl")
    return measure(load, ScriptedSetup(), cache, lambda done, total: None).rows


@pytest.mark.large  # matplotlib comes with the extra [bench]
def test_there_are_three_small_pictures(rows: list[Row], tmp_path: Path) -> None:
    drawn = draw(rows, tmp_path / "docs")

    assert [path.name for path in drawn] == NAMES
    for path in drawn:
        assert path.read_bytes().startswith(PNG)
        assert path.stat().st_size < MOST_BYTES


@pytest.mark.large  # matplotlib comes with the extra [bench]
def test_the_same_rows_give_the_same_bytes(rows: list[Row], tmp_path: Path) -> None:
    first, second = (draw(rows, tmp_path / name) for name in ("a", "b"))

    assert [it.read_bytes() for it in first] == [it.read_bytes() for it in second]


@pytest.mark.large  # matplotlib comes with the extra [bench]
def test_where_little_was_measured_little_is_drawn(tmp_path: Path) -> None:
    assert len(draw([], tmp_path)) == len(NAMES)
