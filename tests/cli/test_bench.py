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


def test_privacy_is_measured_of_both_forms_and_told_in_tables(
    alone: Command, tmp_path: Path
) -> None:
    spans, prompts = tmp_path / "spans.jsonl", tmp_path / "prompts.jsonl"
    span = '{"start": 3, "end": 18, "type": "EMAIL_ADDRESS"}'
    spans.write_text('{"text": "To ali@example.com", "spans": [' + span + "]}")
    prompts.write_text('{"text": "Call ali@example.com", "private": ["ali@example.com"]}')
    out, missed = tmp_path / "out.json", tmp_path / "missed.jsonl"
    files = ("--data", str(spans), "--data", str(prompts), "--json", str(out))
    words = ("--no-peer", "--misses", str(missed), "--quality", "0")

    done = alone.invoke("bench", "privacy", *files, *words)

    assert done.exit_code == 0, done.output
    figures = Result.read(out).figures
    assert (figures["covered_share"], figures["strings_left_share"]) == (1, 0)
    assert not any(name.startswith("presidio_") for name in figures)
    assert "EMAIL_ADDRESS" in done.stdout and "false alarms" in done.stdout
    assert missed.exists()


def test_a_bad_row_for_privacy_is_an_error_that_names_its_line(
    alone: Command, tmp_path: Path
) -> None:
    file = tmp_path / "spans.jsonl"
    file.write_text('{"text": "a", "spans": []}\n{"text": "a"}\n')

    done = alone.invoke("bench", "privacy", "--data", str(file))

    assert done.exit_code == 1
    assert "spans.jsonl:2" in done.stderr and done.stderr.count("\n") == 1
