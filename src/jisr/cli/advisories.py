"""Checks the packages that Jisr stands on against a table of their known holes, offline.

Run as `python -m jisr.cli.advisories`: it fails if a pinned or installed version, or the lowest
that pyproject.toml allows, has a hole that the table knows.

What is covered: the rows of docs/advisories.toml, which people keep. What is not covered: holes
that were found after its date; `make audit` asks the public advisories, where they are reached.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path()
TABLE = Path("docs/advisories.toml")
FLOORS = ("==", ">=", "~=")


@dataclass(frozen=True, slots=True)
class Advisory:
    """A package, and its first version without a hole."""

    package: str
    safe: Version
    advisory_id: str


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of docs/advisories.toml."""

    checked: str
    """Date of the last look."""
    advisories: tuple[Advisory, ...]
    accepted: tuple[str, ...]
    """Packages with a hole that no version is without."""


def load_table(path: Path) -> Table:
    """Return the table.

    Raises:
        ValueError: It is not what it should be.
    """
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    rows = read.get("advisory", [])
    if not all(row.get("reason") for row in read.get("accepted", [])):
        raise ValueError(f"{path}: a hole is accepted with a reason only.")
    return Table(
        str(read["checked"]),
        tuple(
            Advisory(canonicalize_name(it["package"]), Version(it["safe"]), it["id"]) for it in rows
        ),
        tuple(canonicalize_name(it["package"]) for it in read.get("accepted", [])),
    )


def holes(versions: Mapping[str, Version], table: Table, where: str) -> Iterator[str]:
    """Yield what is wrong with versions of packages, in words for people."""
    for it in table.advisories:
        version = versions.get(it.package)
        if version is not None and version < it.safe:
            yield f"{it.package} {version} ({where}) has {it.advisory_id}: take {it.safe} or later"


def pinned(constraints: str) -> dict[str, Version]:
    """Return the versions that a file of constraints pins."""
    lines = (line.strip() for line in constraints.splitlines())
    return floors(line for line in lines if line and not line.startswith("#"))


def floors(requirements: Iterable[str]) -> dict[str, Version]:
    """Return the lowest version that each requirement allows."""
    lowest: dict[str, Version] = {}
    for text in requirements:
        requirement = Requirement(text)
        for specifier in requirement.specifier:
            if specifier.operator in FLOORS:
                lowest[canonicalize_name(requirement.name)] = Version(specifier.version)
    return lowest


def installed(names: Iterable[str]) -> dict[str, Version]:
    """Return the versions that are installed here of these packages."""
    wanted = set(names)
    here = {canonicalize_name(it.metadata["Name"]): Version(it.version) for it in distributions()}
    return {name: version for name, version in here.items() if name in wanted}


def found_in(root: Path) -> list[str]:
    """Return what is wrong with a project, in words for people."""
    table = load_table(root / TABLE)
    pins = pinned((root / "constraints.txt").read_text(encoding="utf-8"))
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"]]
    for extra in project.get("optional-dependencies", {}).values():
        asked += extra
    return [
        *holes(pins, table, "constraints.txt"),
        *holes(floors(asked), table, "the lowest that pyproject.toml allows"),
        *holes(installed(pins), table, "installed"),
    ]


def main() -> int:
    """Print what is wrong; return the exit code."""
    found = found_in(ROOT)
    for line in found:
        print(line, file=sys.stderr)
    if not found:
        checked = load_table(ROOT / TABLE).checked
        print(f"No known holes, as of {checked} ({TABLE}; `make audit` asks anew).")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
