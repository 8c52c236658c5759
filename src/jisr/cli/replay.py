"""`jisr replay`: what another policy would have done with the turns of the ledger."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jisr.cli.context import Run, pass_run

if TYPE_CHECKING:
    from jisr.arbiter.replay import Change, Replayed

MOST_TURNS = 100_000
"""Of the newest, that are looked at."""
MS_PER_S = 1000
MOST_DAYS = 36_500


def _start(ctx: click.Context, param: click.Parameter, days: float | None) -> datetime | None:
    """Return when the last days began; None: all turns are wanted."""
    if days is None:
        return None
    if not 0 < days <= MOST_DAYS:
        raise click.BadParameter(
            f"{days:g} is no number of days to look back on: give more than 0 and at most"
            f" {MOST_DAYS:,}, as in --since 7, or leave it out for all turns.",
            ctx,
            param,
        )
    return datetime.now(UTC) - timedelta(days=days)


@click.command()
@click.option(
    "--policy",
    "policy_path",
    type=click.Path(path_type=Path),
    required=True,
    metavar="NEW.toml",
    help="The policy that decides again.",
)
@click.option(
    "--since", type=float, callback=_start, metavar="DAYS", help="Of the last days only, as in 7."
)
@click.option("--list", "lists", is_flag=True, help="Show each turn that would have changed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_run
def replay(
    run: Run, *, policy_path: Path, since: datetime | None, lists: bool, as_json: bool
) -> None:
    """Decide the turns of the ledger again, by another policy; nothing is asked or sent.

    It says where turns would have gone, and what that would have cost and taken, as far as it
    was known when they were decided. It cannot say what an answer would have been that nobody
    made. A policy is a TOML file: `quality`, [weights] and [rules]; what it does not name
    stays as it is by default.

    \b
    Examples:
      jisr replay --policy thrifty.toml
      jisr replay --policy thrifty.toml --since 7 --list
      jisr replay --policy thrifty.toml --json | jq .moved
    """
    from jisr.arbiter.policy_file import load_policy
    from jisr.arbiter.replay import replay as decide_again

    policy = load_policy(policy_path)
    found = decide_again(_rows(run.settings.home, since), policy)
    if as_json:
        click.echo(json.dumps(_as_json(found), indent=2))
        return
    _show(found)
    if lists:
        _list(found.changes)


def _rows(home: Path, since: datetime | None) -> Iterator[Mapping[str, object]]:
    """Yield the turns of the ledger as a replay reads them, newest first."""
    from jisr.ledger.ledger import FILE_NAME, Ledger

    with closing(Ledger(home / FILE_NAME)) as book:
        turns = book.turns(MOST_TURNS)
    for turn in turns:
        if since is not None and turn.at < since:
            return
        yield {
            "turn_id": turn.turn_id,
            "place": turn.place.value,
            "reason": turn.reason,
            "usd": turn.usd,
            "usd_cloud_only": turn.usd_cloud_only,
            "signals": turn.signals,
        }


def _show(found: Replayed) -> None:
    click.secho(
        f"{found.num_turns:,} turns decided again, {found.num_moved:,} would have gone elsewhere.",
        bold=True,
    )
    for number, what in (
        (found.num_skipped, "were recorded without what they were decided from"),
        (found.num_unreadable, "hold signals that this version cannot read"),
    ):
        if number:
            click.echo(f"{number:,} more {what}.")
    _show_counts("By place, as it was → as it would have been:", found.places)
    _show_counts("By reason:", found.reasons)
    if found.num_turns:
        click.echo(f"\nMoney  {_signed(found.more_usd)} USD{_unknown(found.num_unpriced)}")
        time_s = found.more_ms / MS_PER_S
        click.echo(f"Time   {time_s:+,.1f} s, as expected{_unknown(found.num_untimed)}")


def _show_counts(title: str, counts: Counter[tuple[str, str]]) -> None:
    if not counts:
        return
    click.echo(f"\n{title}")
    for (old, new), number in counts.most_common():
        name = old if old == new else f"{old} → {new}"
        click.echo(f"   {number:>6,}  {name}")


def _list(changes: Sequence[Change]) -> None:
    click.echo("\nTurns that would have changed, newest first:")
    for it in changes or ():
        old, new = f"{it.old_place}: {it.old_reason}", f"{it.new_place}: {it.new_reason}"
        click.echo(f"   {it.turn_id}  {old} → {new}")
    if not changes:
        click.echo("   none")


def _signed(usd: Decimal) -> str:
    return f"{usd:+,.6f}" if usd else "0"


def _unknown(number: int) -> str:
    return f"; not known of {number:,} turns" if number else ""


def _as_json(found: Replayed) -> dict[str, object]:
    return {
        "turns": found.num_turns,
        "skipped": found.num_skipped,
        "unreadable": found.num_unreadable,
        "moved": found.num_moved,
        "places": _pairs(found.places),
        "reasons": _pairs(found.reasons),
        "more_usd": str(found.more_usd),
        "unpriced": found.num_unpriced,
        "more_ms": round(found.more_ms, 3),
        "untimed": found.num_untimed,
        "changes": [asdict(change) for change in found.changes],
    }


def _pairs(counts: Counter[tuple[str, str]]) -> list[dict[str, object]]:
    return [{"old": old, "new": new, "turns": num} for (old, new), num in counts.most_common()]
