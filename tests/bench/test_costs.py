"""What the cloud's answers would cost is by the price table, and by nothing else."""

from datetime import date

import pytest

from jisr.bench.costs import cloud_usd
from jisr.config import LedgerSettings
from jisr.errors import BenchError
from tests.bench.routed import judged_rows

TODAY = date(2026, 6, 1)


def test_a_longer_answer_costs_more() -> None:
    answers = {row.row.id: row.device for row in judged_rows()}

    usd = cloud_usd(answers, LedgerSettings(), TODAY)

    assert usd.keys() == answers.keys()
    assert all(value > 0 for value in usd.values())


def test_a_model_without_a_price_is_named_with_the_remedy() -> None:
    with pytest.raises(BenchError, match=r"'nobody'.*ledger\.reference_model"):
        cloud_usd({}, LedgerSettings(reference_model="nobody"), TODAY)
