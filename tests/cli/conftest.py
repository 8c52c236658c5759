"""One server with a real model and a scripted cloud, for every test of the command line."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from jisr.bench.children import Child, started
from jisr.cli.client import Client
from tests.cli.jisr import Command, command, filed, port_of


@dataclass(frozen=True, slots=True)
class Served:
    """A Jisr that runs, and what runs it."""

    client: Client
    child: Child
    command: Command
    """The command with the server's own environment."""


@pytest.fixture(scope="session")
def upstream() -> Iterator[Child]:
    with started("jisr.bench.upstream", "--until-eof", "--chunks", "3") as child:
        yield child


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, upstream: Child) -> Iterator[Served]:
    cloud = {"JISR_CLOUD__BASE_URL": f"{upstream.url}/v1", "JISR_CLOUD__MODEL": "ok"}
    home = tmp_path_factory.mktemp("served")
    own = filed(
        command(home, **cloud, JISR_OFFLINE=os.environ["JISR_OFFLINE"]), home / "config.toml"
    )
    with started("jisr", "serve", "--port", "0", "--until-eof", environ=own.environ) as child:
        yield Served(Client(child.url), child, own.but(JISR_SERVER__PORT=port_of(child.url)))


@pytest.fixture
def warm(served: Served, tmp_path: Path) -> Command:
    """The command beside that server, with a home of its own."""
    return served.command.but(JISR_HOME=str(tmp_path / "home"))


@pytest.fixture
def alone(tmp_path: Path) -> Command:
    """The command where no server runs and no cloud is set."""
    return command(tmp_path / "home")
