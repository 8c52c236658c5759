"""What the cloud's answers to graded questions would cost, by the price table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from jisr.bench.answering import Answered
from jisr.config import LedgerSettings
from jisr.errors import BenchError
from jisr.ledger.prices import PriceTable
from jisr.types import Request, Usage


def cloud_usd(
    answers: Mapping[str, Answered], ledger: LedgerSettings, on: date
) -> dict[str, float]:
    """Return the price of each answer, in USD, as if `ledger.reference_model` had given it.

    Its tokens are those of the model that stands in for the cloud; the prompt's are estimated.

    Args:
        answers: By the id of the question.
        ledger: The price table, and which row of it is the cloud's.
        on: The day whose prices are taken.

    Raises:
        BenchError: The price table has no such row.
    """
    price = PriceTable.load(ledger.prices).price(ledger.reference_model, on)
    if price is None:
        raise BenchError(
            f"The price table has no row {ledger.reference_model!r}: set ledger.reference_model"
            " to one that it has, or ledger.prices to a table of your own."
        )
    return {name: float(price.usd(_usage(answered))) for name, answered in answers.items()}


def _usage(answered: Answered) -> Usage:
    return Usage(
        input_tokens=Request(messages=answered.row.messages).estimated_tokens,
        output_tokens=len(answered.answer.logprobs),
    )
