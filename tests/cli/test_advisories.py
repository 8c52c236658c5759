from pathlib import Path

import pytest
from packaging.version import Version

from jisr.cli.advisories import found_in, installed, load_table, pinned

PROJECT = """\
[project]
dependencies = ["web>=2.0", "other>=1,<3"]
[project.optional-dependencies]
more = ["disk~=1.1"]
"""
TABLE = """\
checked = 2026-11-25
[[advisory]]
package = "Web"
safe = "2.1.0"
id = "CVE-1"
[[accepted]]
package = "disk"
id = "CVE-2"
reason = "never opened"
"""


def project(folder: Path, pin: str, floor: str = "2.1", table: str = TABLE) -> Path:
    (folder / "docs").mkdir()
    (folder / "docs" / "advisories.toml").write_text(table)
    (folder / "constraints.txt").write_text(f"# pins\nweb=={pin}\nother==2.0\n")
    (folder / "pyproject.toml").write_text(PROJECT.replace("2.0", floor))
    return folder


def test_versions_without_known_holes_pass(tmp_path: Path) -> None:
    assert found_in(project(tmp_path, "2.10")) == []


@pytest.mark.parametrize(
    ("pin", "floor", "told"),
    [
        ("2.0.9", "2.1", ["web 2.0.9 (constraints.txt) has CVE-1: take 2.1.0 or later"]),
        ("2.1", "2.0", ["web 2.0 (the lowest that pyproject.toml allows) has CVE-1: take 2.1.0"]),
        ("2.1rc1", "2.1", ["web 2.1rc1 (constraints.txt)"]),
    ],
)
def test_a_version_with_a_known_hole_is_told_with_the_remedy(
    tmp_path: Path, pin: str, floor: str, told: list[str]
) -> None:
    found = found_in(project(tmp_path, pin, floor))

    assert len(found) == len(told)
    assert all(line.startswith(start) for line, start in zip(found, told, strict=True))


def test_what_is_installed_counts_too(tmp_path: Path) -> None:
    table = '[[advisory]]\npackage = "pytest"\nsafe = "9999"\nid = "CVE-3"\n'
    folder = project(tmp_path, "2.1", table=TABLE + table)
    (folder / "constraints.txt").write_text("pytest==9999\n")

    assert "(installed) has CVE-3" in found_in(folder)[0]


def test_a_hole_is_accepted_with_a_reason_only(tmp_path: Path) -> None:
    folder = project(tmp_path, "2.1", table=TABLE.replace("never opened", ""))

    with pytest.raises(ValueError, match="reason"):
        found_in(folder)


def test_this_project_has_no_hole_that_its_table_knows() -> None:
    assert found_in(Path()) == []


def test_every_row_is_of_a_package_that_is_pinned_here() -> None:
    table = load_table(Path("docs/advisories.toml"))
    pins = pinned(Path("constraints.txt").read_text())

    assert {it.package for it in table.advisories} | {*table.accepted} <= pins.keys()
    assert installed(["pytest"])["pytest"] > Version("8")
