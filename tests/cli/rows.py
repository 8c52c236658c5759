"""Commands that end in every way a command can, for the tests of the group."""

import os

import click

from jisr.cli.context import Run, pass_run
from jisr.cli.lazy import LazyGroup, Row
from jisr.errors import BackendTimeout, ConfigError


@click.command()
def fails() -> None:
    raise BackendTimeout("The cloud did not answer in 5 s; try --place device.")


@click.command()
@pass_run
def loads_and_fails(run: Run) -> None:
    raise ConfigError(f"offline is {run.settings.offline}")


@click.command()
def interrupted() -> None:
    raise KeyboardInterrupt


@click.command()
def aborted() -> None:
    raise click.Abort


@click.command()
def broken_pipe() -> None:
    os.close(1)
    raise BrokenPipeError(32, "Broken pipe")


@click.command()
def faulty() -> None:
    raise ZeroDivisionError


ROWS = {
    name: Row(f"tests.cli.rows:{name.replace('-', '_')}", f"Is a command that is {name}.")
    for name in ("fails", "loads-and-fails", "interrupted", "aborted", "broken-pipe", "faulty")
} | {"missing": Row("tests.cli.nowhere:missing", "Is not written yet.")}


@click.group(cls=LazyGroup, rows=ROWS)
@click.option("--set", "arguments", multiple=True)
@click.pass_context
def group(ctx: click.Context, arguments: tuple[str, ...]) -> None:
    """Every way to end."""
    ctx.obj = Run(arguments=arguments)


if __name__ == "__main__":
    group()
