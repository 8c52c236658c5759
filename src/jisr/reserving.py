"""What cloud turns under way may cost is set aside, so that together they cannot overspend."""

from __future__ import annotations

from decimal import Decimal

from jisr.turn import Turn
from jisr.types import Place


class Reservations:
    """Money that turns under way may cost, and those that did not say what they did."""

    def __init__(self) -> None:
        self.usd = Decimal(0)

    def reserve(self, turn: Turn, cost_usd: Decimal | None) -> None:
        """Set aside what a turn may cost where it was decided to run."""
        assert turn.decision is not None
        self.release(turn)
        if turn.decision.place is not Place.DEVICE and cost_usd is not None:
            turn.reserved_usd = cost_usd
            self.usd += cost_usd

    def release(self, turn: Turn) -> None:
        """Give back what was set aside, unless a cloud gave an answer and did not say its size."""
        if turn.usage is not None or not turn.has_begun:
            self.usd -= turn.reserved_usd
            turn.reserved_usd = Decimal(0)
