"""`jisr calibrate` on a home of its own: what it refuses at once, what it keeps, and for whom."""

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from jisr.arbiter import embedding
from jisr.arbiter.calibration import Calibration, Sample
from jisr.arbiter.learning import calibrate as learn
from jisr.bench.answering import name_of, sampling_of
from jisr.bench.asking import CACHE_FILE
from jisr.bench.cache import Cache, Value, key_of
from jisr.bench.graded_rows import graded, read
from jisr.calibrations import OWN_FILE
from jisr.errors import CalibrationError
from jisr.feature_names import SELF_CHECK
from jisr.fingerprint import fingerprint_of
from jisr.question import TaskKind
from tests.cli.jisr import Command
from tests.weights import small_model

LOGPROBS = json.dumps([[b"Ann".hex(), -0.25, [[b"Ann".hex(), -0.25], [b"Bob".hex(), -1.5]]]])


def asking(path: Path, num_rows: int) -> Path:
    """Write short questions, of which every third is about somebody else."""
    rows: list[Mapping[str, str]] = [
        {
            "id": f"q{number}",
            "kind": "short",
            "question": f"Who dug well number {number} of Brask?",
            "answer": "Ann" if number % 3 else "Bob",
        }
        for number in range(num_rows)
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def answer_all(home: Path, rows_path: Path) -> None:
    """Keep answers to all rows, as a run that was stopped at its end would have."""
    cache = Cache(home / CACHE_FILE)
    model = name_of(fingerprint_of(small_model()), checks_itself=True)
    for number, row in enumerate(graded(read(rows_path))):
        value: Value = {
            "text": "Ann",
            "logprobs": LOGPROBS,
            "finish": "stop",
            SELF_CHECK: number % 7 / 7,
        }
        cache.put(key_of(model, sampling_of(row), row.prompt), value)


def sample() -> Sample:
    """Return a short question that was answered."""
    return Sample(
        kind=TaskKind.SHORT,
        before={},
        after={},
        device_right=True,
        cloud_right=None,
        digest="",
    )


def modes(folder: Path) -> dict[str, int]:
    """Return the modes of a folder and of all that is in it."""
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode)
        for path in (folder, *folder.rglob("*"))
    }


@pytest.mark.parametrize(
    ("num_rows", "words", "told"),
    [(39, (), "39 of kind short"), (45, ("--limit", "12"), "12 of kind short")],
)
def test_too_few_questions_are_refused_before_any_is_asked_as_those_that_were(
    alone: Command, tmp_path: Path, num_rows: int, words: tuple[str, ...], told: str
) -> None:
    rows = asking(tmp_path / "rows.jsonl", num_rows)
    nowhere = alone.but(JISR_DEVICE__MODEL=str(tmp_path / "none.gguf"))

    done = nowhere.invoke("calibrate", "--data", str(rows), *words)

    with pytest.raises(CalibrationError) as caught:
        learn([sample()] * int(told[:2]), device="abc", cloud="")
    assert done.exit_code == 1
    assert told in str(caught.value) and str(caught.value) in done.stderr
    assert not alone.home.exists()


def test_what_a_calibrate_in_a_fresh_home_makes_is_its_owners_alone(
    alone: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "is_installed", lambda: False)
    rows = asking(tmp_path / "rows.jsonl", 45)
    before = os.umask(0)
    try:
        answer_all(alone.home, rows)
        words = ("calibrate", "--data", str(rows), "--no-cloud")
        done = alone.invoke(*words)
        out = alone.invoke(*words, "--out", str(tmp_path / "out" / OWN_FILE))
    finally:
        os.umask(before)

    assert (done.exit_code, out.exit_code) == (0, 0), done.output + out.output
    assert "45 questions" in done.stdout
    assert modes(tmp_path / "out") == {".": 0o700, OWN_FILE: 0o600}
    assert modes(alone.home) == {".": 0o700, CACHE_FILE: 0o600, OWN_FILE: 0o600}
    assert Calibration.read(alone.home / OWN_FILE).kinds.keys() == {TaskKind.SHORT}
