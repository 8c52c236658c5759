import json
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jisr.cli.main import cli
from jisr.clock import FakeClock
from jisr.departure import Departure, Errand, Manifest
from jisr.privacy.audit import AuditLog, path_of
from jisr.privacy.vault_key import load_key


def departure(host: str, body: bytes, number: int) -> Departure:
    return Departure(
        scheme="https",
        host=host,
        port=443,
        path="chat/completions",
        errand=Errand.COMPLETION,
        body=body,
        manifest=Manifest(f"turn_{number}", {"EMAIL_ADDRESS": {"replace": number}}),
        is_loopback=host == "127.0.0.1",
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    log = AuditLog(tmp_path / "audit", partial(load_key, tmp_path, "file"), FakeClock())
    for number in range(1, 4):
        log.note(departure("api.example.com", b"secret text", number))
    log.note(departure("127.0.0.1", b"x", 4))
    return tmp_path


def run(home: Path, *arguments: str) -> Result:
    environ = {"COLUMNS": "200"}
    return CliRunner().invoke(cli, ["--set", f"home={home}", "audit", *arguments], env=environ)


def test_sendings_are_shown_with_totals_by_host(home: Path) -> None:
    told = run(home, "--last", "2").stdout
    lines = [line.split() for line in told.splitlines()]

    assert [line[0] for line in lines if line and line[0] in "1234"] == ["3", "4"]
    where = "https://api.example.com:443"
    three = [
        *("3", "2026-01-01", "00:00:00", where, "completion", "11"),
        *("3", "EMAIL_ADDRESS", "replace", "turn_3"),
    ]
    assert three in lines
    assert [where, "yes", "3", "33", "6", "replace"] in lines
    assert ["https://127.0.0.1:443", "no", "1", "1", "4", "replace"] in lines
    assert "secret" not in told


def test_json_has_the_same(home: Path) -> None:
    told = json.loads(run(home, "--json").stdout)

    assert [row["turn"] for row in told["rows"]] == ["turn_1", "turn_2", "turn_3", "turn_4"]
    assert told["hosts"]["https://api.example.com:443"] == {
        "sendings": 3,
        "bytes": 33,
        "leaves": True,
        "spans": {"replace": 6},
    }


def test_a_log_that_is_whole_is_verified(home: Path) -> None:
    checked = run(home, "verify")

    assert (checked.exit_code, checked.stdout) == (0, "4 rows, all as they were written\n")


def test_a_row_that_was_changed_is_told_and_ends_with_1(home: Path) -> None:
    path = path_of(home / "audit", 1)
    path.write_bytes(path.read_bytes().replace(b'"turn":"turn_2"', b'"turn":"turn_9"'))
    checked = run(home, "verify")

    assert checked.exit_code == 1
    assert "row 2: this row was changed" in checked.stdout
    assert json.loads(run(home, "verify", "--json").stdout)["faults"][0]["row"] == 2


def test_a_cut_is_told_and_ends_with_1(home: Path) -> None:
    path = path_of(home / "audit", 1)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    checked = run(home, "verify")

    assert checked.exit_code == 1
    assert "row 4: row 4 is missing at the end" in checked.stdout


def test_where_nothing_was_sent_that_is_said_and_nothing_made(tmp_path: Path) -> None:
    home = tmp_path / "home"

    assert "Nothing was ever sent" in run(home).output
    assert run(home, "verify").exit_code == 0
    assert not home.exists()
