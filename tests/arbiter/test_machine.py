from pathlib import Path

import pytest

from jisr.arbiter.machine import Machine, read_machine


def supply(root: Path, name: str, **files: str) -> None:
    folder = root / "power_supply" / name
    folder.mkdir(parents=True)
    for file, text in files.items():
        (folder / file).write_text(text + "\n")


def zone(root: Path, number: int, temp: str) -> None:
    folder = root / "thermal" / f"thermal_zone{number}"
    folder.mkdir(parents=True)
    (folder / "temp").write_text(temp + "\n")


def read(root: Path) -> Machine:
    return read_machine(root, lambda: (3.0, 1.0, 0.5), num_cores=4)


def test_a_machine_that_tells_nothing_is_not_known(tmp_path: Path) -> None:
    assert read_machine(tmp_path / "nowhere", None) == Machine()


def test_a_laptop_on_its_battery(tmp_path: Path) -> None:
    supply(tmp_path, "AC", type="Mains", online="0")
    supply(tmp_path, "BAT0", type="Battery", status="Discharging", capacity="43")

    assert (read(tmp_path).on_battery, read(tmp_path).battery_share) == (True, 0.43)


@pytest.mark.parametrize(
    ("status", "online", "on_battery"),
    [
        ("Charging", "1", False),
        ("Not charging", "1", False),
        ("Full", "0", False),
        ("Unknown", "0", None),
    ],
)
def test_a_laptop_that_is_plugged_in(
    tmp_path: Path, status: str, online: str, on_battery: bool | None
) -> None:
    supply(tmp_path, "AC", type="Mains", online=online)
    supply(tmp_path, "BAT0", type="Battery", status=status, capacity="100")

    assert read(tmp_path).on_battery is on_battery


def test_the_battery_of_a_mouse_is_not_the_machine_s(tmp_path: Path) -> None:
    supply(tmp_path, "mouse", type="Battery", status="Discharging", capacity="5", scope="Device")

    assert read(tmp_path) == Machine(device_load=0.75)


def test_the_emptiest_of_two_batteries_counts(tmp_path: Path) -> None:
    supply(tmp_path, "BAT0", type="Battery", status="Full", capacity="100")
    supply(tmp_path, "BAT1", type="Battery", status="Discharging", capacity="20")
    supply(tmp_path, "BAT2", type="Battery", status="Unknown")

    assert (read(tmp_path).on_battery, read(tmp_path).battery_share) == (True, 0.2)


def test_the_hottest_sensor_that_works_is_told(tmp_path: Path) -> None:
    for number, temp in enumerate(["41000", "63500", "-274000", "999000", "broken"]):
        zone(tmp_path, number, temp)

    assert read(tmp_path).temperature_c == 63.5


def test_load_is_a_share_of_the_cores(tmp_path: Path) -> None:
    def fails() -> tuple[float, float, float]:
        raise OSError("not told")

    assert read(tmp_path).device_load == 0.75
    assert read_machine(tmp_path, fails).device_load is None


def test_this_machine_can_be_read() -> None:
    machine = read_machine()

    assert machine.battery_share is None or 0 <= machine.battery_share <= 1
    assert machine.device_load is None or machine.device_load >= 0
