"""What turns cost together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from jisr.types import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTotals:
    """What the turns of one place cost together."""

    num_turns: int = 0
    num_failed: int = 0
    """Turns that ended in an error."""
    num_left_device: int = 0
    """Turns of which text was sent beyond this machine."""
    num_private_spans: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    """The part of `input_tokens` that was read from a cache."""
    usd: Decimal = Decimal(0)
    num_unpriced: int = 0
    """Turns that are not in `usd`, because their price is not known."""
    usd_cloud_only: Decimal = Decimal(0)
    """What the same tokens would have cost in the cloud."""
    num_unpriced_cloud_only: int = 0
    """Turns that are not in `usd_cloud_only`."""
    joules_measured: float = 0.0
    num_measured: int = 0
    """Turns that are in `joules_measured`."""
    joules_estimated: float = 0.0
    num_estimated: int = 0
    """Turns that are in `joules_estimated`."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What the turns of a time cost, by place and together."""

    by_place: Mapping[Place, PlaceTotals]

    @property
    def together(self) -> PlaceTotals:
        """The sum over all places."""
        rows = list(self.by_place.values())
        return PlaceTotals(
            num_turns=sum(row.num_turns for row in rows),
            num_failed=sum(row.num_failed for row in rows),
            num_left_device=sum(row.num_left_device for row in rows),
            num_private_spans=sum(row.num_private_spans for row in rows),
            input_tokens=sum(row.input_tokens for row in rows),
            output_tokens=sum(row.output_tokens for row in rows),
            cached_tokens=sum(row.cached_tokens for row in rows),
            usd=sum((row.usd for row in rows), Decimal(0)),
            num_unpriced=sum(row.num_unpriced for row in rows),
            usd_cloud_only=sum((row.usd_cloud_only for row in rows), Decimal(0)),
            num_unpriced_cloud_only=sum(row.num_unpriced_cloud_only for row in rows),
            joules_measured=sum(row.joules_measured for row in rows),
            num_measured=sum(row.num_measured for row in rows),
            joules_estimated=sum(row.joules_estimated for row in rows),
            num_estimated=sum(row.num_estimated for row in rows),
        )
