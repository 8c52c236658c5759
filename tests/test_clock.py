from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.clock import Clock, FakeClock, SystemClock


@pytest.mark.parametrize("clock", [SystemClock(), FakeClock()])
def test_every_clock_tells_utc_and_never_goes_back(clock: Clock) -> None:
    first = clock.monotonic_s()

    assert clock.now().tzinfo is UTC
    assert clock.monotonic_s() >= first


def test_the_system_s_clock_is_the_machine_s() -> None:
    assert abs(SystemClock().now() - datetime.now(UTC)) < timedelta(seconds=10)


def test_a_fake_clock_stands_still_by_itself() -> None:
    clock = FakeClock()

    assert clock.now() == clock.now()
    assert clock.monotonic_s() == clock.monotonic_s() == 0


@given(st.lists(st.floats(0, 1e6), max_size=5))
def test_a_fake_clock_s_two_readings_move_together(steps: list[float]) -> None:
    clock = FakeClock()
    for step in steps:
        clock.advance(step)

    assert clock.now() - clock.at == timedelta(seconds=clock.monotonic_s())
