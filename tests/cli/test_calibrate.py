"""`jisr calibrate` on a home of its own: what it refuses at once, what it keeps, and for whom."""

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from jisr.arbiter import embedding
from jisr.arbiter.calibration import Calibration
from jisr.bench.answering import name_of, sampling_of
from jisr.bench.asking import CACHE_FILE
from jisr.bench.cache import Cache, key_of
from jisr.bench.graded_rows import graded, read
from jisr.calibrations import OWN_FILE
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
        value = {"text": "Ann", "logprobs": LOGPROBS, "finish": "stop", SELF_CHECK: number % 7 / 7}
        cache.put(key_of(model, sampling_of(row), row.prompt), value)


def modes(folder: Path) -> dict[str, int]:
    """Return the modes of a folder and of all that is in it."""
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode)
        for path in (folder, *folder.rglob("*"))
    }


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
