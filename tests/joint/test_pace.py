"""How far is drafted, by what is known of link, drafter and verifier."""

import pytest

from jisr.joint.base import Drafted
from jisr.joint.pace import (
    CheapPace,
    FastPace,
    FixedPace,
    Outlook,
    Pace,
    best_length,
    pace_for,
    predicted_ms,
)
from jisr.joint.statistics import Statistics
from jisr.types import Goal

MOST = 15
FLAT = tuple(100.0 + 2 * number for number in range(16))
"""Passes bound by memory: more tokens are nearly free."""
STEEP = (38.0, 80.0, 112.0, 149.0, 183.0, 220.0, 256.0, 290.0)
"""Passes bound by computing: four tokens take four times as long."""


def known(
    pass_ms: tuple[float, ...] = FLAT,
    *,
    draft_ms: float = 10.0,
    rtt_ms: float = 10.0,
    acceptance: float = 0.8,
) -> Statistics:
    statistics = Statistics(pass_ms)
    statistics.draft_ms.add(draft_ms)
    statistics.rtt_ms.add(rtt_ms)
    statistics.acceptance.overall.value = acceptance
    return statistics


def drafted(pace: Pace, acceptance: float, *, under_way: int = 0) -> int:
    """Return how many guesses a pace has made, each of them so likely to be right."""
    guesses: list[float] = []
    while len(guesses) < 99:
        outlook = Outlook([acceptance] * under_way, guesses, is_waiting=under_way > 0)
        if not pace.goes_on(outlook):
            break
        guesses.append(acceptance)
    return len(guesses)


def test_a_fixed_pace_makes_blocks_of_its_length_one_at_a_time() -> None:
    pace = FixedPace(4)

    assert drafted(pace, 0.01) == 4
    assert drafted(pace, 0.99, under_way=1) == 0
    assert pace.num_to_send(Outlook([], [0.5] * 3, is_waiting=False), is_drafting=True) is None
    assert pace.num_to_send(Outlook([], [0.5] * 3, is_waiting=False), is_drafting=False) == 3
    assert pace.num_to_send(Outlook([], [0.5] * 9, is_waiting=False), is_drafting=True) == 4
    assert pace.num_to_send(Outlook([0.5], [0.5] * 4, is_waiting=True), is_drafting=False) is None
    assert pace.num_to_send(Outlook([], [], is_waiting=False), is_drafting=False) == 0
    assert (pace.alone_tokens(), pace.races()) == (0, False)


def test_a_cheap_pace_makes_no_pass_that_a_wait_can_save() -> None:
    cheap, fast = CheapPace(known(), MOST), FastPace(known(), MOST)

    assert (cheap.begins_alone(), fast.begins_alone()) == (False, True)
    assert cheap.patience_ms() > 10 * fast.patience_ms() >= 10 * FLAT[0]


def test_a_cheap_pace_sends_long_blocks_and_never_leaves_the_verifier_alone() -> None:
    pace = CheapPace(known(STEEP, acceptance=0.9, rtt_ms=900), MOST)
    for _ in range(50):
        pace.note_round(9999.0, 1)

    assert drafted(pace, 0.95) == MOST
    assert 1 <= drafted(pace, 0.3) < 8
    assert pace.num_to_send(Outlook([], [0.9] * 15, is_waiting=False), is_drafting=True) == MOST
    assert pace.num_to_send(Outlook([0.9], [0.9] * 9, is_waiting=True), is_drafting=False) is None
    assert (pace.alone_tokens(), pace.races()) == (0, False)


def test_a_fast_pace_drafts_far_when_sure_and_little_when_not() -> None:
    pace = FastPace(known(acceptance=0.9), MOST)

    assert drafted(pace, 0.99) >= 8
    assert drafted(pace, 0.3) <= 2
    assert drafted(pace, 0.99) > drafted(pace, 0.8) > drafted(pace, 0.3)


def test_a_fast_pace_drafts_on_while_a_block_is_under_way_if_that_is_likely_of_use() -> None:
    pace = FastPace(known(acceptance=0.9), MOST)

    assert drafted(pace, 0.95, under_way=4) > 0
    assert drafted(pace, 0.3, under_way=4) == 0


def test_a_fast_pace_sends_no_guesses_that_are_not_worth_their_place() -> None:
    pace = FastPace(known(STEEP), 7)
    unsure = Outlook([], [0.01, 0.01, 0.01], is_waiting=False)
    sure = Outlook([], [0.999] * 3, is_waiting=False)

    assert pace.num_to_send(unsure, is_drafting=False) == 0
    assert FastPace(known(), MOST).num_to_send(sure, is_drafting=False) == 3


