"""From a risk to how sure the device must be, by kind."""

import random

import pytest

from jisr.arbiter.calibration import Proof
from jisr.question import TaskKind
from jisr.thresholds import CheckShares, check_shares, shares_of, threshold, thresholds


def proofs(num_rows: int, *, unanswerable: int = 0, seed: int = 5) -> list[Proof]:
    """Return answers that are right as often as they are sure of it."""
    chance = random.Random(seed)
    sure = [chance.random() for _ in range(num_rows)]
    found = [Proof(it, chance.random() < it, 0.5 + it / 2) for it in sure]
    without = [chance.random() for _ in range(unanswerable)]
    return found + [Proof(it, False, it, is_answerable=False) for it in without]


def test_the_less_risk_the_surer() -> None:
    found = [threshold(TaskKind.NUMBER, proofs(800), risk) for risk in (0.2, 0.3, 0.5)]

    assert None not in found
    assert found == sorted(found, key=lambda it: -(it or 0))


def test_where_no_threshold_keeps_the_risk_nothing_is_given() -> None:
    wrong = [Proof(0.9, False)] * 100

    assert threshold(TaskKind.SHORT, wrong, 0.3) is None


def test_texts_that_do_not_tell_are_seldom_answered_whatever_the_risk() -> None:
    known = proofs(400, unanswerable=200)

    least = threshold(TaskKind.GROUNDED, known, 1.0)

    assert least is not None
    without = [proof for proof in known if not proof.is_answerable]
    assert sum((proof.support or 0) >= least for proof in without) / len(without) <= 0.125
    assert threshold(TaskKind.NUMBER, known, 1.0) == 0.0


def test_without_a_calibration_there_are_no_thresholds() -> None:
    assert thresholds(None, 0.3) == {}
    assert check_shares(None, 0.3) == {}


@pytest.mark.parametrize(
    ("least", "shares"),
    [
        (0.0, CheckShares(0.0, 0.0)),
        (0.5, CheckShares(0.75, 1 / 3)),
        # an answer at the threshold is given
        (0.6, CheckShares(0.75, 1 / 3)),
        (1.1, CheckShares(1.0, 1.0)),
        (None, CheckShares(1.0, 1.0)),
    ],
)
def test_what_the_check_withdraws_is_counted(least: float | None, shares: CheckShares) -> None:
    known = [Proof(it, True) for it in (0.4, 0.6, 0.9)]
    known += [Proof(it, False) for it in (0.1, 0.2, 0.3, 0.7)]

    assert shares_of(TaskKind.NUMBER, known, least) == shares


def test_of_texts_it_counts_what_they_do_not_seem_to_tell() -> None:
    known = [Proof(0.1, True, 0.8), Proof(0.9, False, 0.3, is_answerable=False)]

    assert shares_of(TaskKind.GROUNDED, known, 0.5) == CheckShares(1.0, 0.0)
    assert shares_of(TaskKind.SHORT, known, 0.5) == CheckShares(0.0, 1.0)


def test_where_none_is_right_all_are_told_alike() -> None:
    wrong = [Proof(it, False) for it in (0.1, 0.2, 0.3, 0.9)]

    assert shares_of(TaskKind.SHORT, wrong, 0.5) == CheckShares(0.75, 0.75)


def test_less_risk_withdraws_more() -> None:
    known = proofs(800)
    found = [
        shares_of(TaskKind.NUMBER, known, threshold(TaskKind.NUMBER, known, risk))
        for risk in (0.5, 0.3, 0.2, 0.0)
    ]

    assert [it.catches for it in found] == sorted(it.catches for it in found)
    assert [it.doubts for it in found] == sorted(it.doubts for it in found)
    assert found[-1] == CheckShares(1.0, 1.0)
    assert all(it.catches > it.doubts for it in found[:-1])
