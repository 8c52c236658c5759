"""`jisr ask`: one question, one answer."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from typing import IO, Any

import click

from jisr.cli.answers import answers
from jisr.cli.client import Client, Ended, State, messages_of
from jisr.cli.context import Run, pass_run
from jisr.cli.preview_text import shown
from jisr.cli.terminal import PLACES, PURPOSES, WISH_OF_PLACE, show, show_summary, wants_of
from jisr.cli.unchecked import show_state
from jisr.conversation import Conversation
from jisr.errors import AskFirst, BackendBroken, InvalidRequest, ServerError


@click.command()
@click.argument("words", metavar="QUESTION", nargs=-1)
@click.option(
    "--place",
    type=click.Choice(PLACES),
    default="auto",
    show_default=True,
    help="Who answers; joint: the device drafts, the cloud verifies; auto decides.",
)
@click.option("--private", is_flag=True, help="Let nothing of it leave the device.")
@click.option("--purpose", type=click.Choice(PURPOSES), help="What it is for, for the policy.")
@click.option("--allow", is_flag=True, help="Let it leave, redacted, though the policy keeps it.")
@click.option("--system", metavar="TEXT", help="Instructions that stand before the question.")
@click.option("--max-tokens", type=click.IntRange(min=1), help="Longest answer, in tokens.")
@click.option(
    "--temperature", type=click.FloatRange(0, 5), help="0 takes the likeliest token each time."
)
@click.option("--seed", type=click.IntRange(min=0), help="Makes a temperature repeatable.")
@click.option(
    "--goal",
    type=click.Choice(["fast", "cheap"]),
    help="What joint is for: time, or few cloud passes. [joint.goal]",
)
@click.option(
    "--exact",
    type=click.Choice(["strict", "fast"]),
    help="strict: only passes exact to the bit; fast: longer ones too. [joint.exact]",
)
@click.option("--schema", type=click.File(encoding="utf-8"), help="JSON schema of the answer.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer and its record as JSON.")
@pass_run
def ask(
    run: Run,
    *,
    words: tuple[str, ...],
    place: str,
    private: bool,
    purpose: str | None,
    allow: bool,
    system: str | None,
    max_tokens: int | None,
    temperature: float | None,
    seed: int | None,
    goal: str | None,
    exact: str | None,
    schema: IO[str] | None,
    as_json: bool,
) -> None:
    """Ask one question; the answer comes as it is made, then how it came about.

    The question is read from standard input if it is `-` or left out.

    \b
    Examples:
      jisr ask "What is the capital of Oman?"
      jisr ask --place cloud "Prove that the square root of 2 is irrational."
      jisr ask --place joint --goal cheap "Explain TCP slow start."
      jisr ask --private "My IBAN is DE89 3704 0044 0532 0130 00. Is it valid?"
      jisr ask "ما عاصمة عُمان؟"
      git diff | jisr ask --system "Write a commit message for this diff."
    """
    body = {
        "model": "jisr",
        "messages": messages_of(Conversation(system).with_next(question_of(words))),
        "jisr": wants_of(
            run.settings,
            place,
            private=private,
            goal=goal,
            exact=exact,
            purpose=purpose,
            allow=allow,
        ),
        "max_tokens": max_tokens,
        "temperature": temperature,
        "seed": seed,
        "response_format": _response_format(schema),
    }
    with answers(run) as client:
        start = time.perf_counter()
        pieces, ended = answer_or_ask(client, body, is_quiet=as_json)
        seconds = time.perf_counter() - start
    if as_json:
        click.echo(json.dumps(_row(pieces, ended), ensure_ascii=False, indent=2))
        return
    click.echo()
    show_summary(ended, seconds)


def _row(pieces: list[str], ended: Ended) -> dict[str, object]:
    return {
        "text": "".join(pieces),
        "finish_reason": ended.finish_reason,
        "usage": ended.usage,
        "jisr": ended.jisr,
    }


def answer(
    client: Client, body: Mapping[str, object], *, is_quiet: bool = False
) -> tuple[list[str], Ended]:
    """Show an answer as it comes; return its pieces, none of them withdrawn, and its end."""
    pieces: list[str] = []
    with closing(client.ask(body)) as outputs:
        for output in outputs:
            if isinstance(output, Ended):
                return pieces, output
            if isinstance(output, State):
                if not is_quiet:
                    show_state(output, "".join(pieces))
                if output.name == "withdrawn":
                    pieces.clear()
                continue
            pieces.append(output)
            if not is_quiet:
                show(output)
    raise BackendBroken("The answer came to no end.")


def answer_or_ask(
    client: Client, body: Mapping[str, Any], *, is_quiet: bool = False
) -> tuple[list[str], Ended]:
    """Show an answer; where the policy keeps the turn here, ask first whether it may leave.

    Who says no has the device answer. Nobody is asked but on a terminal.

    Raises:
        ServerError: The server answered with an error.
    """
    try:
        return answer(client, body, is_quiet=is_quiet)
    except ServerError as error:
        if error.told != AskFirst.code or not sys.stdin.isatty():
            raise
        click.echo(str(error), err=True)
    wants = {**body["jisr"], "allow": True}
    click.echo(shown(client.preview({**body, "jisr": wants})), err=True)
    if not click.confirm("Let it leave like this?", err=True):
        wants = {**body["jisr"], "wish": WISH_OF_PLACE["device"]}
    return answer(client, {**body, "jisr": wants}, is_quiet=is_quiet)


def question_of(words: tuple[str, ...]) -> str:
    """Return what is asked, from the command line or from standard input.

    Raises:
        InvalidRequest: It is empty, or not UTF-8.
    """
    if words and words != ("-",):
        question = checked(" ".join(words))
    elif not words and sys.stdin.isatty():
        raise click.UsageError('Ask something, as in: jisr ask "What is a bridge?"')
    else:
        raw = sys.stdin.buffer.read()
        try:
            question = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidRequest(
                f"Standard input is not UTF-8 text (byte {error.start}). Convert it, for example "
                "with iconv -t utf-8."
            ) from error
    if not question.strip():
        raise InvalidRequest("The question is empty.")
    return question


def checked(text: str) -> str:
    """Return text from the command line or the terminal if it is whole.

    Raises:
        InvalidRequest: It was not UTF-8; Python keeps such bytes as half characters.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidRequest(
            f"That is not UTF-8 text (character {error.start}). Check the locale of this terminal."
        ) from error
    return text


def _response_format(schema: IO[str] | None) -> dict[str, object] | None:
    if schema is None:
        return None
    try:
        return {"type": "json_schema", "json_schema": {"schema": json.load(schema)}}
    except ValueError as error:
        raise InvalidRequest(f"The schema is not JSON: {error}") from error
