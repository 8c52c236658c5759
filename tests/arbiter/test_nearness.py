"""Nearness to known questions tells of others, never of a question's own outcome."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jisr.arbiter.calibration import Calibration, Sample, digest_of
from jisr.arbiter.learning import calibrate
from jisr.arbiter.nearness import (
    NEAR_EASY,
    NEAR_HARD,
    NUM_KEPT,
    held_out,
    known_of,
    near_features,
    own_features,
    tells_more,
)
from jisr.arbiter.readers.similarity import Vectors
from jisr.arbiter.scorer import Scorer
from jisr.bench.measures import auroc
from jisr.errors import CalibrationError
from jisr.question import TaskKind

SEED = 0


def vectors_of(num_rows: int, *, by_topic: list[bool] | None = None) -> Vectors:
    """Return unit vectors by chance; with topics, those of one lie together."""
    random = np.random.default_rng(2)
    found = random.normal(size=(num_rows, 8))
    if by_topic is not None:
        found[:, 0] += [4.0 if topic else -4.0 for topic in by_topic]
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float32)


def outcomes(num_rows: int) -> list[bool]:
    return [bool(it) for it in np.random.default_rng(1).random(num_rows) < 0.4]


def rows(num_rows: int) -> list[dict[str, float]]:
    return [{"length": float(it)} for it in np.random.default_rng(3).normal(size=num_rows)]


def test_a_question_is_not_held_against_itself() -> None:
    right = outcomes(60)
    vectors = vectors_of(60)

    found = own_features(vectors, right, SEED)

    assert max(max(it.values()) for it in found) < 0.999
    assert max(near_features(vectors[0], known_of(vectors, right, SEED)).values()) <= 1.001


def test_outcomes_by_chance_are_not_told_by_nearness() -> None:
    right = outcomes(300)

    chances = held_out(rows(300), vectors_of(300), right, SEED)

    assert (auroc(chances, right) or 0) < 0.6
    assert not tells_more(rows(300), vectors_of(300), right, SEED)


def test_outcomes_that_go_by_topic_are() -> None:
    right = outcomes(300)
    vectors = vectors_of(300, by_topic=right)

    assert (auroc(held_out(rows(300), vectors, right, SEED), right) or 0) > 0.9
    assert tells_more(rows(300), vectors, right, SEED)


def samples(num_rows: int, vectors: Vectors, right: list[bool]) -> list[Sample]:
    return [
        Sample(
            kind=TaskKind.SHORT,
            before=row,
            after={**row, "sure": 0.0},
            device_right=is_right,
            cloud_right=True,
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
    assert (len(near.known.hard), len(near.known.easy)) == (NUM_KEPT, NUM_KEPT)

    far = scorer.before(TaskKind.SHORT, {"length": 0.0, NEAR_HARD: 0.9, NEAR_EASY: -0.5}).device
    like = scorer.before(TaskKind.SHORT, {"length": 0.0, NEAR_HARD: -0.5, NEAR_EASY: 0.9}).device
    unread = scorer.before(TaskKind.SHORT, {"length": 0.0}).device

    assert far is not None
    assert like is not None
    assert unread is not None
    assert far < 0.2 < unread < 0.6 < like


def test_without_vectors_or_use_of_them_there_is_none() -> None:
    right = outcomes(120)
    some = samples(120, vectors_of(120), right)
    bare = [replace(it, vector=None) for it in some]

    for given in (some, bare):
        assert calibrate(given, device="abc", cloud="large").kinds[TaskKind.SHORT].near is None


@pytest.mark.parametrize("hard", [[[1.0], [1.0, 2.0]], [1.0], [["a"]], [[1e999]]])
def test_damaged_vectors_are_refused(
    calibration: Calibration, tmp_path: Path, hard: object
) -> None:
    path = tmp_path / "calibration.json"
    calibration.write(path)
    plain = json.loads(path.read_text())
    plain["kinds"]["short"]["near"]["known"]["hard"] = hard
    path.write_text(json.dumps(plain))

    with pytest.raises(CalibrationError, match="jisr calibrate"):
        Calibration.read(path)
