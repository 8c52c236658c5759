"""`jisr route`: where a question would go, and why; nothing is answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from jisr.cli.answers import answers
from jisr.cli.context import Run, pass_run
from jisr.cli.terminal import PLACES, PURPOSES, wants_of

NO_BUDGET = "no limit"


@click.command()
@click.argument("words", metavar="QUESTION", nargs=-1, required=True)
@click.option("--place", type=click.Choice(PLACES), default="auto", show_default=True)
@click.option("--private", is_flag=True, help="As if it were marked private.")
@click.option("--purpose", type=click.Choice(PURPOSES), help="What it is for, for the policy.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_run
def route(
    run: Run,
    *,
    words: tuple[str, ...],
    place: str,
    private: bool,
    purpose: str | None,
    as_json: bool,
) -> None:
    """Print the decision for a question, every signal, and every rule that was asked.

    \b
    Examples:
      jisr route "What is the capital of Oman?"
      jisr route --private "Call me at +968 9212 3456"
      jisr --set wish=prefer_cloud route --json "Hello" | jq .reason
    """
    body = {
        "model": "jisr",
        "messages": [{"role": "user", "content": " ".join(words)}],
        "jisr": wants_of(run.settings, place, private=private, purpose=purpose),
    }
    with answers(run) as client:
        decided = client.route(body)
    if as_json:
        click.echo(json.dumps(decided, ensure_ascii=False, indent=2))
    else:
        _show(decided)


def _show(decided: Mapping[str, Any]) -> None:
    click.secho(f"{decided['place']}: {decided['sentence']}", bold=True)
    click.echo(f"reason   {decided['reason']}")
    click.echo(decided["sentence_arabic"])
    click.echo("\nRules, in order; the first that applies decides:")
    for asked in decided["asked"]:
        mark = "→" if asked["applies"] else " "
        click.echo(f" {mark} {asked['reason']:<18} {asked['question']}")
    click.echo("\nSignals:")
    for name, value in decided["signals"].items():
        shown = NO_BUDGET if name == "budget_left_usd" and value is None else _shown(value)
        click.echo(f"   {name:<22} {shown}")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "not known"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value) or "none"
