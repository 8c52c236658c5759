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
class Rates:
    """By what a turn is billed."""

    cloud_model: str | None
    """Row of the price table that bills the cloud; None: there is no cloud."""
    reference_model: str
    """Row that says what cloud-only would have cost, where the cloud itself has no price."""
    is_cloud_free: bool
    """The cloud is a process on this machine."""
    device_watts: float
    cloud_joules_per_token: float


class Bill:
    """Works out costs from rates, a price table and the machine's energy counters."""

    def __init__(self, rates: Rates, prices: PriceTable, meter: EnergyMeter, clock: Clock) -> None:
        self._rates = rates
        self._prices = prices
        self._meter = meter
        self._clock = clock

    def usd(self, place: Place, usage: Usage | None) -> Decimal | None:
        """Return the price of a completion; None if it is not known."""
        if place is Place.DEVICE or self._rates.is_cloud_free:
            return FREE
        return self._price(self._rates.cloud_model, usage)

    def usd_cloud_only(self, usage: Usage | None) -> Decimal | None:
        """Return what the same tokens would cost in the cloud; None if it is not known."""
        own = self._price(self._rates.cloud_model, usage)
        return self._price(self._rates.reference_model, usage) if own is None else own

    def expected_usd(self, input_tokens: int, output_tokens: int) -> Decimal | None:
        """Return the most that a turn would cost in the cloud; None if it is not known."""
        usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
        return self.usd(Place.CLOUD, usage)

    def start(self) -> Reading | None:
        """Return the energy counters before a completion; None where they cannot be read."""
        return self._meter.read()

    def joules_since(self, before: Reading | None) -> float | None:
        """Return the energy measured since; None where it cannot be."""
        return self._meter.joules_since(before)

    def joules_estimated(
        self, place: Place, usage: Usage | None, generate_ms: float
    ) -> float | None:
        """Return the energy a completion is thought to have used; None if nothing is known."""
        if place is Place.DEVICE:
            return estimate_device_joules(generate_ms / 1000, self._rates.device_watts)
        if usage is None:
            return None
        return estimate_cloud_joules(usage.output_tokens, self._rates.cloud_joules_per_token)

    def _price(self, model: str | None, usage: Usage | None) -> Decimal | None:
        if model is None or usage is None:
            return None
        price = self._prices.price(model, self._clock.now().date())
        return None if price is None else price.usd(usage)
