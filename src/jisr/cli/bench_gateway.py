"""`jisr bench gateway`: what Jisr adds in front of a cloud."""

from __future__ import annotations

from pathlib import Path

import click

from jisr.cli.bench import command_line, finish


@click.command()
@click.option("--requests", default=20_000, show_default=True, type=click.IntRange(min=100))
@click.option("--connections", default=32, show_default=True, type=click.IntRange(1, 1000))
@click.option("--seed", default=0, show_default=True)
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the result here.")
def gateway(requests: int, connections: int, seed: int, json_path: Path | None) -> None:
    """Measure latency, throughput and memory of `jisr serve` before a scripted cloud.

    The gateway has one core, the cloud and the load the other. About two minutes.

    \b
    Examples:
      jisr bench gateway
      jisr bench gateway --requests 2000 --json gateway.json
    """
    from jisr.bench.gateway import GatewayLoad, measure  # heavy, and `--help` needs it not
    from jisr.bench.report import result

    measured = measure(GatewayLoad(num_requests=requests, num_connections=connections, seed=seed))
    finish(result("gateway", command_line(), seed, measured.figures, measured.rows), json_path)
