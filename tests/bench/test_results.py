from pathlib import Path

import pytest

from jisr.bench.report import result
from jisr.bench.results import FOLDER, TARGETS, results_page, target_of
from jisr.errors import BenchError


def row_of(tmp_path: Path, name: str, value: float) -> str:
    """Return the line of a figure on the page."""
    result("some", "jisr bench some", 0, {name: value}).write(tmp_path / "some.json")
    return next(line for line in results_page(tmp_path).splitlines() if f"`{name}`" in line)


@pytest.mark.parametrize(
    ("name", "value", "end"),
    [
        ("decode_ratio", 0.97, "| ≥ 0.97 | met |"),
        ("decode_ratio", 0.9699, "| ≥ 0.97 | missed |"),
        ("gateway_memory_growth_mb", 10, "| ≤ 10 | met |"),
        ("gateway_memory_growth_mb", 10.1, "| ≤ 10 | missed |"),
        ("help_ms", 300, "| ≤ 300 | met |"),
        ("help_ms", 301, "| ≤ 300 | missed |"),
        ("something_else", 12345.678, "| 12,345.7 | | |"),
    ],
)
def test_a_figure_stands_beside_what_was_promised(
    tmp_path: Path, name: str, value: float, end: str
) -> None:
    assert row_of(tmp_path, name, value).endswith(end)


def test_the_page_has_a_section_for_each_result_in_order(tmp_path: Path) -> None:
    for name in ("gateway", "engine"):
        result(name, f"jisr bench {name}", 7, {"figure": 1}).write(tmp_path / f"{name}.json")

    page = results_page(tmp_path)

    assert [line for line in page.splitlines() if line.startswith("## ")] == [
        "## engine",
        "## gateway",
    ]
    assert "`jisr bench engine`, commit " in page and ", seed 7; " in page


def test_without_results_there_is_a_page_all_the_same(tmp_path: Path) -> None:
    assert results_page(tmp_path).startswith("# Results\n")


def test_what_is_no_result_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{}")

    with pytest.raises(BenchError):
        results_page(tmp_path)


def test_a_target_may_be_that_of_one_benchmark() -> None:
    assert target_of("engine", "throughput_ratio_8") == ("≥", 0.95)
    assert target_of("joint", "throughput_ratio_8") == ("≥", 1)
    assert target_of("joint", "something_else") is None


def test_targets_have_a_sign_and_a_number() -> None:
    assert {sign for sign, _ in TARGETS.values()} == {"≤", "≥"}
    assert all(target > 0 for _, target in TARGETS.values())


def test_the_page_is_written_of_what_is_in_the_repository() -> None:
    assert "## engine" in results_page(Path(__file__).parents[2] / FOLDER)
