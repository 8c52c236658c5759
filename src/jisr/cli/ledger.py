"""`jisr ledger`: what turns used and cost, and what the cloud alone would have cost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import click

from jisr.cli.context import Run, pass_run

if TYPE_CHECKING:
    from jisr.ledger.totals import PlaceTotals, Totals
    from jisr.types import TurnRecord

UNKNOWN = "-"
WORDY = ("", "at (UTC)", "place", "reason", "model")
"""Columns that hold words; the others hold numbers."""


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time that is summed up, `[since, until)`, UTC."""

    name: str
    since: datetime
    until: datetime


@click.command()
@click.option("--day", "wanted", flag_value="day", help="Today only (UTC).")
@click.option("--month", "wanted", flag_value="month", help="This calendar month only (UTC).")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="From this day on (UTC), as in 2026-01-31.",
)
@click.option(
    "--last", type=click.IntRange(min=0), default=0, metavar="N", help="Show the newest N turns."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_run
def ledger(run: Run, wanted: str | None, since: datetime | None, last: int, as_json: bool) -> None:
    """Show what turns used and cost: today and this month, by place.

    "Cloud only" is what the same tokens would have cost had the cloud answered every
    turn. Energy that was measured and energy that was estimated are told apart. No text
    of any turn is kept.

    \b
    Examples:
      jisr ledger
      jisr ledger --since 2026-01-01 --json | jq .periods[0].together.usd
      jisr ledger --day --last 10
    """
    from jisr.ledger.ledger import FILE_NAME, Ledger

    if wanted is not None and since is not None:
        raise click.UsageError(f"--since and --{wanted} are two answers to one question.")
    periods = _periods(datetime.now(UTC), wanted, since)
    with closing(Ledger(run.settings.home / FILE_NAME)) as book:
        totals = [(period, book.totals(period.since, period.until)) for period in periods]
        turns = book.turns(last) if last else []
    if as_json:
        click.echo(json.dumps(_as_json(totals, turns), indent=2))
    else:
        _show(totals, turns)


def _periods(now: datetime, wanted: str | None, since: datetime | None) -> list[Period]:
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    until = day + timedelta(days=1)
    if since is not None:
        return [Period(f"since {since:%Y-%m-%d}", since.replace(tzinfo=UTC), until)]
    both = {
        "day": Period(f"today, {day:%Y-%m-%d}", day, until),
        "month": Period(f"this month, {day:%Y-%m}", day.replace(day=1), until),
    }
    return [period for name, period in both.items() if wanted in (None, name)]


def _show(totals: Sequence[tuple[Period, Totals]], turns: Sequence[TurnRecord]) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    for period, summed in totals:
        _print_table(
            console,
            period.name,
            [
                "",
                "turns",
                "input",
                "(cached)",
                "output",
                "USD",
                "J measured",
                "J estimated",
            ],
            [_cells(place.value, row) for place, row in summed.by_place.items()]
            + [_cells("together", summed.together)],
        )
        console.print(_comparison(summed.together) + "\n", style="dim")
    if turns:
        _print_table(
            console,
            "newest turns",
            ["at (UTC)", "place", "reason", "model", "tokens", "USD", "ms"],
            map(_turn_cells, turns),
        )


def _print_table(
    console: Any, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        justify: Literal["left", "right"] = "left" if column in WORDY else "right"
        table.add_column(column, justify=justify, no_wrap=not column or column.startswith("at"))
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _cells(name: str, row: PlaceTotals) -> list[str]:
    return [
        name,
        f"{row.num_turns:,}",
        f"{row.input_tokens:,}",
        f"{row.cached_tokens:,}",
        f"{row.output_tokens:,}",
        _money(row.usd, row.num_turns - row.num_unpriced),
        f"{row.joules_measured:,.0f}" if row.num_measured else UNKNOWN,
        f"{row.joules_estimated:,.0f}" if row.num_estimated else UNKNOWN,
    ]


def _comparison(row: PlaceTotals) -> str:
    cloud_only = _money(row.usd_cloud_only, row.num_turns - row.num_unpriced_cloud_only)
    parts = [f"Cloud only: {cloud_only} USD; text of {row.num_left_device:,} turns left the device"]
    if row.num_unpriced or row.num_unpriced_cloud_only:
        parts.append(
            f"no price is known of {row.num_unpriced:,} turns,"
            f" or cloud only of {row.num_unpriced_cloud_only:,}"
        )
    if row.num_failed:
        parts.append(f"{row.num_failed:,} turns failed")
    return "; ".join(parts) + "."


def _turn_cells(turn: TurnRecord) -> list[str]:
    usage = turn.usage
    return [
        f"{turn.at:%Y-%m-%d %H:%M:%S}",
        turn.place.value,
        turn.reason if turn.error is None else f"{turn.reason}, {turn.error}",
        turn.model,
        UNKNOWN if usage is None else f"{usage.input_tokens:,} + {usage.output_tokens:,}",
        _money(turn.usd or Decimal(0), 0 if turn.usd is None else 1),
        f"{sum(turn.stages.values()):,.0f}",
    ]


def _money(usd: Decimal, num_known: int) -> str:
    """Return an amount as people read it; a dash if it is of no turn at all."""
    if not num_known:
        return UNKNOWN
    return f"{usd:,.2f}" if usd == 0 or usd >= 1 else f"{usd:.6f}"


def _as_json(
    totals: Sequence[tuple[Period, Totals]], turns: Sequence[TurnRecord]
) -> dict[str, object]:
    return {
        "periods": [
            {
                "name": period.name,
                "since": period.since.isoformat(),
                "until": period.until.isoformat(),
                "by_place": {place.value: _plain(row) for place, row in summed.by_place.items()},
                "together": _plain(summed.together),
            }
            for period, summed in totals
        ],
        "turns": [_plain(turn) for turn in turns],
    }


def _plain(record: PlaceTotals | TurnRecord) -> Mapping[str, object]:
    """Return a record as JSON can hold it: money as text, so that it stays exact."""
    return {name: _plain_value(value) for name, value in asdict(record).items()}


def _plain_value(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, datetime) else value
