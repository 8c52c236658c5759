import pytest

from jisr.bench.joint_prediction import (
    alpha_of,
    pays_above,
    predicted_ms_per_token,
    tokens_per_pass,
)


@pytest.mark.parametrize(
    ("alpha", "block", "tokens"), [(0, 4, 1), (0.5, 1, 1.5), (0.8, 4, 3.3616), (1, 4, 5)]
)
def test_a_pass_gives_as_many_tokens_as_the_sum_of_reaches(
    alpha: float, block: int, tokens: float
) -> None:
    assert tokens_per_pass(alpha, block) == pytest.approx(tokens, rel=0.01)
    assert alpha_of(tokens, block) == pytest.approx(min(alpha, 0.999), abs=1e-3)


@pytest.mark.parametrize(("tokens", "alpha"), [(0.5, 0), (9, 0.999)])
def test_more_or_fewer_tokens_than_a_pass_can_give_count_as_the_nearest(
    tokens: float, alpha: float
) -> None:
    assert alpha_of(tokens, 4) == pytest.approx(alpha, abs=1e-6)


def test_the_times_are_those_of_the_formulas() -> None:
    predicted = predicted_ms_per_token(alpha=0.8, g=4, t_d=14, t_v=190, t_t=90, rtt=20)

    assert predicted.stop_and_wait_ms == pytest.approx((4 * 14 + 20 + 190) / 3.3616)
    assert predicted.pipelined_ms == pytest.approx(14 + 0.2 * 210)
    assert predicted.limit_ms == pytest.approx(190 / 3.3616)
    assert predicted.ahead_ms == predicted.limit_ms
    assert predicted.speedup == pytest.approx(90 * 3.3616 / 190)


def test_drafting_ahead_is_no_faster_than_passes_can_follow_each_other() -> None:
    near = predicted_ms_per_token(alpha=0.98, g=4, t_d=14, t_v=190, t_t=90, rtt=20)
    far = predicted_ms_per_token(alpha=0.8, g=4, t_d=14, t_v=190, t_t=90, rtt=120)

    assert near.pipelined_ms < near.ahead_ms == near.limit_ms
    assert far.ahead_ms == far.pipelined_ms


def test_drafting_ahead_beats_streaming_above_that_acceptance_and_not_below() -> None:
    times = {"t_d": 14.0, "t_v": 190.0, "t_t": 90.0, "rtt": 60.0}
    edge = pays_above(**times)

    above, below = (
        predicted_ms_per_token(alpha=edge + step, g=4, **times) for step in (0.01, -0.01)
    )
    assert above.pipelined_ms < above.alone_ms
    assert below.pipelined_ms > below.alone_ms
