"""A turn's record as a row of the ledger, and back.

Money is kept in millionths of a millionth of a USD, as a whole number, so that sums are
exact; a price per million tokens with six decimals fits in it without rounding.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from jisr.types import Exact, FinishReason, Goal, JointUse, Place, TurnRecord, Usage

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One turn, in plain values: what a table's row or a line of JSON can hold.

    What came after the first version has a default: lines written before lack it.
    """

    turn_id: str
    at_us: int
    """Microseconds since 1970, UTC."""
    place: str
    reason: str
    model: str
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    pico_usd: int | None
    pico_usd_cloud_only: int | None
    joules_measured: float | None
    joules_estimated: float | None
    private_spans: str
    left_device: int
    stages: str
    finish_reason: str | None
    confidence: float | None
    confidence_reason: str | None
    error: str | None
    failed_places: str
    ttft_ms: float | None = None
    joint: str | None = None
    """What a joint turn took, as JSON."""
    verdict: str | None = None
    verdict_reason: str | None = None
    withdrawn_model: str | None = None
    signals: str | None = None
    """What the place was decided from, as JSON."""

    def to_json(self) -> str:
        """Return the row as one line."""
        return json.dumps(asdict(self), ensure_ascii=True)


COLUMNS = tuple(column.name for column in fields(Row))
_REQUIRED = {column.name for column in fields(Row) if column.default is MISSING}


def row_of(record: TurnRecord) -> Row:
    """Return a record's row."""
    usage = record.usage
    return Row(
        turn_id=_plain(record.turn_id),
        at_us=microseconds(record.at),
        place=record.place.value,
        reason=_plain(record.reason),
        model=_plain(record.model),
        input_tokens=None if usage is None else min(usage.input_tokens, _LARGEST),
        output_tokens=None if usage is None else min(usage.output_tokens, _LARGEST),
        cached_tokens=None if usage is None else min(usage.cached_tokens, _LARGEST),
        pico_usd=pico_usd(record.usd),
        pico_usd_cloud_only=pico_usd(record.usd_cloud_only),
        joules_measured=record.joules_measured,
        joules_estimated=record.joules_estimated,
        private_spans=json.dumps(dict(record.private_spans)),
        left_device=int(record.left_device),
        stages=json.dumps({str(stage): ms for stage, ms in record.stages.items()}),
        finish_reason=None if record.finish_reason is None else record.finish_reason.value,
        confidence=record.confidence,
        confidence_reason=record.confidence_reason and _plain(record.confidence_reason),
        error=record.error and _plain(record.error),
        failed_places=json.dumps([place.value for place in record.failed_places]),
        ttft_ms=record.ttft_ms,
        joint=None if record.joint is None else _joint_json(record.joint),
        verdict=record.verdict and _plain(record.verdict),
        verdict_reason=record.verdict_reason and _plain(record.verdict_reason),
        withdrawn_model=record.withdrawn_model and _plain(record.withdrawn_model),
        signals=json.dumps(dict(record.signals), default=str) if record.signals else None,
    )


def record_of(row: Row) -> TurnRecord:
    """Return the record a row was made of."""
    usage = None
    if row.input_tokens is not None and row.output_tokens is not None:
        usage = Usage(
            input_tokens=row.input_tokens,
            output_tokens=row.output_tokens,
            cached_tokens=row.cached_tokens or 0,
        )
    return TurnRecord(
        turn_id=row.turn_id,
        at=_EPOCH + row.at_us * _MICROSECOND,
        place=Place(row.place),
        reason=row.reason,
        model=row.model,
        usage=usage,
        usd=usd_of(row.pico_usd),
        usd_cloud_only=usd_of(row.pico_usd_cloud_only),
        joules_measured=row.joules_measured,
        joules_estimated=row.joules_estimated,
        private_spans=json.loads(row.private_spans),
        left_device=bool(row.left_device),
        stages=json.loads(row.stages),
        finish_reason=None if row.finish_reason is None else FinishReason(row.finish_reason),
        confidence=row.confidence,
        confidence_reason=row.confidence_reason,
        error=row.error,
        failed_places=tuple(map(Place, json.loads(row.failed_places))),
        ttft_ms=row.ttft_ms,
        joint=None if row.joint is None else _joint(json.loads(row.joint)),
        verdict=row.verdict,
        verdict_reason=row.verdict_reason,
        withdrawn_model=row.withdrawn_model,
        signals={} if row.signals is None else json.loads(row.signals),
    )


def _joint_json(use: JointUse) -> str:
    return _plain(json.dumps(asdict(use), ensure_ascii=False))


def _joint(values: dict[str, Any]) -> JointUse:
    values["goal"], values["exact"] = Goal(values["goal"]), Exact(values["exact"])
    values["block_lengths"] = tuple(values["block_lengths"])
    return JointUse(**values)


def row_from_json(line: str) -> Row:
    """Return the row of a line that `to_json` of this or an earlier version wrote.

    Raises:
        ValueError: It is no such line.
    """
    values = json.loads(line)
    if not isinstance(values, Mapping) or not _REQUIRED <= values.keys() <= set(COLUMNS):
        raise ValueError("not a row of this ledger")
    return Row(**values)


def microseconds(at: datetime) -> int:
    """Return the microseconds since 1970 of an aware moment."""
    return (at - _EPOCH) // _MICROSECOND


def pico_usd(usd: Decimal | None) -> int | None:
    """Return an amount in 1e-12 USD, at most what a column can hold."""
    if usd is None:
        return None
    return min(_LARGEST, int(usd.scaleb(12).to_integral_value(ROUND_HALF_UP)))


def usd_of(pico: int | None) -> Decimal | None:
    """Return an amount given in 1e-12 USD."""
    return None if pico is None else Decimal(pico).scaleb(-12)


def _plain(text: str) -> str:
    """Return text that can be written as UTF-8, whatever half characters are in it."""
    return text.encode("utf-8", "replace").decode("utf-8")
