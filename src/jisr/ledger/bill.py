"""What one turn costs, in money and energy, wherever it ran.

Money is what somebody is billed: nothing for the device, nothing for a cloud on
this machine, the price table's figure for any other cloud, and unknown, which
is not nothing, where the table has no row.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from jisr.clock import Clock
from jisr.ledger.energy import (
    EnergyMeter,
    Reading,
    estimate_cloud_joules,
    estimate_device_joules,
)
from jisr.ledger.prices import PriceTable
from jisr.types import Place, Usage

FREE = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudRate:
    """By what the answers of one cloud are billed."""

    model: str
    """Row of the price table."""
    is_free: bool
    """It is a process on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """By what a turn is billed."""

    clouds: tuple[CloudRate, ...]
    """The cloud and those that stand in for it, in their order; empty: there is none."""
    reference_model: str
    """Row that says what cloud-only would have cost, where the cloud itself has no price."""
    device_watts: float
    cloud_joules_per_token: float


class Bill:
    """Works out costs from rates, a price table and the machine's energy counters."""

    def __init__(self, rates: Rates, prices: PriceTable, meter: EnergyMeter, clock: Clock) -> None:
        self._rates = rates
        self._prices = prices
        self._meter = meter
        self._clock = clock

    def usd(self, place: Place, usage: Usage | None, answered_by: int = 0) -> Decimal | None:
        """Return the price of a completion; None if it is not known.

        Args:
            place: Where it was computed.
            usage: What it used.
            answered_by: Number of the cloud that answered, where several are set.
        """
        if place is Place.DEVICE:
            return FREE
        clouds = self._rates.clouds
        return self._usd_of(clouds[answered_by], usage) if answered_by < len(clouds) else None

    def usd_cloud_only(self, usage: Usage | None) -> Decimal | None:
        """Return what the same tokens would cost in the cloud; None if it is not known."""
        clouds = self._rates.clouds
        own = self._price(clouds[0].model, usage) if clouds else None
        return self._price(self._rates.reference_model, usage) if own is None else own

    def expected_usd(self, input_tokens: int, output_tokens: int) -> Decimal | None:
        """Return the most that a turn would cost in the cloud; None if it is not known.

        Any of the clouds may come to answer, so it is that of the dearest.
        """
        usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
        costs = [self._usd_of(cloud, usage) for cloud in self._rates.clouds]
        known = [cost for cost in costs if cost is not None]
        return max(known) if known and len(known) == len(costs) else None

    def start(self) -> Reading | None:
        """Return the energy counters before a completion; None where they cannot be read."""
        return self._meter.read()

    def joules_since(self, before: Reading | None) -> float | None:
        """Return the energy measured since; None where it cannot be."""
        return self._meter.joules_since(before)

    def joules_estimated(
        self, place: Place, usage: Usage | None, generate_ms: float, withdrawn_ms: float = 0.0
    ) -> float | None:
        """Return the energy a completion is thought to have used; None if nothing is known.

        Args:
            place: Where it was computed.
            usage: What it used.
            generate_ms: What it took.
            withdrawn_ms: What an answer of the device took before, which does not stand.
        """
        watts = self._rates.device_watts
        withdrawn = estimate_device_joules(withdrawn_ms / 1000, watts)
        device = estimate_device_joules(generate_ms / 1000, watts)
        if place is Place.DEVICE:
            return withdrawn + device
        if usage is None:
            return None
        cloud = estimate_cloud_joules(usage.output_tokens, self._rates.cloud_joules_per_token)
        return withdrawn + (cloud + device if place is Place.JOINT else cloud)

    def _usd_of(self, cloud: CloudRate, usage: Usage | None) -> Decimal | None:
        return FREE if cloud.is_free else self._price(cloud.model, usage)

    def _price(self, model: str, usage: Usage | None) -> Decimal | None:
        if usage is None:
            return None
        price = self._prices.price(model, self._clock.now().date())
        return None if price is None else price.usd(usage)
