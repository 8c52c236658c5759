"""Routing by what is learned is better than chance, and nothing is judged by what it taught."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from jisr.bench import outcomes
from jisr.bench.graded_rows import OutcomeRow
from jisr.bench.judged import Judged
from jisr.bench.route import figures, neighbours, scores, tables
from tests.bench.routed import judged_rows


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    return [row for row in judged_rows() if row.cloud is not None]


def test_what_the_answer_tells_wins_over_chance(judged: list[Judged]) -> None:
    found = figures(judged, scores(judged, None, 0))

    assert found["accuracy_device"] < found["accuracy_cloud"]
    assert found["apgr_oracle"] > found["apgr"] > found["apgr_random"]
    assert found["apgr"] > 0.55
    assert 0 <= found["cpt50"] <= found["cpt80"] <= 1
    assert "apgr_knn" not in found


def test_each_kind_has_its_own_figures(judged: list[Judged]) -> None:
    found = figures(judged, scores(judged, None, 0))

    assert {"apgr_number", "apgr_short", "apgr_best_baseline_short"} <= found.keys()
    assert found["apgr_best_baseline"] == max(
        found[f"apgr_{name}"] for name in ("random", "length", "logprob", "entropy")
    )


def test_a_right_answer_costs_less_where_the_device_answers_too(judged: list[Judged]) -> None:
    usd = {row.row.id: 0.001 for row in judged}

    found = figures(judged, scores(judged, None, 0), usd)

    assert found["usd_per_1000_right_cloud"] == pytest.approx(1 / found["accuracy_cloud"])
    assert 0 < found["usd_per_1000_right_cpt80"] < found["usd_per_1000_right_cloud"]
    assert found["cost_per_right_ratio_cpt80"] < 1
    assert "usd_per_1000_right_cloud" not in figures(judged, scores(judged, None, 0))


def test_every_way_has_its_line_over_all_and_within_each_kind(judged: list[Judged]) -> None:
    told = tables(judged, scores(judged, None, 0))

    assert {row["kind"] for row in told} == {"all", "number", "short"}
    assert {row["way"] for row in told} >= {"jisr", "jisr_before", "oracle", "length"}


def test_neighbours_tell_what_their_likes_did() -> None:
    towards = np.array([[1, 0]] * 60 + [[0, 1]] * 60, dtype=np.float32)

    found = neighbours(towards, [1.0] * 60 + [-1.0] * 60, seed=0)

    assert min(found[:60]) == pytest.approx(1.0)
    assert max(found[60:]) == pytest.approx(-1.0)


def test_with_an_embedding_neighbours_are_a_way(judged: list[Judged]) -> None:
    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([[float(len(it)), 1.0] for it in texts], dtype=np.float32)

    assert "apgr_knn" in figures(judged, scores(judged, embed, 0))


def test_questions_that_others_answered_are_routed_by_what_they_ask() -> None:
    rows = [
        OutcomeRow(
            str(number),
            f"How many eggs are {number} eggs and 2 eggs?" + " And then?" * (number % 2) * 9,
            weak_correct=not number % 2,
            strong_correct=True,
        )
        for number in range(80)
    ]

    found, lines = outcomes.figures(rows, None, 0)

    assert found["apgr_question_only"] > 0.7
    assert {line["way"] for line in lines} == {"jisr", "random", "length", "oracle"}
