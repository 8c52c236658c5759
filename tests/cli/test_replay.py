import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jisr.arbiter.signals import as_plain
from jisr.cli.main import cli
from jisr.ledger.ledger import FILE_NAME, Ledger
from jisr.types import Place
from tests.arbiter.turns import LACKS, PLAIN
from tests.ledger.records import record

SENT = as_plain(replace(PLAIN, **LACKS, device_ms=3000.0, cloud_ms=1000.0))
NOW = datetime.now(UTC)
THRIFTY = "[weights]\nmoney_per_usd = 1e6\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "thrifty.toml").write_text(THRIFTY)
    with closing(Ledger(tmp_path / FILE_NAME)) as ledger:
        ledger.record(record(1, at=NOW - timedelta(days=9)))
        ledger.record(
            record(
                2,
                at=NOW - timedelta(days=3),
                place=Place.CLOUD,
                reason="cloud_better",
                usd=Decimal("0.0024"),
                usd_cloud_only=Decimal("0.0024"),
                signals=SENT,
            )
        )
        ledger.record(
            record(3, at=NOW, place=Place.DEVICE, reason="default", signals=as_plain(PLAIN))
        )
    return tmp_path


def run(home: Path, *arguments: str) -> Result:
    policy = ("--policy", str(home / "thrifty.toml"))
    return CliRunner().invoke(cli, ["--set", f"home={home}", "replay", *policy, *arguments])


def test_it_says_where_turns_would_have_gone_and_what_that_saves(home: Path) -> None:
    lines = run(home).stdout.splitlines()

    assert lines[0] == "2 turns decided again, 1 would have gone elsewhere."
    assert lines[1] == "1 more were recorded without what they were decided from."
    assert "        1  cloud → device" in lines
    assert "        1  cloud_better → device_better" in lines
    assert "        1  default" in lines
    assert "Money  -0.002400 USD" in lines
    assert "Time   +2.0 s, as expected" in lines


def test_each_changed_turn_is_listed_with_both_reasons(home: Path) -> None:
    listed = run(home, "--list").stdout.splitlines()[-1]

    assert listed.endswith("cloud: cloud_better → device: device_better")
    assert run(home, "--list", "--since", "1").stdout.splitlines()[-1] == "   none"


def test_json_is_for_programs(home: Path) -> None:
    told = json.loads(run(home, "--json").stdout)

    assert (told["turns"], told["skipped"], told["moved"]) == (2, 1, 1)
    assert {"old": "cloud", "new": "device", "turns": 1} in told["places"]
    assert (Decimal(told["more_usd"]), told["more_ms"]) == (Decimal("-0.0024"), 2000.0)
    assert told["changes"][0]["new_reason"] == "device_better"


def test_older_turns_can_be_left_out(home: Path) -> None:
    assert run(home, "--since", "1").stdout.splitlines()[0].startswith("1 turns decided again, 0")
    assert json.loads(run(home, "--since", "1e-9", "--json").stdout)["turns"] == 0
    assert json.loads(run(home, "--since", "36500", "--json").stdout)["turns"] == 2


@pytest.mark.parametrize("days", ["0", "-1", "nan", "inf", "-inf", "36501", "1e9", "1e400"])
def test_days_that_cannot_be_looked_back_on_are_a_fault_of_usage(home: Path, days: str) -> None:
    result = run(home, "--since", days)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "'--since'" in result.stderr
    assert "as in --since 7, or leave it out for all turns" in result.stderr


def test_an_empty_ledger_has_nothing_to_tell(tmp_path: Path) -> None:
    (tmp_path / "thrifty.toml").write_text(THRIFTY)

    assert run(tmp_path).stdout == "0 turns decided again, 0 would have gone elsewhere.\n"


def test_a_fault_in_the_policy_is_named(home: Path) -> None:
    (home / "thrifty.toml").write_text("[rules]\nprivate = false")
    result = run(home)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "rules.private is a limit" in result.stderr
