"""Records that the tests of this package share."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from jisr.types import FinishReason, Place, TurnRecord, Usage

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = datetime(2026, 3, 1, tzinfo=UTC)
NEXT_DAY = datetime(2026, 3, 2, tzinfo=UTC)

PLAIN = TurnRecord(
    turn_id="t-0",
    at=NOON,
    place=Place.CLOUD,
    reason="prefer_cloud",
    model="gpt-4o-mini",
    usage=Usage(input_tokens=100, output_tokens=20, cached_tokens=60),
    usd=Decimal("0.000024"),
    usd_cloud_only=Decimal("0.000024"),
    joules_measured=None,
    joules_estimated=40.0,
    private_spans={"EMAIL_ADDRESS": 2, "IBAN_CODE": 1},
    left_device=True,
    stages={"sight": 0.1, "generate": 812.5},
    finish_reason=FinishReason.STOP,
)


def record(number: int = 0, **change: Any) -> TurnRecord:
    """Return the record of a turn of that number."""
    return replace(PLAIN, turn_id=f"t-{number}", **change)
