"""What turns took is remembered by place, the last of them; what failed tells nothing."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field, replace

import pytest

from jisr.backends.scripted import ScriptedBackend
from jisr.clock import FakeClock
from jisr.events import Stage
from jisr.lately import Lately
from jisr.types import Delta, Outbound, Place, Request, TurnRecord
from tests.ledger.records import PLAIN
from tests.runtimes import USAGE, asked, outputs, runtime, saying


def took(ms: float, place: Place = Place.DEVICE, joules: float | None = None) -> TurnRecord:
    return replace(
        PLAIN,
        place=place,
        stages={Stage.GENERATE.value: ms},
        error=None,
        failed_places=(),
        withdrawn_model=None,
        joules_measured=None,
        joules_estimated=joules,
    )


def test_the_first_turn_is_what_is_expected_and_later_ones_move_it() -> None:
    lately = Lately()
    assert lately.ms(Place.DEVICE) is None

    lately.note(took(100.0))
    assert lately.ms(Place.DEVICE) == 100.0

    for _ in range(2):
        lately.note(took(200.0))
    assert lately.ms(Place.DEVICE) == 200.0
    assert lately.ms(Place.CLOUD) is None


@pytest.mark.parametrize("at", range(4))
def test_one_turn_that_was_disturbed_moves_nothing_wherever_it_stands(at: int) -> None:
    lately = Lately()
    for number in range(4):
        is_disturbed = number == at
        lately.note(
            took(26_000.0 if is_disturbed else 500.0, joules=390.0 if is_disturbed else 7.5)
        )
        if number:
            assert lately.ms(Place.DEVICE) == 500.0
            assert lately.device_joules == 7.5


def test_a_device_that_became_slower_is_known_to_be_after_five_turns_and_for_good() -> None:
    lately = Lately()
    for _ in range(100):
        lately.note(took(500.0))
    expected = []
    for _ in range(9):
        lately.note(took(2_000.0))
        expected.append(lately.ms(Place.DEVICE))

    assert expected == [500.0] * 4 + [2_000.0] * 5


@dataclass
class Timed(ScriptedBackend):
    """A device whose turns take what is told, by a clock that only it moves."""

    clock: FakeClock = field(default_factory=FakeClock)
    take_s: Iterable[float] = ()

    def __post_init__(self) -> None:
        self._next_s = iter(self.take_s)

    async def stream(self, turn: Request | Outbound) -> AsyncGenerator[Delta, None]:
        self.clock.advance(next(self._next_s))
        async for delta in super().stream(turn):
            yield delta


def test_what_the_arbiter_expects_of_the_device_is_not_what_one_disturbed_turn_took() -> None:
    clock = FakeClock()
    take_s = [0.5, 0.625, 26.0, 0.5, 0.75]
    device = Timed([["hello"]] * 5, usage=USAGE, clock=clock, take_s=take_s)
    jisr = runtime(device=device, cloud=saying(), clock=clock)

    async def expected_ms() -> list[float | None]:
        found = []
        for _ in take_s:
            found.append((await jisr.decide(asked()))[0].device_ms)
            await outputs(jisr, asked())
        return [*found, (await jisr.decide(asked()))[0].device_ms]

    assert asyncio.run(expected_ms()) == [None, 500.0, 500.0, 625.0, 500.0, 625.0]


def test_joules_are_those_of_the_device() -> None:
    lately = Lately()

    lately.note(took(100.0, Place.CLOUD, 9.0))
    assert lately.device_joules is None

    lately.note(took(100.0, joules=3.0))
    assert lately.device_joules == 3.0


@pytest.mark.parametrize(
    "more",
    [
        {"error": "backend_broken"},
        {"failed_places": (Place.CLOUD,)},
        {"withdrawn_model": "small"},
        {"usage": None},
        {"stages": {}},
    ],
)
def test_a_turn_that_was_not_one_place_s_own_tells_nothing(more: dict[str, object]) -> None:
    lately = Lately()

    lately.note(replace(took(100.0), **more))  # type: ignore[arg-type]  # fields of a record

    assert lately.ms(Place.DEVICE) is None
