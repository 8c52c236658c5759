import pytest

from jisr.joint.base import Drafted
from jisr.joint.statistics import FORGET_AT, LEAST_MS, MOST_RISE, Acceptance, Mean, Statistics

SURE, UNSURE = Drafted(1, 0.99, "model"), Drafted(1, 0.1, "model")


def test_the_first_measurement_replaces_what_was_assumed_and_later_ones_count_less() -> None:
    mean = Mean(100.0)
    mean.add(10.0)
    assert mean.value == 10.0
    mean.add(20.0)
    assert 10.0 < mean.value < 15.0
    for _ in range(60):
        mean.add(50.0)
    assert mean.value == pytest.approx(50.0, abs=0.1)


def test_sure_guesses_are_expected_to_be_right_until_it_is_known_better() -> None:
    acceptance = Acceptance()
    assert acceptance.of(SURE) > 0.9
    assert acceptance.of(UNSURE) < 0.3

    for _ in range(100):
        acceptance.add(SURE, False)
        acceptance.add(UNSURE, True)

    assert acceptance.of(SURE) < 0.1
    assert acceptance.of(UNSURE) > 0.9
    assert acceptance.of(Drafted(1, 0.99, "ngram")) > 0.9  # another drafter's


def test_what_was_long_ago_fades() -> None:
    acceptance = Acceptance()
    for _ in range(int(20 * FORGET_AT)):
        acceptance.add(SURE, True)
    for _ in range(int(2 * FORGET_AT)):
        acceptance.add(SURE, False)

    assert acceptance.of(SURE) < 0.3


def test_more_drafted_tokens_give_more_per_pass_and_never_more_than_all() -> None:
    acceptance = Acceptance()
    for _ in range(1000):
        acceptance.add(SURE, True)
    per_pass = [acceptance.tokens_per_pass(num) for num in range(16)]

    assert per_pass[0] == pytest.approx(1.0)
    assert per_pass == sorted(per_pass)
    assert all(tokens <= num + 1 for num, tokens in enumerate(per_pass))


@pytest.mark.parametrize(
    "pass_ms",
    [
        (10.0, 9.0),
        (100.0, 90.0, 300.0, 120.0),
        (38.0, 80.0, 112.0, 149.0, 180.0, 220.0),
        tuple(float(100 + number % 3) for number in range(16)),
    ],
)
def test_passes_over_more_tokens_take_no_less_time(pass_ms: tuple[float, ...]) -> None:
    statistics = Statistics(pass_ms)
    times = [statistics.verify_ms(num) for num in range(2, 20)]

    assert times == sorted(times)
    assert all(statistics.step_ms(num) >= 0 for num in range(1, 20))
    assert statistics.expected_alone_ms() == pass_ms[0]


def test_load_makes_passes_longer() -> None:
    statistics = Statistics((10.0, 20.0, 30.0))
    before = statistics.verify_ms(2), statistics.step_ms(1)
    statistics.load.add(3.0)

    assert statistics.verify_ms(2) == pytest.approx(3 * before[0])
    assert before[1] < statistics.step_ms(1) <= MOST_RISE * before[1]


def test_for_what_is_drafted_in_one_session_all_sessions_wait() -> None:
    statistics = Statistics((10.0, 20.0, 30.0))
    alone_ms = statistics.step_ms(1)
    statistics.num_sessions.add(8)

    assert statistics.step_ms(1) == pytest.approx(8 * alone_ms)


def test_a_clock_that_stands_still_divides_nothing_by_zero() -> None:
    statistics = Statistics((10.0, 20.0))
    statistics.alone_ms.add(0.0)

    assert statistics.expected_alone_ms() == LEAST_MS
