"""The command `jisr`: the table of its commands, and the options they share."""

from __future__ import annotations

from pathlib import Path

import click

from jisr.cli.context import Run
from jisr.cli.lazy import LazyGroup, Row
from jisr.masking import mask_uncaught

COMMANDS = {
    "ask": Row("jisr.cli.ask:ask", "Ask one question; the right place answers."),
    "chat": Row("jisr.cli.chat:chat", "Talk, turn after turn."),
    "serve": Row("jisr.cli.serve:serve", "Serve the OpenAI-compatible endpoint."),
    "up": Row("jisr.cli.up:up", "Serve, with a stand-in cloud on this machine."),
    "cloud": Row("jisr.cli.cloud:cloud", "Be the cloud of other devices."),
    "route": Row("jisr.cli.route:route", "Show where a question would go, and why."),
    "replay": Row("jisr.cli.replay:replay", "Show what another policy would have decided."),
    "preview": Row("jisr.cli.preview:preview", "Show what of a question would leave."),
    "models": Row("jisr.cli.models:models", "Pull, verify, quantize and remove weights."),
    "ledger": Row("jisr.cli.ledger:ledger", "Show what turns used and cost."),
    "audit": Row("jisr.cli.audit:audit", "Show what left this machine, and prove it."),
    "vault": Row("jisr.cli.vault:vault", "Show and forget what placeholders stand for."),
    "doctor": Row("jisr.cli.doctor:doctor", "Check this machine, and say the remedy."),
    "calibrate": Row("jisr.cli.calibrate:calibrate", "Learn when an answer can be trusted."),
    "bench": Row("jisr.cli.bench:bench", "Measure speed, privacy, routing and answers."),
    "config": Row("jisr.cli.config:config", "Show the settings and where they come from."),
}


@click.group(
    cls=LazyGroup,
    rows=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Settings file to read instead of the usual one.",
)
@click.option(
    "--set",
    "arguments",
    multiple=True,
    metavar="NAME=VALUE",
    help="A setting for this run; may be given again.",
)
@click.option("--offline", is_flag=True, help="Open no socket beyond this machine.")
@click.version_option(package_name="jisr", message="jisr %(version)s")
@click.pass_context
def cli(
    ctx: click.Context, config_path: Path | None, arguments: tuple[str, ...], offline: bool
) -> None:
    """Ask a small model here or a large one in the cloud, each turn where it belongs.

    \b
    Examples:
      jisr models pull qwen2.5-coder-0.5b
      jisr ask "What is a bridge?"
      jisr --offline chat
      jisr --set server.port=9000 serve

    Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
    """
    ctx.obj = Run(config_path, arguments, offline)


def main() -> None:
    """Run the command line and exit."""
    mask_uncaught()
    cli(prog_name="jisr")
