import subprocess
import sys
import time
from collections.abc import Mapping
from importlib.util import find_spec

import pytest
from click.testing import CliRunner

from jisr.cli.main import COMMANDS, cli

HEAVY = ["numpy", "llama_cpp", "pydantic", "aiohttp", "starlette", "rich", "asyncio", "jisr.config"]
JISR = [sys.executable, "-c", "from jisr.cli.main import main; main()"]


def test_the_help_is_fast_and_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom jisr.cli.main import cli\n"
        "cli(['--help'], standalone_mode=False)\n"
        f"print([it for it in {HEAVY} if it in sys.modules], file=sys.stderr)"
    )
    times_s = []
    for _ in range(3):
        start = time.perf_counter()
        command = [sys.executable, "-c", script]
        output = subprocess.run(command, capture_output=True, check=True, timeout=30)
        times_s.append(time.perf_counter() - start)

    assert output.stderr.strip() == b"[]"
    assert min(times_s) <= 0.3


def test_the_help_names_every_command_and_shows_examples_as_written() -> None:
    output = CliRunner().invoke(cli, ["--help"]).output

    assert all(f"\n  {name} " in output for name in COMMANDS)
    assert '\n    jisr ask "What is a bridge?"\n' in output


WRITTEN = [name for name, row in COMMANDS.items() if find_spec(row.target.partition(":")[0])]


@pytest.mark.parametrize("name", WRITTEN)
def test_every_command_has_help_with_examples(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"])

    assert result.exit_code == 0, result.output
    assert "Examples:" in result.stdout


def run(*arguments: str, environ: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, list(arguments), env=dict(environ or {}))
    return result.exit_code, result.stdout, result.stderr


def test_the_version_is_the_package_s() -> None:
    assert run("--version")[:2] == (0, "jisr 0.1.0\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--set", "server.prot=1", "config"], "did you mean server.port?"),
        (["--set", "server.port", "config"], "NAME=VALUE"),
        (["--set", "server.port=high", "config"], "server.port (argument)"),
        (["--config", "/no/such/file.toml", "config"], "/no/such/file.toml cannot be read"),
    ],
)
def test_settings_that_do_not_fit_end_in_one_line(arguments: list[str], told: str) -> None:
    code, out, err = run(*arguments)

    assert (code, out) == (1, "")
    assert err.startswith("Error: ") and told in err and "Traceback" not in err


def test_the_real_command_prints_arabic_and_leaves_no_traceback_in_a_closed_pipe() -> None:
    command = [*JISR, "--set", "cloud.model=نموذج", "config"]
    output = subprocess.run(command, capture_output=True, check=True, timeout=30)
    assert "نموذج" in output.stdout.decode()

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout and child.stderr
        child.stdout.close()
        assert b"Traceback" not in child.stderr.read()
        child.wait(30)
