"""`jisr vault`: the conversations whose private values are kept, and forgetting them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from jisr.cli.context import Run, pass_run
from jisr.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jisr.privacy.vault_store import Kept, VaultStore


@click.group()
def vault() -> None:
    """Show and forget what placeholders stand for. No value is ever shown.

    \b
    Examples:
      jisr vault list
      jisr vault delete --all
    """


@vault.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_run
def list_(run: Run, as_json: bool) -> None:
    """Show the conversations that are kept, the one used last first.

    An id is the client's digest and the name it gave the conversation.

    \b
    Examples:
      jisr vault list
      jisr vault list --json | jq '.[] | select(.placeholders == null)'
    """
    kept = _kept(_store(run))
    if as_json:
        click.echo(json.dumps([_row(it) for it in kept], indent=2))
        return
    if not kept:
        click.echo("No conversation is kept.", err=True)
        return
    click.echo(f"{'BEGUN (UTC)':<18}{'USED (UTC)':<18}{'PLACEHOLDERS':>12}  ID")
    for it in kept:
        begun = f"{it.created:%Y-%m-%d %H:%M}" if it.created else "-"
        number = "damaged" if it.num_placeholders is None else f"{it.num_placeholders:,}"
        click.echo(f"{begun:<18}{it.used:%Y-%m-%d %H:%M}  {number:>12}  {it.conversation_id}")


@vault.command()
@click.argument("name", metavar="[ID]", required=False)
@click.option("--all", "is_all", is_flag=True, help="Forget every conversation.")
@pass_run
def delete(run: Run, name: str | None, is_all: bool) -> None:
    """Forget a conversation: what its placeholders stand for is gone.

    What comes after the last / of an id is enough where it is of one conversation only.

    \b
    Examples:
      jisr vault delete 6f1c0a7d52b94e0c8d31aa07/mail-7
      jisr vault delete mail-7
      jisr vault delete --all
    """
    if bool(name) is is_all:
        raise click.UsageError("Say which conversation to forget, or --all.")
    store = _store(run)
    if name is None:
        click.echo(f"{store.delete_all()} conversations forgotten")
        return
    chosen = _chosen(name, _kept(store))
    store.delete(chosen)
    click.echo(f"{chosen} forgotten")


def _chosen(name: str, kept: Sequence[Kept]) -> str:
    ids = [it.conversation_id for it in kept]
    found = [it for it in ids if it == name] or [it for it in ids if it.endswith(f"/{name}")]
    if not found:
        raise InvalidRequest(f"No conversation {name} is kept; `jisr vault list` shows all.")
    if len(found) > 1:
        raise InvalidRequest(f"{name} could be any of: {', '.join(found)}.")
    return found[0]


def _kept(store: VaultStore) -> Sequence[Kept]:
    return store.kept() if store.is_begun else []


def _store(run: Run) -> VaultStore:
    from functools import partial

    from jisr.clock import SystemClock
    from jisr.privacy.vault_key import load_key
    from jisr.privacy.vault_store import FOLDER_NAME, VaultStore  # `--help` needs no ciphers

    settings = run.settings
    key = partial(load_key, settings.home, settings.privacy.key_store)
    return VaultStore(settings.home / FOLDER_NAME, key, SystemClock())


def _row(it: Kept) -> dict[str, object]:
    return {
        "id": it.conversation_id,
        "begun": it.created and it.created.isoformat(),
        "used": it.used.isoformat(),
        "placeholders": it.num_placeholders,
    }
