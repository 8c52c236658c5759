import subprocess
import sys

import pytest
from click.testing import CliRunner, Result

from tests.cli.rows import group


def run(*arguments: str) -> Result:
    return CliRunner().invoke(group, list(arguments))


def test_an_error_of_ours_is_one_line_on_standard_error() -> None:
    result = run("fails")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == "Error: The cloud did not answer in 5 s; try --place device.\n"


def test_a_traceback_comes_only_when_debugging() -> None:
    assert "Traceback" not in run("loads-and-fails").stderr
    assert "Traceback" in run("--set", "log_level=debug", "loads-and-fails").stderr


@pytest.mark.parametrize("command", ["interrupted", "aborted"])
def test_ctrl_c_ends_with_130_and_no_words(command: str) -> None:
    result = run(command)

    assert result.exit_code == 130
    assert result.output.strip() == ""


def test_a_broken_pipe_is_quiet() -> None:
    command = [sys.executable, "-m", "tests.cli.rows", "broken-pipe"]
    result = subprocess.run(command, capture_output=True, timeout=30)

    assert (result.returncode, result.stderr) == (1, b"")


def test_a_fault_of_the_program_is_not_hidden() -> None:
    assert isinstance(run("faulty").exception, ZeroDivisionError)


@pytest.mark.parametrize("arguments", [["nothing-like-it"], ["--nothing"], ["fails", "surplus"]])
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    result = run(*arguments)

    assert result.exit_code == 2
    assert "Usage:" in result.stderr


def test_an_unknown_command_brings_the_nearest() -> None:
    assert "did you mean fails?" in run("fail").stderr


def test_the_help_lists_the_table_without_importing_it() -> None:
    result = run("--help")

    assert result.exit_code == 0
    assert "missing          Is not written yet." in result.stdout
