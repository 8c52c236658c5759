from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.errors import ConfigError
from jisr.ledger.prices import PriceTable
from jisr.types import Usage

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("model", "on", "output_usd"),
    [
        ("gpt-4o", date(2024, 5, 12), None),
        ("gpt-4o", date(2024, 5, 13), "15.00"),
        ("gpt-4o", TODAY, "10.00"),
        ("gpt-4o-2024-11-20", TODAY, "10.00"),  # a snapshot costs what its model costs
        ("gpt-4o-2024-05-13", TODAY, "15.00"),  # unless it has a row of its own
        ("gpt-4.1-nano", TODAY, "0.40"),
        ("qwen2.5-coder-0.5b", TODAY, None),
        ("", TODAY, None),
    ],
)
def test_a_price_is_that_of_the_day(model: str, on: date, output_usd: str | None) -> None:
    price = PriceTable.load().price(model, on)

    assert (price and str(price.output_usd)) == output_usd


def test_cached_tokens_are_part_of_the_input() -> None:
    price = PriceTable.load().price("gpt-4o-mini", TODAY)
    assert price is not None

    # 40 at .15, 60 at .075, 20 at .60, each per million
    assert price.usd(Usage(input_tokens=100, output_tokens=20, cached_tokens=60)) == Decimal(
        "0.0000225"
    )


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 2 * 10**7))
def test_money_adds_up_exactly(first: int, second: int, cached: int) -> None:
    price = PriceTable.load().price("gpt-4.1-nano", TODAY)
    assert price is not None

    def usd(tokens: int) -> Decimal:
        return price.usd(Usage(input_tokens=tokens, output_tokens=tokens))

    assert usd(first) + usd(second) == usd(first + second)
    most = Usage(input_tokens=first, output_tokens=first, cached_tokens=cached)
    assert 0 <= price.usd(most) <= usd(first)


def test_a_table_of_ones_own_replaces_the_rows_of_its_models(tmp_path: Path) -> None:
    own = tmp_path / "prices.toml"
    own.write_text(
        '[[price]]\nmodel = "gpt-4o"\nfrom = 2026-01-01\ninput_usd = "1"\n'
        'output_usd = 2.5\nsource = "my contract"\n'
    )
    table = PriceTable.load(own)

    price = table.price("gpt-4o", TODAY)

    assert price is not None
    assert price.input_usd == price.cached_input_usd == 1
    assert price.output_usd == Decimal("2.5")
    assert table.price("gpt-4o", date(2025, 1, 1)) is None
    assert table.price("gpt-4o-mini", TODAY) is not None


ROW = '[[price]]\nmodel = "m"\nfrom = 2026-01-01\ninput_usd = "1"\noutput_usd = "1"\nsource = "s"\n'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "cannot be read"),
        ("[[price", "not TOML"),
        ("x = 1", "rows of"),
        ("price = 3", "rows of"),
        (ROW.replace('source = "s"', ""), "row 1 of .* source is missing"),
        (ROW + "colour = 1", "colour"),
        (ROW.replace("2026-01-01", '"soon"'), "must be a day"),
        (ROW.replace("2026-01-01", "2026-01-01T00:00:00"), "must be a day"),
        (ROW.replace('input_usd = "1"', 'input_usd = "cheap"'), "'cheap' is no price"),
        (ROW.replace('input_usd = "1"', "input_usd = -1"), "-1 is no price"),
        (ROW.replace('input_usd = "1"', "input_usd = nan"), "nan is no price"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(
    tmp_path: Path, text: str | None, complaint: str
) -> None:
    path = tmp_path / "own.toml"
    if text is not None:
        path.write_text(text)

    with pytest.raises(ConfigError, match=complaint):
        PriceTable.load(path)
