"""How the machine is: on battery or not, how warm, how busy; None where it does not tell.

What is covered: Linux, by the files of its kernel. What is not: other systems, of which only
the load is told.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/class")
MILLI = 1000
COLDEST_C, HOTTEST_C = 1.0, 150.0
"""Outside of which a sensor is taken to be broken."""
PERIPHERAL = "Device"
"""The scope of a battery in a mouse or in headphones."""

Loads = Callable[[], tuple[float, float, float]]
LOADS: Loads | None = getattr(os, "getloadavg", None)
"""Not every system has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """How the machine is now. A field's name and meaning are those in `Signals`."""

    on_battery: bool | None = None
    battery_share: float | None = None
    temperature_c: float | None = None
    device_load: float | None = None


@dataclass(frozen=True, slots=True)
class _Supply:
    kind: str
    """Battery, Mains, USB and others."""
    status: str
    is_online: bool
    share: float | None


def read_machine(
    root: Path = ROOT,
    loads: Loads | None = LOADS,
    num_cores: int | None = None,
) -> Machine:
    """Return how the machine is.

    Args:
        root: Where the kernel's files are.
        loads: Returns the programs that wanted to run over 1, 5 and 15 minutes; None: the
            system does not tell.
        num_cores: None: as many as there are.
    """
    supplies = list(_supplies(root / "power_supply"))
    batteries = [it for it in supplies if it.kind == "Battery"]
    return Machine(
        on_battery=_on_battery(supplies, batteries),
        battery_share=min((it.share for it in batteries if it.share is not None), default=None),
        temperature_c=max(_temperatures(root / "thermal"), default=None),
        device_load=_load(loads, num_cores or os.cpu_count() or 1),
    )


def _on_battery(supplies: list[_Supply], batteries: list[_Supply]) -> bool | None:
    if any(it.status == "Discharging" for it in batteries):
        return True
    if any(it.is_online for it in supplies if it.kind != "Battery"):
        return False
    return False if any(it.status in ("Charging", "Full") for it in batteries) else None


def _supplies(folder: Path) -> Iterator[_Supply]:
    for path in _within(folder, "*"):
        if _text(path / "scope") == PERIPHERAL:
            continue
        capacity = _number(path / "capacity")
        yield _Supply(
            kind=_text(path / "type"),
            status=_text(path / "status"),
            is_online=_text(path / "online") not in ("", "0"),
            share=None if capacity is None else max(0.0, min(1.0, capacity / 100)),
        )


def _temperatures(folder: Path) -> Iterator[float]:
    for path in _within(folder, "thermal_zone*"):
        told = _number(path / "temp")
        if told is not None and COLDEST_C <= told / MILLI <= HOTTEST_C:
            yield told / MILLI


def _load(loads: Loads | None, num_cores: int) -> float | None:
    if loads is None:
        return None
    with suppress(OSError):
        return loads()[0] / num_cores
    return None


def _within(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:  # a driver may refuse to be read
        return ""


def _number(path: Path) -> float | None:
    try:
        return float(_text(path))
    except ValueError:
        return None
