import json
from pathlib import Path

import pytest

from jisr.bench.report import Result, commit, machine, result
from jisr.errors import BenchError


def test_a_result_says_what_was_measured_where_and_how() -> None:
    told = result("engine", "jisr bench engine", 3, {"ratio": 0.123456}, [{"round": 0}])

    assert (told.benchmark, told.command, told.seed) == ("engine", "jisr bench engine", 3)
    assert told.figures == {"ratio": 0.1235}
    assert told.rows == [{"round": 0}]
    assert (told.commit, told.machine) == (commit(), machine())


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    told = result("gateway", "jisr bench gateway", 0, {"rps": 1.0}, [{"لغة": "عربية"}])

    told.write(tmp_path / "new" / "gateway.json")

    assert Result.read(tmp_path / "new" / "gateway.json") == told
    assert [it.name for it in (tmp_path / "new").iterdir()] == ["gateway.json"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"benchmark": "x"}', '{"nothing": 1}'])
def test_another_file_is_no_result(tmp_path: Path, text: str) -> None:
    file = tmp_path / "other.json"
    file.write_text(text)

    with pytest.raises(BenchError, match=r"other\.json is no result"):
        Result.read(file)


def test_a_result_with_a_surplus_field_is_none(tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    result("engine", "c", 0, {}).write(file)
    file.write_text(json.dumps({**json.loads(file.read_text()), "more": 1}))

    with pytest.raises(BenchError):
        Result.read(file)


def test_the_machine_is_named_by_cores_memory_and_python() -> None:
    assert " cores, " in machine() and " GiB, Python 3." in machine()
