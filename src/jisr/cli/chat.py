"""`jisr chat`: a conversation on the terminal."""

from __future__ import annotations

import secrets
import sys
import time
from typing import TYPE_CHECKING

import click

from jisr.cli.answers import answers
from jisr.cli.ask import answer_or_ask, checked
from jisr.cli.client import Client, messages_of
from jisr.cli.context import Run, pass_run
from jisr.cli.terminal import PLACES, show_summary, wants_of
from jisr.conversation import Conversation
from jisr.errors import InvalidRequest, JisrError

if TYPE_CHECKING:
    from jisr.config import Settings

HELP = """\
/place auto|device|cloud|joint   who answers from here on
/private                         the next message stays on the device
/new                             start again
/quit                            end; so does Ctrl-D"""


@click.command()
@click.option(
    "--place",
    type=click.Choice(PLACES),
    default="auto",
    show_default=True,
    help="Who answers; joint: the device drafts, the cloud verifies; auto decides each time.",
)
@click.option("--system", metavar="TEXT", help="Instructions that stand before everything.")
@pass_run
def chat(run: Run, place: str, system: str | None) -> None:
    """Talk, turn after turn; each turn is decided anew.

    Ctrl-C stops an answer, Ctrl-D ends the conversation, /help lists commands.

    \b
    Examples:
      jisr chat
      jisr chat --place device --system "Answer in one sentence."
    """
    talk = Talk(Conversation(system), place, run.settings)
    with answers(run) as client:
        click.secho(
            "Ctrl-C stops an answer, Ctrl-D ends, /help lists commands.", dim=True, err=True
        )
        try:
            _talk(talk, client)
        finally:
            talk.end(client)


def _talk(talk: Talk, client: Client) -> None:
    while (line := _read()) is not None:
        if not line.startswith("/"):
            talk.say(client, line)
        elif not talk.command(line):
            return
        elif not talk.conversation.messages:
            talk.end(client)


class Talk:
    """A conversation, and how its next turn is to be answered."""

    def __init__(self, conversation: Conversation, place: str, settings: Settings) -> None:
        self.conversation = conversation
        self.place = place
        self.settings = settings
        self.is_private = False
        self.name = _new_name()
        """What the server knows the conversation by."""
        self._begun: set[str] = set()

    def say(self, client: Client, text: str) -> None:
        """Ask, show the answer, and keep both; what failed or was stopped is not kept."""
        body = {
            "model": "jisr",
            "messages": messages_of(self.conversation.with_next(text)),
            "jisr": {
                **wants_of(self.settings, self.place, private=self.is_private),
                "conversation": self.name,
            },
        }
        self._begun.add(self.name)
        self.is_private = False
        start = time.perf_counter()
        try:
            checked(text)
            pieces, ended = answer_or_ask(client, body)
        except JisrError as error:
            click.secho(f"\n{error}", fg="red", err=True)
        except (KeyboardInterrupt, click.Abort):
            click.secho("\nstopped", dim=True, err=True)
        else:
            click.echo()
            show_summary(ended, time.perf_counter() - start)
            self.conversation.keep(text, "".join(pieces))

    def end(self, client: Client) -> None:
        """Have the server forget what placeholders stand for in what was talked of so far."""
        for name in sorted(self._begun):
            try:
                client.forget(name)
            except JisrError as error:
                remedy = f"jisr vault delete {name}"
                click.secho(f"{error} `{remedy}` forgets this talk.", dim=True, err=True)
        self._begun.clear()

    def command(self, line: str) -> bool:
        """Do what a line that starts with / says; False ends the conversation."""
        name, _, argument = line.partition(" ")
        if name == "/quit":
            return False
        if name == "/new":
            self.conversation.forget()
            self.name = _new_name()
        elif name == "/private":
            self.is_private = True
        elif name == "/place" and argument.strip() in PLACES:
            self.place = argument.strip()
        else:
            click.echo(HELP, err=True)
        return True


def _new_name() -> str:
    return f"chat-{secrets.token_hex(8)}"


def _read() -> str | None:
    """Return the next line that says something; None at the end."""
    import readline  # noqa: F401 - gives `input` its history and editing

    prompt = "> " if sys.stdin.isatty() else ""
    while True:
        try:
            line = input(prompt).strip()
        except EOFError:
            click.echo(err=True)
            return None
        except UnicodeDecodeError as error:
            raise InvalidRequest(f"Standard input is not UTF-8 text: {error.reason}.") from error
        except KeyboardInterrupt:
            click.echo(err=True)
            continue
        if line:
            return line
