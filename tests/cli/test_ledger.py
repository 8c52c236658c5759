import json
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jisr.cli.main import cli
from jisr.ledger.ledger import FILE_NAME, Ledger
from jisr.types import Place
from tests.ledger.records import record
from tests.runtimes import JOINT_USE


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with closing(Ledger(tmp_path / FILE_NAME)) as ledger:
        ledger.record(record(1, usd=Decimal("0.000024"), error="backend_timeout"))
        ledger.record(
            record(2, place=Place.DEVICE, reason="default", usd=Decimal(0), joules_measured=7.0)
        )
        ledger.record(record(3, at=datetime.now(UTC), usd=None, usage=None))
    return tmp_path


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--set", f"home={home}", "ledger", *arguments])


def words(result: Result) -> list[list[str]]:
    return [line.split() for line in result.stdout.splitlines()]


def test_a_time_is_summed_up_by_place(home: Path) -> None:
    lines = words(run(home, "--since", "2026-03-01"))

    assert ["device", "1", "100", "60", "20", "0.00", "7", "40"] in lines
    assert ["cloud", "2", "100", "60", "20", "0.000024", "-", "80"] in lines
    assert ["together", "3", "200", "120", "40", "0.000024", "7", "120"] in lines


def test_what_the_cloud_alone_would_have_cost_is_said(home: Path) -> None:
    told = " ".join(run(home, "--since", "2026-03-01").stdout.split())

    assert "Cloud only: 0.000072 USD; text of 3 turns left the device" in told
    assert "no price is known of 1 turns" in told
    assert "1 turns failed" in told


@pytest.mark.parametrize(
    ("arguments", "titles"),
    [
        ([], ["today", "this month"]),
        (["--day"], ["today"]),
        (["--month"], ["this month"]),
        (["--since", "2026-03-01"], ["since"]),
    ],
)
def test_day_and_month_are_shown_unless_one_is_asked_for(
    home: Path, arguments: list[str], titles: list[str]
) -> None:
    lines = run(home, *arguments).stdout.splitlines()

    shown = [line for line in lines if line.startswith(("today", "this month", "since"))]
    assert [line.partition(",")[0].partition(" 2")[0] for line in shown] == titles


def test_the_newest_turns_are_shown(home: Path) -> None:
    told = run(home, "--day", "--last", "3").stdout

    assert "newest turns" in told
    assert "2026-03-01 12:00:00" in " ".join(told.split())


def test_a_program_reads_json_with_exact_money(home: Path) -> None:
    told = json.loads(run(home, "--since", "2026-03-01", "--last", "9", "--json").stdout)

    (period,) = told["periods"]
    assert period["since"] == "2026-03-01T00:00:00+00:00"
    assert period["by_place"]["cloud"]["usd"] == "0.000024"
    assert period["together"]["num_turns"] == 3
    assert told["turns"][0]["turn_id"] == "t-3"
    assert {turn["place"] for turn in told["turns"]} == {"device", "cloud"}


def test_joint_turns_have_a_row_and_json_tells_what_they_took(tmp_path: Path) -> None:
    turn = record(4, place=Place.JOINT, reason="prefer_joint", joint=JOINT_USE)
    with closing(Ledger(tmp_path / FILE_NAME)) as ledger:
        ledger.record(turn)

    lines = words(run(tmp_path, "--since", "2026-03-01", "--last", "1"))
    told = json.loads(run(tmp_path, "--since", "2026-03-01", "--last", "1", "--json").stdout)

    assert ["joint", "1", "100", "60", "20", "0.000024", "-", "40"] in lines
    assert told["turns"][0]["joint"]["accepted"] == JOINT_USE.accepted
    assert told["turns"][0]["joint"]["block_lengths"] == list(JOINT_USE.block_lengths)


def test_a_machine_without_turns_shows_zeros(tmp_path: Path) -> None:
    assert ["together", "0", "0", "0", "0", "-", "-", "-"] in words(run(tmp_path / "new"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--since", "soon"], "soon"),
        (["--since", "2026-03-01", "--day"], "--since and --day"),
        (["--last", "-1"], "-1"),
    ],
)
def test_a_wrong_use_is_told(home: Path, arguments: list[str], told: str) -> None:
    result = run(home, *arguments)

    assert result.exit_code == 2
    assert told in result.output
