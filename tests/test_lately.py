"""What turns took is remembered by place, the newest most; what failed tells nothing."""

from dataclasses import replace

import pytest

from jisr.events import Stage
from jisr.lately import Lately
from jisr.types import Place, TurnRecord
from tests.ledger.records import PLAIN


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

    lately.note(took(200.0))
    assert lately.ms(Place.DEVICE) == pytest.approx(120.0)
    assert lately.ms(Place.CLOUD) is None


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
