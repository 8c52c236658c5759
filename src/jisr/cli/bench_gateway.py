"""`jisr bench gateway`: what Jisr adds in front of a cloud."""

from __future__ import annotations

from pathlib import Path

import click

from jisr.cli.bench import command_line, finish


@click.command()
@click.option(
    "--limit",
    type=click.IntRange(min=10),
    default=20_000,
    show_default=True,
    help="Answers to ask for in all; memory is looked at after each tenth.",
)
@click.option(
    "--connections",
    type=click.IntRange(min=1, max=512),
    default=32,
    show_default=True,
    help="Answers asked for at once.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses the question.")
@click.option(
    "--json", "json_path", type=click.Path(path_type=Path), help="Write figures and rows there."
)
def gateway(limit: int, connections: int, seed: int, json_path: Path | None) -> None:
    """Measure a Jisr without weights in front of a scripted cloud that answers at once.

    The gateway has one core to itself, the cloud and the load another. Takes a minute. There is
    no --data: what is asked is made up, because the time is that of the way and not of the words,
    and nobody's text has to be sent anywhere for it.

    \b
    Examples:
      jisr bench gateway
      jisr bench gateway --limit 2000 --connections 8 --json gateway.json
    """
    from jisr.bench.gateway import GatewayLoad, measure
    from jisr.bench.report import result

    asked = GatewayLoad(num_requests=limit, num_connections=connections, seed=seed)
    measured = measure(asked)
    finish(result("gateway", command_line(), seed, measured.figures, measured.rows), json_path)
