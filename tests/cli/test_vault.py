import json
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jisr.cli.main import cli
from jisr.clock import FakeClock
from jisr.privacy.vault_key import load_key
from jisr.privacy.vault_store import VaultStore


@pytest.fixture
def home(tmp_path: Path) -> Path:
    store = VaultStore(tmp_path / "vaults", partial(load_key, tmp_path, "file"), FakeClock())
    for name, values in (("a1/mail", ["Alice", "سارة"]), ("a1/plan", ["Bob"]), ("b2/mail", ["C"])):
        with store.open(name) as vault:
            for value in values:
                vault.placeholder_for("PERSON", value)
    return tmp_path


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--set", f"home={home}", "vault", *arguments])


def test_conversations_are_told_without_their_values(home: Path) -> None:
    told = run(home, "list").stdout
    rows = json.loads(run(home, "list", "--json").stdout)

    assert ["2026-01-01", "00:00", "2026-01-01", "00:00", "2", "a1/mail"] in [
        line.split() for line in told.splitlines()
    ]
    assert {row["id"]: row["placeholders"] for row in rows} == {
        "a1/mail": 2,
        "a1/plan": 1,
        "b2/mail": 1,
    }
    for value in ("Alice", "سارة", "Bob"):
        assert value not in told


def test_a_conversation_is_forgotten_by_its_id_or_what_is_enough_of_it(home: Path) -> None:
    assert "a1/plan forgotten" in run(home, "delete", "plan").stdout
    ambiguous = run(home, "delete", "mail")
    assert ambiguous.exit_code == 1
    assert "a1/mail, b2/mail" in ambiguous.output or "b2/mail, a1/mail" in ambiguous.output
    assert run(home, "delete", "b2/mail").exit_code == 0
    assert [row["id"] for row in json.loads(run(home, "list", "--json").stdout)] == ["a1/mail"]


def test_a_damaged_one_is_told_and_can_be_forgotten(home: Path) -> None:
    for path in (home / "vaults").glob("*.vault"):
        path.write_bytes(b"damaged")
    rows = json.loads(run(home, "list", "--json").stdout)

    assert [row["placeholders"] for row in rows] == [None] * 3
    assert run(home, "list").stdout.count("damaged") == 3
    assert run(home, "delete", rows[0]["id"]).exit_code == 0
    assert len(json.loads(run(home, "list", "--json").stdout)) == 2


def test_all_are_forgotten_at_once(home: Path) -> None:
    assert run(home, "delete", "--all").stdout == "3 conversations forgotten\n"
    assert list((home / "vaults").glob("*.vault")) == []


@pytest.mark.parametrize("arguments", [[], ["mail", "--all"]])
def test_one_or_all_must_be_said(home: Path, arguments: list[str]) -> None:
    assert run(home, "delete", *arguments).exit_code == 2


def test_where_nothing_is_kept_that_is_said_and_nothing_made(tmp_path: Path) -> None:
    home = tmp_path / "home"

    assert "No conversation is kept" in run(home, "list").output
    assert run(home, "list", "--json").stdout == "[]\n"
    assert run(home, "delete", "mail").exit_code == 1
    assert not home.exists()
