"""The command `jisr` as people run it: processes of their own, and one server for all tests."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from click.testing import CliRunner, Result

from jisr.cli.main import cli
from tests.weights import small_model

JISR = [sys.executable, "-m", "jisr"]
LIMIT_S = 60
LONG = "Write a long story about a bridge, with ten paragraphs."
"""What the small model answers at length."""
NOBODY_PORT = "9"
"""A port nobody listens at: the command serves itself."""


@dataclass(frozen=True, slots=True)
class Command:
    """The command with some environment."""

    environ: Mapping[str, str]

    @property
    def home(self) -> Path:
        return Path(self.environ["JISR_HOME"])

    def but(self, **environ: str) -> "Command":
        return Command({**self.environ, **environ})

    def run(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
        """Run it to its end, in a process of its own."""
        result = subprocess.run(
            [*JISR, *arguments],
            input=stdin,
            capture_output=True,
            env={**os.environ, **self.environ},
            timeout=LIMIT_S,
        )
        out, err = result.stdout.decode(), result.stderr.decode()
        return subprocess.CompletedProcess(result.args, result.returncode, out, err)

    def invoke(self, *arguments: str, stdin: str | bytes | None = None) -> Result:
        """Run it to its end, in this process: faster, and all but the same."""
        return CliRunner().invoke(cli, arguments, input=stdin, env=self.environ)

    @contextmanager
    def started(
        self, *arguments: str, terminal: int | None = None
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run it beside the test; it is killed if it has not ended by then."""
        pipe = subprocess.PIPE
        child = subprocess.Popen(
            [*JISR, *arguments],
            stdin=pipe if terminal is None else terminal,
            stdout=pipe,
            stderr=pipe,
            env={**os.environ, **self.environ},
        )
        try:
            yield child
        finally:
            child.kill()
            child.wait(LIMIT_S)
            for end in (child.stdin, child.stdout, child.stderr):
                if end is not None:
                    with suppress(BrokenPipeError):  # what it never read
                        end.close()


def command(home: Path, port: str = NOBODY_PORT, **environ: str) -> Command:
    """Return the command on the small model, with a home of its own and no settings file."""
    return Command(
        {
            "JISR_CONFIG": os.devnull,
            "JISR_HOME": str(home),
            "JISR_SERVER__PORT": port,
            "JISR_DEVICE__MODEL": str(small_model()),
            "JISR_DEVICE__CONTEXT_TOKENS": "1024",
            "JISR_DEVICE__NUM_SEQUENCES": "2",
            "JISR_DEVICE__THREADS": "1",
            "JISR_CLOUD_ROLE__MODEL": str(small_model()),
            **environ,
        }
    )


def filed(own: Command, path: Path) -> Command:
    """Return a command with its settings in a file: those of an environment are of one run."""
    tables: dict[str, list[str]] = {}
    kept = {}
    for variable, value in own.environ.items():
        table, _, name = variable.removeprefix("JISR_").lower().partition("__")
        if name and table != "server":
            tables.setdefault(table, []).append(f"{name} = {json.dumps(value)}")
        else:
            kept[variable] = value
    text = "\n".join(f"[{table}]\n" + "\n".join(rows) for table, rows in tables.items())
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return Command({**kept, "JISR_CONFIG": str(path)})


def port_of(url: str) -> str:
    """Return the port of an address."""
    return str(urlsplit(url).port)
