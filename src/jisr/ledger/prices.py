"""What tokens cost: a dated table, so that an old turn keeps its old price.

A table of your own has the same form and is read over the one that comes with Jisr:

    [[price]]
    model = "my-home-server"
    from = 2026-01-01
    input_usd = "0"           # per million tokens, quoted so that it stays exact
    cached_input_usd = "0"    # if left out: as input_usd
    output_usd = "0"
    source = "my electricity bill"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from pathlib import Path

from jisr.errors import ConfigError
from jisr.types import Usage

_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one model's tokens cost from a day on, in USD per million tokens."""

    model: str
    valid_from: date
    input_usd: Decimal
    cached_input_usd: Decimal
    output_usd: Decimal
    source: str
    """Who says so."""

    def usd(self, usage: Usage) -> Decimal:
        """Return what a completion cost, exactly."""
        cached_tokens = min(usage.cached_tokens, usage.input_tokens)
        millionths = (
            self.input_usd * (usage.input_tokens - cached_tokens)
            + self.cached_input_usd * cached_tokens
            + self.output_usd * usage.output_tokens
        )
        return millionths.scaleb(-6)


class PriceTable:
    """Prices by model and day."""

    def __init__(self, prices: Iterable[Price]) -> None:
        self._by_model: dict[str, list[Price]] = {}
        for price in prices:
            self._by_model.setdefault(price.model, []).append(price)
        for rows in self._by_model.values():
            rows.sort(key=lambda price: price.valid_from)

    @classmethod
    def load(cls, extra: Path | None = None) -> PriceTable:
        """Return the table that comes with Jisr, with a table of the user's over it.

        A model that `extra` names has the prices of `extra` only.

        Raises:
            ConfigError: The file `extra` cannot be read or a row of it does not fit.
        """
        packaged = files("jisr.ledger").joinpath("prices.toml").read_text(encoding="utf-8")
        prices = _parse(packaged, "prices.toml")
        if extra is not None:
            own = _parse(_read(extra), str(extra))
            named = {price.model for price in own}
            prices = [price for price in prices if price.model not in named] + own
        return cls(prices)

    def price(self, model: str, on: date) -> Price | None:
        """Return what a model costs on a day; None if no row says so.

        A dated snapshot (`gpt-4o-2024-11-20`) has its model's price unless it has rows.
        """
        rows = self._by_model.get(model) or self._by_model.get(_SNAPSHOT.sub("", model), [])
        return next((price for price in reversed(rows) if price.valid_from <= on), None)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"The price table {path} (ledger.prices) cannot be read: {error}"
        ) from None


def _parse(text: str, name: str) -> list[Price]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The price table {name} is not TOML: {error}") from None
    rows = table.get("price")
    if not isinstance(rows, list) or table.keys() != {"price"}:
        raise ConfigError(f"The price table {name} must be rows of [[price]] and nothing else.")
    return [_price(row, f"row {number} of {name}") for number, row in enumerate(rows, start=1)]


def _price(row: Mapping[str, object], where: str) -> Price:
    names = {"model", "from", "input_usd", "cached_input_usd", "output_usd", "source"}
    wrong = (row.keys() ^ names) - {"cached_input_usd"}
    if wrong:
        raise ConfigError(f"In {where}, {', '.join(sorted(wrong))} is missing or has no meaning.")
    valid_from = row["from"]
    if not isinstance(valid_from, date) or isinstance(valid_from, datetime):
        raise ConfigError(f"In {where}, from must be a day such as 2026-01-31.")
    return Price(
        model=str(row["model"]),
        valid_from=valid_from,
        input_usd=_usd(row["input_usd"], where),
        cached_input_usd=_usd(row.get("cached_input_usd", row["input_usd"]), where),
        output_usd=_usd(row["output_usd"], where),
        source=str(row["source"]),
    )


def _usd(value: object, where: str) -> Decimal:
    try:
        usd = Decimal(str(value))
    except InvalidOperation:
        usd = Decimal("NaN")
    if not usd.is_finite() or usd < 0:
        raise ConfigError(
            f"In {where}, {value!r} is no price: write USD per million, as in '0.15'."
        )
    return usd
