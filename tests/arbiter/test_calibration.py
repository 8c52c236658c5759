"""What was learned is kept whole, without text, and says nothing of other models."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jisr.arbiter.calibration import Calibration, Sample, digest_of
from jisr.arbiter.folds import folds
from jisr.arbiter.learning import calibrate, cross_fitted, fit_models
from jisr.arbiter.scorer import (
    NO_CALIBRATION,
    OTHER_CLOUD,
    OTHER_DEVICE,
    OTHER_KIND,
    Estimate,
    Scorer,
)
from jisr.bench.measures import auroc
from jisr.errors import CalibrationError
from jisr.question import TaskKind


def samples(
    num_rows: int, kind: TaskKind = TaskKind.SHORT, *, has_cloud: bool = True
) -> list[Sample]:
    """Return questions of which `sure` tells whether the device is right."""
    random = np.random.default_rng(3)
    found = []
    for number in range(num_rows):
        sure = float(random.normal())
        device_right = bool(random.random() < 1 / (1 + np.exp(-2 * sure)))
        found.append(
            Sample(
                kind=kind,
                before={"length": float(random.normal())},
                after={"length": 0.0, "sure": sure},
                device_right=device_right,
                cloud_right=bool(random.random() < 0.8) if has_cloud else None,
                digest=digest_of(f"{kind} {number}"),
            )
        )
    return found


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    return calibrate(samples(200), device="abc", cloud="large")


def test_it_is_read_as_it_was_written(calibration: Calibration, tmp_path: Path) -> None:
    calibration.write(tmp_path / "deep" / "calibration.json")

    read = Calibration.read(tmp_path / "deep" / "calibration.json")

    assert read.kinds.keys() == calibration.kinds.keys()
    assert (read.device, read.cloud, read.digests) == ("abc", "large", calibration.digests)
    features = {"length": 0.3, "sure": 1.1}
    models, again = calibration.kinds[TaskKind.SHORT].models, read.kinds[TaskKind.SHORT].models
    assert again.after(features).device == pytest.approx(models.after(features).device, rel=1e-4)
    assert again.after(features).support is None
    assert list((tmp_path / "deep").iterdir()) == [tmp_path / "deep" / "calibration.json"]
    assert (tmp_path / "deep" / "calibration.json").stat().st_mode & 0o077 == 0


def test_the_surer_the_likelier(calibration: Calibration) -> None:
    scorer = Scorer(calibration, device="abc", cloud="large")

    sure = scorer.after(TaskKind.SHORT, {"length": 0.0, "sure": 2.0})
    unsure = scorer.after(TaskKind.SHORT, {"length": 0.0, "sure": -2.0})

    assert sure.device is not None and unsure.device is not None
    assert sure.device > 0.9
    assert unsure.device < 0.1
    assert sure.win_rate is not None and unsure.win_rate is not None
    assert sure.win_rate < 0.1 < unsure.win_rate


@pytest.mark.parametrize(
    ("device", "cloud", "kind", "reason"),
    [
        ("other", "large", TaskKind.SHORT, OTHER_DEVICE),
        ("abc", "large", TaskKind.NUMBER, OTHER_KIND),
        ("abc", "large", TaskKind.OTHER, OTHER_KIND),
    ],
)
def test_it_does_not_pretend(
    calibration: Calibration, device: str, cloud: str, kind: TaskKind, reason: str
) -> None:
    scorer = Scorer(calibration, device=device, cloud=cloud)

    assert scorer.before(kind, {}) == scorer.after(kind, {}) == Estimate(None, None, reason)


def test_without_a_calibration_there_is_no_number() -> None:
    estimate = Scorer(None, device="abc", cloud="").after(TaskKind.SHORT, {})

    assert (estimate.device, estimate.win_rate) == (None, None)
    assert estimate.reason == NO_CALIBRATION


def test_another_cloud_has_no_number_and_the_device_has(calibration: Calibration) -> None:
    estimate = Scorer(calibration, device="abc", cloud="larger").before(TaskKind.SHORT, {})

    assert estimate.device is not None
    assert (estimate.cloud, estimate.reason) == (None, OTHER_CLOUD)


def test_a_kind_that_the_cloud_was_not_asked_of_is_calibrated_for_the_device() -> None:
    found = calibrate(samples(80, has_cloud=False), device="abc", cloud="")

    estimate = Scorer(found, device="abc", cloud="").after(TaskKind.SHORT, {"sure": 0.0})

    assert estimate.device is not None and estimate.cloud is None


def test_a_question_that_the_cloud_was_not_asked_leaves_it_calibrated_for_the_others() -> None:
    rows = samples(80) + samples(3, has_cloud=False)

    found = calibrate(rows, device="abc", cloud="large")

    estimate = Scorer(found, device="abc", cloud="large").before(TaskKind.SHORT, {})
    assert estimate.cloud is not None


def test_few_questions_are_refused_with_their_number() -> None:
    with pytest.raises(CalibrationError, match="5 of kind short"):
        calibrate(samples(5), device="abc", cloud="")
    with pytest.raises(CalibrationError, match="none"):
        calibrate([], device="abc", cloud="")
    with pytest.raises(CalibrationError, match="wants 40, and of kind other none is learned"):
        calibrate(samples(90, TaskKind.OTHER), device="abc", cloud="")


def test_a_kind_of_which_there_are_few_is_left_out() -> None:
    rows = samples(60) + samples(5, TaskKind.NUMBER) + samples(90, TaskKind.OTHER)

    assert calibrate(rows, device="abc", cloud="").kinds.keys() == {TaskKind.SHORT}


def test_no_sample_is_judged_by_a_model_that_saw_it() -> None:
    random = np.random.default_rng(11)
    rows = [
        Sample(
            kind=TaskKind.SHORT,
            before={"length": 0.0},
            after={f"noise {at}": float(value) for at, value in enumerate(random.normal(size=60))},
            device_right=bool(random.random() < 0.5),
            cloud_right=None,
            digest=str(number),
        )
        for number in range(80)
    ]
    is_right = [row.device_right for row in rows]

    found = [chances[1].device for chances in cross_fitted(rows, seed=1) if chances]
    learned = fit_models(rows)
    remembered = [learned.after(row.after).device for row in rows]

    apart, known = auroc(found, is_right), auroc(remembered, is_right)
    assert apart is not None and known is not None
    assert apart < 0.7 < known


def test_every_row_is_in_one_fold() -> None:
    assert sorted(at for fold in folds(23, 0, 5) for at in fold) == list(range(23))


def test_every_fold_has_its_share_of_each_outcome() -> None:
    outcomes = [number % 4 == 0 for number in range(100)]

    for fold in folds(100, 3, 5, outcomes):
        assert sum(outcomes[at] for at in fold) == 5


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"form": 99}', '{"form": 1, "device": 3}'])
def test_what_is_no_calibration_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text)

    with pytest.raises(CalibrationError, match="jisr calibrate"):
        Calibration.read(path)


def changed(plain: dict[str, Any], key: str, value: object) -> dict[str, Any]:
    """Return a calibration with another value in its first proof, or in a regression."""
    kind = plain["kinds"]["short"]
    found = kind["proofs"][0] if key in kind["proofs"][0] else kind["models"]["device_after"]
    found[key] = value
    return plain


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("intercept", float("nan")),
        ("weights", [float("inf"), 0.0]),
        ("weights", [10**400, 0]),
        ("weights", ["1", "2"]),
        ("scales", [0.0, 1.0]),
        ("scales", [-1.0, 1.0]),
        ("means", [0.0]),
        ("names", ["length", "sure", "steps"]),
        ("confidence", 1.5),
        ("confidence", float("nan")),
        ("support", -0.1),
    ],
)
def test_numbers_that_give_no_probability_are_refused(
    calibration: Calibration, tmp_path: Path, key: str, value: object
) -> None:
    path = tmp_path / "calibration.json"
    calibration.write(path)
    plain = changed(json.loads(path.read_text()), key, value)
    path.write_text(json.dumps(plain))

    with pytest.raises(CalibrationError, match="make one with `jisr calibrate`"):
        Calibration.read(path)


def with_view(names: Sequence[str], *, weighs: bool) -> list[Sample]:
    """Return questions with features that take a pass, which tell who is right or nothing."""
    random = np.random.default_rng(4)

    def view(sample: Sample) -> dict[str, float]:
        told = 4.0 * sample.device_right if weighs else 0.0
        return {name: told + float(random.normal()) for name in names}

    return [replace(it, after={**it.after, **view(it)}) for it in samples(200)]


def asks(rows: Sequence[Sample]) -> tuple[bool, bool]:
    found = calibrate(rows, device="abc", cloud="large").kinds[TaskKind.SHORT]
    return found.asks("self_check"), found.asks("agreement")


def test_what_takes_a_pass_is_asked_only_where_it_weighs() -> None:
    assert asks(with_view(["self_check"], weighs=True)) == (True, False)
    assert asks(with_view(["self_check"], weighs=False)) == (False, False)
    assert asks(with_view(["self_check", "agreement"], weighs=True)) == (True, True)


def test_each_is_decided_for_itself() -> None:
    one = with_view(["agreement"], weighs=True)
    both = [replace(it, after={**it.after, "self_check": 0.0}) for it in one]

    assert asks(both) == (False, True)


def test_what_some_answers_lack_is_not_asked() -> None:
    rows = with_view(["self_check"], weighs=True)
    rows[7] = replace(rows[7], after=samples(8)[7].after)

    assert asks(rows) == (False, False)
    assert all(cross_fitted(rows, seed=0))


def test_it_holds_no_text(calibration: Calibration, tmp_path: Path) -> None:
    calibration.write(tmp_path / "calibration.json")

    plain = json.loads((tmp_path / "calibration.json").read_text())

    assert all(len(digest) == 16 for digest in plain["digests"])
    assert "short 1" not in json.dumps(plain)


def test_the_cloud_wins_where_it_is_right_and_the_device_is_not() -> None:
    assert Estimate(0.25, 0.8).win_rate == pytest.approx(0.6)
    assert Estimate(1.0, 0.8).win_rate == 0
