import io
from pathlib import Path

import pytest

from jisr.bench.report import Result, result
from jisr.cli.bench import finish
from jisr.cli.bench_joint import CATEGORY_COLUMNS, WAY_COLUMNS, show, shown_time
from tests.cli.jisr import Command


def test_figures_are_shown_beside_their_targets_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = result(
        "gateway", "jisr bench gateway", 0, {"gateway_rps": 1234.5, "other": 1}, [{"a": 1}]
    )

    finish(told, tmp_path / "gateway.json")

    output = capsys.readouterr().out
    assert "1,234.5" in output and "≥ 500" in output
    assert "commit " in output and "seed 0" in output
    assert Result.read(tmp_path / "gateway.json") == told


@pytest.mark.parametrize(
    ("content", "told"), [("{}", "is no row of the form"), (None, "cannot be read")]
)
@pytest.mark.parametrize("benchmark", ["engine", "joint"])
def test_questions_that_are_none_are_an_error_before_anything_is_measured(
    alone: Command, tmp_path: Path, benchmark: str, content: str | None, told: str
) -> None:
    file = tmp_path / "q.jsonl"
    if content is not None:
        file.write_text(content)

    done = alone.invoke("bench", benchmark, "--data", str(file))

    assert done.exit_code == 1
    assert told in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--rtt", "20,x"], "could not convert"),
        (["--rtt", "20,20"], "stands there twice"),
        (["--targets", "q4,q8"], "must be some of q4, bf16"),
        (["--targets", ""], "must be some of q4, bf16"),
    ],
)
def test_what_joint_cannot_measure_is_refused(alone: Command, words: list[str], told: str) -> None:
    done = alone.invoke("bench", "joint", *words)

    assert done.exit_code == 2
    assert told in done.stderr


def test_joint_s_tables_say_where_it_is_slower_and_what_failed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    place = {"target": "bf16", "rtt_ms": 20.0}
    way = {"measure": "way", "way": "fast", **dict.fromkeys(WAY_COLUMNS.values(), 12.34)}
    row = {"measure": "category", **dict.fromkeys(CATEGORY_COLUMNS.values())}
    tables = [
        place | way,
        place | row | {"category": "qa", "speedup": 0.5},
        place | row | {"category": "coding", "speedup": 1.5},
    ]

    show(tables, [{"error": "backend_broken", "message": "It broke."}])

    told = capsys.readouterr().out
    assert "12.3" in told
    assert "Slower than streaming: qa (bf16, 20 ms: 0.50)." in told
    assert "1 turns failed, the first: It broke." in told


def test_how_far_joint_is_is_told_in_a_few_lines_where_there_is_no_terminal() -> None:
    out = io.StringIO()

    with shown_time(out) as tell:
        for done in range(101):
            tell(done, 100)

    lines = out.getvalue().splitlines()
    assert lines[0] == "0 % measured" and lines[-1] == "100 % measured"
    assert len(lines) == 21


def test_both_benchmarks_take_a_limit_and_one_says_why_it_takes_no_questions(
    alone: Command,
) -> None:
    engine = alone.invoke("bench", "engine", "--help").stdout
    gateway = alone.invoke("bench", "gateway", "--help").stdout

    assert "--limit" in engine and "--data" in engine
    assert "--limit" in gateway and "There is no --data" in " ".join(gateway.split())
