from pathlib import Path

import pytest

from jisr.bench.report import Result, result
from jisr.cli.bench import finish
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
def test_questions_that_are_none_are_an_error_before_anything_is_measured(
    alone: Command, tmp_path: Path, content: str | None, told: str
) -> None:
    file = tmp_path / "q.jsonl"
    if content is not None:
        file.write_text(content)

    done = alone.invoke("bench", "engine", "--data", str(file))

    assert done.exit_code == 1
    assert told in done.stderr and done.stderr.count("\n") == 1


def test_both_benchmarks_take_a_limit_and_one_says_why_it_takes_no_questions(
    alone: Command,
) -> None:
    engine = alone.invoke("bench", "engine", "--help").stdout
    gateway = alone.invoke("bench", "gateway", "--help").stdout

    assert "--limit" in engine and "--data" in engine
    assert "--limit" in gateway and "There is no --data" in " ".join(gateway.split())
