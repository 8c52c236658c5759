"""What turns took lately in each place: what the next one is expected to take there.

It is the median of the last turns and no mean: one turn beside which something else kept the
machine busy can take fifty times as long as the others, and would raise a mean for many turns
after it, and with it what the device is reckoned to cost. In a median it is one of nine. Of an
even number the lower of the two in the middle is taken, for what disturbs a turn makes it longer:
so the first turn of a process, which is often the slow one, counts only until the second.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from functools import partial
from statistics import median_low

from jisr.events import Stage
from jisr.types import Place, TurnRecord

NUM_TURNS = 9
"""The last ones, of which the median is taken: a lasting change shows after five."""

Last = partial(deque[float], maxlen=NUM_TURNS)


@dataclass(slots=True)
class Lately:
    """Running medians over the turns of this process."""

    _ms: defaultdict[Place, deque[float]] = field(default_factory=lambda: defaultdict(Last))
    _device_joules: deque[float] = field(default_factory=Last)

    def note(self, record: TurnRecord) -> None:
        """Take in a turn that a place answered by itself; one that failed tells nothing."""
        has_one_place = not record.failed_places and record.withdrawn_model is None
        elapsed_ms = record.stages.get(Stage.GENERATE.value, 0.0)
        if record.error is not None or not has_one_place or record.usage is None or not elapsed_ms:
            return
        self._ms[record.place].append(elapsed_ms)
        joules = record.joules_measured or record.joules_estimated
        if record.place is Place.DEVICE and joules is not None:
            self._device_joules.append(joules)

    def ms(self, place: Place) -> float | None:
        """Return the milliseconds of a turn there; None: there was none yet."""
        return _median(self._ms[place])

    @property
    def device_joules(self) -> float | None:
        """Joules of a turn on the device; None: not known."""
        return _median(self._device_joules)


def _median(last: deque[float]) -> float | None:
    return median_low(last) if last else None
