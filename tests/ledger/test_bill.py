from decimal import Decimal

import pytest

from jisr.clock import FakeClock
from jisr.ledger.bill import Bill, CloudRate, Rates
from jisr.ledger.energy import EnergyMeter
from jisr.ledger.prices import PriceTable
from jisr.types import Place, Usage

USAGE = Usage(input_tokens=1_000_000, output_tokens=1_000_000)
TABLE = PriceTable.load(None)


DEAR = CloudRate(model="gpt-4o", is_free=False)
UNKNOWN = CloudRate(model="my-own-model", is_free=False)
HERE = CloudRate(model="gpt-4o", is_free=True)


def bill(
    cloud_model: str | None = "gpt-4o-mini", *fallbacks: CloudRate, is_cloud_free: bool = False
) -> Bill:
    clouds = [CloudRate(model=cloud_model, is_free=is_cloud_free)] if cloud_model else []
    rates = Rates(
        clouds=(*clouds, *fallbacks),
        reference_model="gpt-4o",
        device_watts=15.0,
        cloud_joules_per_token=2.0,
    )
    return Bill(rates, TABLE, EnergyMeter(), FakeClock())


def price(model: str) -> Decimal | None:
    found = TABLE.price(model, FakeClock().now().date())
    return found.usd(USAGE) if found else None


def test_the_device_costs_nobody_anything() -> None:
    assert bill().usd(Place.DEVICE, USAGE) == 0
    assert bill().usd(Place.DEVICE, None) == 0


def test_the_cloud_costs_what_the_table_says() -> None:
    assert bill().usd(Place.CLOUD, USAGE) == price("gpt-4o-mini")


@pytest.mark.parametrize(
    ("model", "usage"), [("my-own-model", USAGE), ("gpt-4o-mini", None), (None, USAGE)]
)
def test_what_is_not_known_is_not_nothing(model: str | None, usage: Usage | None) -> None:
    assert bill(model).usd(Place.CLOUD, usage) is None


def test_a_cloud_on_this_machine_costs_nothing_whatever_its_model_is_called() -> None:
    assert bill("gpt-4o", is_cloud_free=True).usd(Place.CLOUD, USAGE) == 0
    assert bill("gpt-4o", is_cloud_free=True).expected_usd(10, 10) == 0


def test_the_cloud_that_answered_is_billed_and_no_other() -> None:
    several = bill("gpt-4o-mini", DEAR, HERE, UNKNOWN)

    told = [several.usd(Place.CLOUD, USAGE, answered_by) for answered_by in range(4)]

    assert told == [price("gpt-4o-mini"), price("gpt-4o"), 0, None]
    assert price("gpt-4o-mini") != price("gpt-4o")


@pytest.mark.parametrize(
    ("fallbacks", "expected"),
    [((HERE,), "gpt-4o-mini"), ((DEAR, HERE), "gpt-4o"), ((DEAR, UNKNOWN), "my-own-model")],
)
def test_the_most_a_turn_can_cost_is_that_of_the_dearest_that_may_answer(
    fallbacks: tuple[CloudRate, ...], expected: str
) -> None:
    told = bill("gpt-4o-mini", *fallbacks).expected_usd(1_000_000, 1_000_000)

    assert told == price(expected)


def test_what_cloud_only_would_have_cost_is_the_clouds_own_price_if_it_has_one() -> None:
    assert bill().usd_cloud_only(USAGE) == price("gpt-4o-mini")
    assert bill("my-own-model").usd_cloud_only(USAGE) == price("gpt-4o")
    assert bill(None).usd_cloud_only(USAGE) == price("gpt-4o")
    assert bill().usd_cloud_only(None) is None


def test_the_most_a_turn_can_cost_is_known_before_it_runs() -> None:
    assert bill().expected_usd(1_000_000, 1_000_000) == price("gpt-4o-mini")


def test_the_devices_energy_is_estimated_by_its_time_and_the_clouds_by_its_tokens() -> None:
    short = Usage(input_tokens=5, output_tokens=3)

    assert bill().joules_estimated(Place.DEVICE, None, 2000) == pytest.approx(30)
    assert bill().joules_estimated(Place.CLOUD, short, 2000) == pytest.approx(6)
    assert bill().joules_estimated(Place.CLOUD, None, 2000) is None


def test_a_joint_turn_takes_both_energies_and_the_clouds_price() -> None:
    short = Usage(input_tokens=5, output_tokens=3)

    assert bill().joules_estimated(Place.JOINT, short, 2000) == pytest.approx(36)
    assert bill().joules_estimated(Place.JOINT, None, 2000) is None
    assert bill("gpt-4o", DEAR).usd(Place.JOINT, USAGE) == price("gpt-4o")


def test_energy_that_was_not_measured_is_not_known() -> None:
    assert bill().joules_since(None) is None
