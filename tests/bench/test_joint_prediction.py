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
    assert predicted.speedup == pytest.approx(90 / 56)


def test_drafting_ahead_beats_streaming_above_that_acceptance_and_not_below() -> None:
    times = {"t_d": 14.0, "t_v": 190.0, "t_t": 90.0, "rtt": 60.0}
    edge = pays_above(**times)

    assert predicted_ms_per_token(alpha=edge + 0.01, g=4, **times).speedup > 1
    assert predicted_ms_per_token(alpha=edge - 0.01, g=4, **times).speedup < 1
