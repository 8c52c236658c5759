"""What turns took lately in each place: what the next one is expected to take there."""

from __future__ import annotations

from dataclasses import dataclass, field

from jisr.events import Stage
from jisr.types import Place, TurnRecord

WEIGHT = 0.2
"""Of the newest turn in a running mean."""


@dataclass(slots=True)
class Lately:
    """Running means over the turns of this process."""

    _ms: dict[Place, float] = field(default_factory=dict)
    _device_joules: float | None = None

    def note(self, record: TurnRecord) -> None:
        """Take in a turn that a place answered by itself; one that failed tells nothing."""
        has_one_place = not record.failed_places and record.withdrawn_model is None
        elapsed_ms = record.stages.get(Stage.GENERATE.value, 0.0)
        if record.error is not None or not has_one_place or record.usage is None or not elapsed_ms:
            return
        self._ms[record.place] = _mean(self._ms.get(record.place), elapsed_ms)
        joules = record.joules_measured or record.joules_estimated
        if record.place is Place.DEVICE and joules is not None:
            self._device_joules = _mean(self._device_joules, joules)

    def ms(self, place: Place) -> float | None:
        """Return the milliseconds of a turn there; None: there was none yet."""
        return self._ms.get(place)

    @property
    def device_joules(self) -> float | None:
        """Joules of a turn on the device; None: not known."""
        return self._device_joules


def _mean(before: float | None, newest: float) -> float:
    return newest if before is None else before + WEIGHT * (newest - before)
