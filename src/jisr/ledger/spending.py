"""What has been spent since a moment, kept in memory: saved rows plus what is under way.

It is not locked: its owner holds a lock around each call.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MAX_WATCHED = 8
"""Moments that are kept; the one asked for first is forgotten first."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the rows of the file in `(after_row, last_row]` cost."""

    pico_usd: int
    after_row: int
    """0: these are all rows, not only newer ones."""
    last_row: int


@dataclass(slots=True)
class _Sum:
    unsaved: int
    saved: int | None = None
    """None: the file has not been asked yet."""
    last_row: int = 0


class Spending:
    """Sums of 1e-12 USD since each moment that somebody asked for."""

    def __init__(self) -> None:
        self._sums: dict[int, _Sum] = {}
        self._unsaved: deque[tuple[int, int]] = deque()
        self._aside: list[tuple[int, int]] = []  # spilled: spent, but in no row of the file

    def add(self, at_us: int, pico_usd: int) -> None:
        """Take in a turn that is not saved yet."""
        self._unsaved.append((at_us, pico_usd))
        for since_us, entry in self._sums.items():
            if at_us >= since_us:
                entry.unsaved += pico_usd

    def settle(self, num_turns: int, *, is_saved: bool) -> None:
        """Take the oldest turns that were under way as saved, or as set aside for later."""
        for _ in range(num_turns):
            at_us, pico_usd = self._unsaved.popleft()
            if not is_saved:
                self._aside.append((at_us, pico_usd))
                continue
            for since_us, entry in self._sums.items():
                if at_us >= since_us:
                    entry.unsaved -= pico_usd

    def take_back(self) -> None:
        """Say that what was set aside is saved now."""
        for at_us, pico_usd in self._aside:
            for since_us, entry in self._sums.items():
                if at_us >= since_us:
                    entry.unsaved -= pico_usd
        self._aside.clear()

    def watch(self, since_us: int) -> None:
        """Keep a sum since this moment from now on."""
        if since_us not in self._sums:
            while len(self._sums) >= MAX_WATCHED:
                del self._sums[next(iter(self._sums))]
            under_way = (*self._unsaved, *self._aside)
            self._sums[since_us] = _Sum(sum(pico for at_us, pico in under_way if at_us >= since_us))

    def watched(self) -> Mapping[int, int]:
        """Return each moment, and the last row of the file that its sum knows."""
        return {since_us: entry.last_row for since_us, entry in self._sums.items()}

    def saved(self, since_us: int, found: Found) -> None:
        """Take in what rows of the file cost."""
        if entry := self._sums.get(since_us):
            earlier = 0 if found.after_row == 0 else entry.saved or 0
            entry.saved, entry.last_row = earlier + found.pico_usd, found.last_row

    def give_up(self, moments: Iterable[int]) -> None:
        """Count what the file has since these moments as nothing until it can be read."""
        for since_us in moments:
            if (entry := self._sums.get(since_us)) and entry.saved is None:
                entry.saved = 0

    def is_known(self, since_us: int) -> bool:
        """Whether the file has been asked for this moment."""
        entry = self._sums.get(since_us)
        return entry is not None and entry.saved is not None

    def pico_usd(self, since_us: int) -> int:
        """Return the sum since a watched moment, as far as it is known."""
        entry = self._sums.get(since_us)
        return entry.unsaved + (entry.saved or 0) if entry else 0
