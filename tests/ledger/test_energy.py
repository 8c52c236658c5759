from pathlib import Path

import pytest

from jisr.ledger.energy import EnergyMeter, estimate_cloud_joules, estimate_device_joules


def zone(root: Path, name: str, label: str, microjoules: int, largest: int = 1_000_000_000) -> Path:
    folder = root / name
    folder.mkdir(exist_ok=True)
    (folder / "name").write_text(f"{label}\n")
    (folder / "max_energy_range_uj").write_text(f"{largest}\n")
    (folder / "energy_uj").write_text(f"{microjoules}\n")
    return folder


def set_counter(folder: Path, microjoules: int) -> None:
    (folder / "energy_uj").write_text(f"{microjoules}\n")


def test_packages_are_added_up_and_nothing_is_counted_twice(tmp_path: Path) -> None:
    packages = [zone(tmp_path, f"intel-rapl:{n}", f"package-{n}", 5_000_000) for n in (0, 1)]
    others = [
        zone(tmp_path, "intel-rapl:0:0", "core", 0),
        zone(tmp_path, "intel-rapl:2", "psys", 0),
        zone(tmp_path, "intel-rapl-mmio:0", "package-0", 0),
    ]
    meter = EnergyMeter(tmp_path)
    before = meter.read()

    for folder in packages:
        set_counter(folder, 6_500_000)
    for folder in others:
        set_counter(folder, 900_000_000)

    assert meter.joules_since(before) == 3.0


def test_a_counter_that_came_round_is_understood(tmp_path: Path) -> None:
    package = zone(tmp_path, "intel-rapl:0", "package-0", 9_000_000, largest=10_000_000)
    meter = EnergyMeter(tmp_path)
    before = meter.read()

    set_counter(package, 500_000)

    assert meter.joules_since(before) == 1.5


@pytest.mark.parametrize("content", [None, "", "much", "-5", "\u0665"])
def test_what_cannot_be_read_is_not_known(tmp_path: Path, content: str | None) -> None:
    package = zone(tmp_path, "intel-rapl:0", "package-0", 1)
    meter = EnergyMeter(tmp_path)
    before = meter.read()

    if content is None:
        (package / "energy_uj").unlink()
    else:
        (package / "energy_uj").write_text(content)

    assert before is not None
    assert meter.read() is None
    assert meter.joules_since(before) is None


def test_a_machine_without_counters_measures_nothing(tmp_path: Path) -> None:
    meter = EnergyMeter(tmp_path / "powercap")

    assert meter.read() is None
    assert meter.joules_since(None) is None


def test_estimates_are_plain_products() -> None:
    assert estimate_device_joules(seconds=2.0, watts=15.0) == 30.0
    assert estimate_cloud_joules(500, joules_per_token=2.0) == 1000.0
    assert estimate_cloud_joules(10, joules_per_token=0.5) == 5.0