def test_a_verifier_that_is_faster_alone_is_left_alone_and_joint_is_tried_again() -> None:
    pace = FastPace(known(STEEP, acceptance=0.6, draft_ms=20.0), 7)
    assert pace.alone_tokens() > 0  # by the formula already

    pace = FastPace(known(STEEP, acceptance=0.6, draft_ms=20.0, rtt_ms=100.0), 7)
    first = pace.alone_tokens()
    for _ in range(30):
        pace.note_round(200.0, 1)  # five times what it takes alone
    second = pace.alone_tokens()
    assert 0 < first < second


def test_a_crowd_that_fills_the_passes_is_left_to_the_verifier() -> None:
    statistics = known(tuple(84.0 + 12 * number for number in range(16)))
    assert FastPace(statistics, MOST).alone_tokens() == 0

    for _ in range(40):
        statistics.num_sessions.add(8)
    statistics.draft_ms.value = 60.0  # eight drafters share a core

    assert FastPace(statistics, MOST).alone_tokens() > 0


def test_a_crowd_whose_passes_cost_the_same_drafts_on() -> None:
    statistics = known(tuple(100.0 + 0.1 * number for number in range(16)), acceptance=0.9)
    for _ in range(40):
        statistics.num_sessions.add(8)

    assert FastPace(statistics, MOST).alone_tokens() == 0


def test_what_pays_goes_on_jointly() -> None:
    pace = FastPace(known(acceptance=0.9), MOST)
    assert pace.alone_tokens() == 0
    for _ in range(30):
        pace.note_round(150.0, 5)

    assert pace.alone_tokens() == 0
    assert pace.token_ms == pytest.approx(30.0)


def test_what_was_expected_to_pay_and_does_not_is_left() -> None:
    pace = FastPace(known(acceptance=0.9), MOST)
    spans = []
    for _ in range(6):
        for _ in range(30):
            pace.note_round(400.0, 1)
        spans.append(pace.alone_tokens())

    assert all(spans)
    assert spans == sorted(spans)
    assert spans[-1] <= 128


def test_it_races_where_waiting_for_guesses_takes_longer_than_a_token() -> None:
    assert FastPace(known(rtt_ms=400.0), MOST).races()
    assert not FastPace(known(rtt_ms=5.0, draft_ms=5.0), MOST).races()


def test_a_race_sends_chunks() -> None:
    pace = FastPace(known(rtt_ms=400.0), MOST)
    few = Outlook([], [0.95], is_waiting=True, is_racing=True)
    some = Outlook([], [0.95] * 4, is_waiting=True, is_racing=True)
    none = Outlook([], [], is_waiting=True, is_racing=True)

    assert pace.num_to_send(few, is_drafting=True) is None
    assert pace.num_to_send(some, is_drafting=True) == 4
    assert pace.num_to_send(none, is_drafting=False) is None


def test_the_best_length_grows_with_the_round_trip() -> None:
    near, far = known(acceptance=0.9), known(acceptance=0.9)

    assert best_length(near, MOST, 0.0)[0] <= best_length(far, MOST, 500.0)[0]
    assert best_length(known(STEEP, acceptance=0.5), 7, 0.0)[0] == 1


def test_more_acceptance_is_less_time_and_no_drafting_is_the_verifiers_own() -> None:
    times = [predicted_ms(known(acceptance=alpha), MOST) for alpha in (0.2, 0.5, 0.8, 0.95)]

    assert times == sorted(times, reverse=True)
    assert predicted_ms(known(), 0) == 100.0


def test_a_block_of_one_token_leaves_all_to_the_verifier() -> None:
    pace = FastPace(known(), 0)

    assert drafted(pace, 0.99) == 0
    assert pace.alone_tokens() > 0


def test_a_clock_that_stands_still_is_no_trouble() -> None:
    statistics = known(rtt_ms=0.0, draft_ms=0.0)
    statistics.alone_ms.add(0.0)
    pace = FastPace(statistics, MOST)
    pace.note_round(0.0, 20)

    assert predicted_ms(statistics, MOST) >= 0
    assert pace.alone_tokens() >= 0
    assert pace.num_to_send(Outlook([], [0.9], is_waiting=False), is_drafting=False) in (0, 1)


def test_the_pace_follows_the_goal() -> None:
    statistics = known()

    assert isinstance(pace_for(Goal.CHEAP, statistics, 3), CheapPace)
    assert isinstance(pace_for(Goal.FAST, statistics, 3), FastPace)
    assert statistics.acceptance.of(Drafted(0, 0.5, "model")) > 0
