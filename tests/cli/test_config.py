import json
from pathlib import Path

from click.testing import CliRunner

from jisr.cli.config import shown
from jisr.cli.main import cli
from jisr.config import NAMES, UpstreamSettings


def lines(*arguments: str) -> dict[str, list[str]]:
    output = (
        CliRunner().invoke(cli, [*arguments, "config"], env={"JISR_WISH": "only_device"}).output
    )
    return {line.split()[0]: line.split()[1:] for line in output.splitlines()}


def test_every_setting_is_shown_with_its_value_and_origin(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("[server]\nport = 9000\n")

    found = lines("--config", str(tmp_path / "c.toml"), "--set", "device.threads=2")

    assert tuple(found) == NAMES
    assert found["server.port"] == ["9000", "file", str(tmp_path / "c.toml")]
    assert found["wish"] == ["only_device", "environment", "JISR_WISH"]
    assert found["device.threads"] == ["2", "argument"]
    assert found["cloud.base_url"] == ["(none)", "default"]


def test_json_has_the_same_for_programs() -> None:
    output = (
        CliRunner().invoke(cli, ["--set", "budget.usd_per_day=0.10", "config", "--json"]).stdout
    )
    found = json.loads(output)

    assert found["settings"]["budget"]["usd_per_day"] == "0.10"
    assert found["origins"]["budget.usd_per_day"] == "argument"
    assert set(found["origins"]) == set(NAMES)


def test_the_path_is_that_of_the_file_which_is_read(tmp_path: Path) -> None:
    def path(*arguments: str, **environ: str) -> str:
        return CliRunner().invoke(cli, [*arguments, "config", "path"], env=environ).stdout.strip()

    assert path("--config", str(tmp_path / "a"), JISR_CONFIG="b") == str(tmp_path / "a")
    assert path(JISR_CONFIG=str(tmp_path / "b")) == str(tmp_path / "b")
    assert path(JISR_CONFIG="").endswith("jisr/config.toml")


def test_values_are_shown_as_people_write_them() -> None:
    services = (UpstreamSettings(base_url="http://127.0.0.1:1"),)

    assert shown(True) == "true"
    assert shown(None) == shown(()) == "(none)"
    assert shown(("A", "B")) == "A, B"
    assert shown(services) == "http://127.0.0.1:1"
