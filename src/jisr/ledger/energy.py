"""How much energy a turn took: measured where the processor tells, else estimated.

The two are never mixed: a measurement is of this machine's processor packages while
the turn ran, an estimate is of what the turn itself is thought to have used.

What is covered: processors whose energy counters Linux shows (RAPL), if they may be read.

What is not covered: memory, graphics cards and the rest of the machine; telling apart
turns that run at once, each of which is given all that was drawn meanwhile; a counter
that came round more than once between two readings.

Source: Linux kernel documentation, "Power Capping Framework"; Epoch AI 2025, "How much
energy does ChatGPT use?" (about 0.3 Wh for an answer of GPT-4o of some 500 tokens; rounded,
the default of `ledger.cloud_joules_per_token`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

RAPL_ROOT = Path("/sys/class/powercap")

_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Reading:
    """The energy counters at one moment, in microjoules, by processor package."""

    microjoules: Mapping[Path, int]


class EnergyMeter:
    """Reads the energy counters of the processor packages."""

    def __init__(self, root: Path = RAPL_ROOT) -> None:
        self._root = root
        self._ranges: dict[Path, int] | None = None

    def read(self) -> Reading | None:
        """Return the counters now; None if there are none, or they may not be read."""
        if self._ranges is None:
            self._ranges = _packages(self._root)
        counters = {zone: _number(zone / "energy_uj") for zone in self._ranges}
        known = {zone: value for zone, value in counters.items() if value is not None}
        return Reading(known) if known and len(known) == len(counters) else None

    def joules_since(self, before: Reading | None) -> float | None:
        """Return the energy drawn since a reading; None if it cannot be told."""
        now = self.read() if before is not None else None
        if before is None or now is None or now.microjoules.keys() != before.microjoules.keys():
            return None
        ranges = self._ranges or {}
        drawn = (
            _difference(start, now.microjoules[zone], ranges[zone])
            for zone, start in before.microjoules.items()
        )
        return sum(drawn) / _MICRO


def estimate_device_joules(seconds: float, watts: float) -> float:
    """Return what the device draws in a time at a power."""
    return seconds * watts


def estimate_cloud_joules(output_tokens: int, joules_per_token: float) -> float:
    """Return what a cloud draws for an answer of so many tokens."""
    return output_tokens * joules_per_token


def _difference(start: int, end: int, largest: int) -> int:
    """Return how far a counter went that begins again at 0 after `largest`."""
    return end - start if end >= start else end + largest - start


def _packages(root: Path) -> dict[Path, int]:
    """Return the zones that are whole processor packages, and their counters' ranges."""
    ranges = {}
    for zone in sorted(root.glob("intel-rapl:*")):
        largest = _number(zone / "max_energy_range_uj")
        # "psys" and the sub-zones count again what the packages count.
        if zone.name.count(":") == 1 and largest and _line(zone / "name").startswith("package"):
            ranges[zone] = largest
    return ranges


def _number(path: Path) -> int | None:
    line = _line(path)
    return int(line) if line.isdecimal() else None


def _line(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
