"""Nearness to known questions tells of others, never of a question's own outcome."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jisr.arbiter.calibration import Calibration, Sample, digest_of
from jisr.arbiter.embedding import DIMENSIONS
from jisr.arbiter.learning import calibrate
from jisr.arbiter.nearness import direction_of, held_out, others_nearness, tells_more
from jisr.arbiter.readers.similarity import NEAR_HARD, NEAR_HARD_CLOUD, Vectors
from jisr.arbiter.scorer import Scorer
from jisr.bench.measures import auroc
from jisr.errors import CalibrationError
from jisr.question import TaskKind

SEED = 0


def vectors_of(num_rows: int, *, by_topic: list[bool] | None = None) -> Vectors:
    """Return unit vectors by chance; with topics, those of one lie together."""
    random = np.random.default_rng(2)
    found = np.zeros((num_rows, DIMENSIONS))
    found[:, :8] = random.normal(size=(num_rows, 8))
    if by_topic is not None:
        found[:, 0] += [4.0 if topic else -4.0 for topic in by_topic]
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float32)


def outcomes(num_rows: int, seed: int = 1) -> list[bool]:
    return [bool(it) for it in np.random.default_rng(seed).random(num_rows) < 0.4]


def rows(num_rows: int) -> list[dict[str, float]]:
    return [{"length": float(it)} for it in np.random.default_rng(3).normal(size=num_rows)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=2, max_size=40), st.integers(0, 39), st.integers(0, 5))
def test_its_own_outcome_changes_nothing_of_how_near_a_question_is(
    right: list[bool], at: int, seed: int
) -> None:
    at %= len(right)
    vectors = vectors_of(len(right))
    turned = [not it if row == at else it for row, it in enumerate(right)]

    found = others_nearness(vectors, right, seed)[at]

    assert found == others_nearness(vectors, turned, seed)[at]


def test_the_way_leads_from_easy_to_hard() -> None:
    right = outcomes(100)
    vectors = vectors_of(100, by_topic=right)

    far = direction_of(vectors, right).along(vectors)

    assert far[right].max() < 0 < far[[not it for it in right]].min()


def test_where_all_or_none_are_right_nothing_is_nearer() -> None:
    for same in (True, False):
        far = direction_of(vectors_of(20), [same] * 20).along(vectors_of(20))
        assert np.abs(far).max() < 1e-9


@pytest.mark.parametrize("seed", range(4))
def test_outcomes_by_chance_are_not_told_by_nearness(seed: int) -> None:
    right = outcomes(300, seed)

    chances = held_out(rows(300), vectors_of(300), right, NEAR_HARD, SEED)

    assert (auroc(chances, right) or 0) < 0.6
    assert not tells_more(rows(300), vectors_of(300), right, NEAR_HARD, SEED)


def test_outcomes_that_go_by_topic_are() -> None:
    right = outcomes(300)
    vectors = vectors_of(300, by_topic=right)

    assert (auroc(held_out(rows(300), vectors, right, NEAR_HARD, SEED), right) or 0) > 0.9
    assert tells_more(rows(300), vectors, right, NEAR_HARD, SEED)


def samples(num_rows: int, vectors: Vectors, right: list[bool]) -> list[Sample]:
    return [
        Sample(
            kind=TaskKind.SHORT,
            before=row,
            after={**row, "sure": 0.0},
            device_right=is_right,
            cloud_right=at % 3 > 0,
            digest=digest_of(str(at)),
            vector=vector,
        )
        for at, (row, is_right, vector) in enumerate(
            zip(rows(num_rows), right, vectors, strict=True)
        )
    ]


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    right = outcomes(200)
    some = samples(200, vectors_of(200, by_topic=right), right)
    return calibrate(some, device="abc", cloud="large")


def test_it_is_kept_and_counts_where_it_is_read(calibration: Calibration, tmp_path: Path) -> None:
    calibration.write(tmp_path / "calibration.json")
    read = Calibration.read(tmp_path / "calibration.json")
    scorer = Scorer(read, device="abc", cloud="large")
    near = read.kinds[TaskKind.SHORT].near
    assert near is not None
    assert near.directions.keys() == {NEAR_HARD, NEAR_HARD_CLOUD}

    far = scorer.before(TaskKind.SHORT, {"length": 0.0, NEAR_HARD: 0.6}).device
    like = scorer.before(TaskKind.SHORT, {"length": 0.0, NEAR_HARD: -0.6}).device
    unread = scorer.before(TaskKind.SHORT, {"length": 0.0}).device

    assert far is not None
    assert like is not None
    assert unread is not None
    assert far < 0.2 < unread < 0.6 < like


def test_a_cloud_that_was_not_asked_has_no_direction() -> None:
    right = outcomes(200)
    some = [
        replace(it, cloud_right=None) for it in samples(200, vectors_of(200, by_topic=right), right)
    ]

    near = calibrate(some, device="abc", cloud="").kinds[TaskKind.SHORT].near

    assert near is not None
    assert near.directions.keys() == {NEAR_HARD}


def test_without_vectors_or_use_of_them_there_is_none() -> None:
    right = outcomes(120)
    some = samples(120, vectors_of(120), right)
    bare = [replace(it, vector=None) for it in some]

    for given_rows in (some, bare):
        found = calibrate(given_rows, device="abc", cloud="large")
        assert found.kinds[TaskKind.SHORT].near is None


@pytest.mark.parametrize("weights", [[], [1.0], ["a"] * DIMENSIONS, [1e999] * DIMENSIONS])
def test_damaged_directions_are_refused(
    calibration: Calibration, tmp_path: Path, weights: object
) -> None:
    path = tmp_path / "calibration.json"
    calibration.write(path)
    plain = json.loads(path.read_text())
    plain["kinds"]["short"]["near"]["device"]["direction"]["weights"] = weights
    path.write_text(json.dumps(plain))

    with pytest.raises(CalibrationError, match="jisr calibrate"):
        Calibration.read(path)
