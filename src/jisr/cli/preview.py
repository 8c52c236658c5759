"""`jisr preview`: what was written beside what would leave; nothing is sent."""

from __future__ import annotations

import json

import click

from jisr.cli.answers import answers
from jisr.cli.ask import question_of
from jisr.cli.client import messages_of
from jisr.cli.context import Run, pass_run
from jisr.cli.preview_text import shown
from jisr.cli.terminal import PLACES, PURPOSES, wants_of
from jisr.conversation import Conversation


@click.command()
@click.argument("words", metavar="QUESTION", nargs=-1)
@click.option(
    "--place",
    type=click.Choice(PLACES),
    default="auto",
    show_default=True,
    help="Where it would go; auto decides.",
)
@click.option("--purpose", type=click.Choice(PURPOSES), help="What it is for, for the policy.")
@click.option("--allow", is_flag=True, help="As if you let it leave, though the policy keeps it.")
@click.option("--private", is_flag=True, help="As if it were marked private.")
@click.option("--system", metavar="TEXT", help="Instructions that stand before the question.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_run
def preview(
    run: Run,
    *,
    words: tuple[str, ...],
    place: str,
    purpose: str | None,
    allow: bool,
    private: bool,
    system: str | None,
    as_json: bool,
) -> None:
    """Show what you wrote beside what would leave this machine, and what was found in it.

    The question is read from standard input if it is `-` or left out.

    \b
    Examples:
      jisr preview "Write to Sara Haddad, sara@example.com, that I am ill."
      jisr preview --purpose translate < letter.txt
      jisr preview "راسل سارة على sara@example.com"
      jisr --set privacy.policy=strict preview --json "My IBAN is DE89 3704 0044 0532 0130 00"
    """
    body = {
        "model": "jisr",
        "messages": messages_of(Conversation(system).with_next(question_of(words))),
        "jisr": wants_of(run.settings, place, private=private, purpose=purpose, allow=allow),
    }
    with answers(run) as client:
        told = client.preview(body)
    click.echo(json.dumps(told, ensure_ascii=False, indent=2) if as_json else shown(told))
