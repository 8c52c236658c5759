"""What time it is, as a thing that can be handed in: the system's clock and a fake one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time of day and measures durations."""

    def now(self) -> datetime:
        """Return the time of day, UTC and aware."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds since some fixed moment; it never goes back."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the time of day, UTC and aware."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Return seconds since some fixed moment; it never goes back."""
        return time.perf_counter()


@dataclass(slots=True)
class FakeClock:
    """A clock that moves only when told to: for tests."""

    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    elapsed_s: float = 0.0

    def now(self) -> datetime:
        """Return the moment it was set to, plus what has passed since."""
        return self.at + timedelta(seconds=self.elapsed_s)

    def monotonic_s(self) -> float:
        """Return the seconds it was advanced by."""
        return self.elapsed_s

    def advance(self, seconds: float) -> None:
        """Let time pass; both readings move together."""
        self.elapsed_s += seconds
