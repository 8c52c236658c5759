from pathlib import Path

import pytest

from jisr import offline
from jisr.cli.context import Run
from jisr.errors import ConfigError


@pytest.fixture(autouse=True)
def online() -> None:
    """Each test starts with the switch off; the suite's own guard turns it on again."""
    offline.online_again()


def test_settings_are_loaded_once_and_when_asked_for() -> None:
    run = Run(config_path=Path("/no/such/file"))

    with pytest.raises(ConfigError):
        _ = run.settings
    assert Run().settings is not None


def test_arguments_reach_the_settings_and_are_loaded_once() -> None:
    run = Run(arguments=("server.port=1", "server.port=2"))

    assert run.settings.server.port == 2
    assert run.settings is run.settings


@pytest.mark.parametrize("run", [Run(is_offline=True), Run(arguments=("offline=true",))])
def test_offline_turns_the_switch_before_the_settings_are_handed_out(run: Run) -> None:
    assert run.settings.offline
    assert offline.is_offline()


def test_the_switch_stays_off_when_nobody_asks_for_it() -> None:
    assert not Run().settings.offline
    assert not offline.is_offline()


def test_another_command_can_be_given_the_same_run() -> None:
    run = Run(Path("c.toml"), ("device.threads=2",), is_offline=True)

    assert run.with_arguments({"cloud_role.port": 9, "cloud_role.host": None}).words == [
        *("--config", "c.toml", "--offline"),
        *("--set", "device.threads=2", "--set", "cloud_role.port=9"),
    ]
    assert Run().words == []


def test_a_run_made_of_another_tells_it_that_it_is_debugging() -> None:
    run = Run(arguments=("log_level=debug",))

    _ = run.with_arguments({"server.port": 1}).settings

    assert run.is_debugging


def test_debugging_is_known_once_the_settings_are() -> None:
    run = Run(arguments=("log_level=debug",))
    assert not run.is_debugging

    _ = run.settings

    assert run.is_debugging
