import os
import subprocess
import sys
import time
from pathlib import Path
from signal import SIGINT

import pytest

from jisr.engine.llama import Vocabulary, Weights
from jisr.engine.quantize import KINDS, file_name, quantize
from jisr.errors import EngineError, InvalidRequest, JisrError, ModelDamaged

WAIT_S = 60.0


def silent(done: int, total: int) -> None:
    """Tell nobody."""


class Told:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.all: list[tuple[int, int]] = []

    def __call__(self, done: int, total: int) -> None:
        self.all.append((done, total))


@pytest.fixture(scope="module")
def drafter(model_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("weights") / "drafter.gguf"
    return quantize(model_path, target, "q4_0", is_pure=True, progress=silent)


def test_a_file_of_fewer_bits_is_smaller_and_has_the_same_vocabulary(
    drafter: Path, model_path: Path
) -> None:
    assert drafter.stat().st_size < 0.8 * model_path.stat().st_size
    weights = Weights(drafter)
    assert weights.metadata("general.file_type") == "2"
    assert Vocabulary(weights).fingerprint() == Vocabulary(Weights(model_path)).fingerprint()
    assert [path.name for path in drafter.parent.iterdir()] == ["drafter.gguf"]


@pytest.mark.parametrize(
    ("kind", "is_pure"),
    [("bf16", False), ("q2_k", True)],  # rows of 576 numbers are no blocks of 256
)
def test_more_or_fewer_bits_can_be_had_and_it_says_how_far_it_is(
    model_path: Path, tmp_path: Path, kind: str, is_pure: bool
) -> None:
    size = model_path.stat().st_size
    told = Told()
    target = tmp_path / "made.gguf"
    quantize(model_path, target, kind, is_pure=is_pure, progress=told)

    assert told.all == sorted(told.all)
    assert len(told.all) > 100
    assert told.all[-1] == (size, size)
    assert Weights(target).metadata("general.file_type") == str(KINDS[kind].file_type)


@pytest.mark.parametrize(
    ("kind", "is_pure", "name"),
    [("bf16", False, "own.bf16.gguf"), ("q4_0", True, "own.q4_0-pure.gguf")],
)
def test_the_usual_name_says_what_it_is(kind: str, is_pure: bool, name: str) -> None:
    assert file_name(Path("/models/own.gguf"), kind, is_pure=is_pure) == name


def test_what_is_there_is_not_made_again(drafter: Path, model_path: Path) -> None:
    before = drafter.stat().st_mtime_ns
    again = quantize(model_path, drafter, "q4_0", is_pure=True, progress=silent)

    assert again == drafter
    assert drafter.stat().st_mtime_ns == before


@pytest.mark.parametrize("content", ["cut off", "of another type", "no weights"])
def test_another_file_in_the_place_is_left_as_it_is(
    drafter: Path, model_path: Path, tmp_path: Path, content: str
) -> None:
    target = tmp_path / "there.gguf"
    if content == "no weights":
        target.write_text("a letter")
    else:
        size = drafter.stat().st_size - (content == "cut off")
        with drafter.open("rb") as file:
            target.write_bytes(file.read(size))
    before = target.stat().st_mtime_ns
    with pytest.raises(InvalidRequest, match="is something else: remove it"):
        quantize(model_path, target, "q4_0", is_pure=content != "of another type", progress=silent)

    assert target.stat().st_mtime_ns == before
    assert list(tmp_path.iterdir()) == [target]


def test_what_is_no_model_is_said_to_be_none(tmp_path: Path) -> None:
    source = tmp_path / "letter.gguf"
    source.write_text("dear model")
    with pytest.raises(ModelDamaged, match=r"letter\.gguf cannot be read"):
        quantize(source, tmp_path / "made.gguf", "bf16", progress=silent)

    assert list(tmp_path.iterdir()) == [source]


def test_unknown_types_and_folders_are_refused(model_path: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="no type 'q9'; there are bf16"):
        quantize(model_path, tmp_path / "made.gguf", "q9", progress=silent)
    with pytest.raises(InvalidRequest, match="no folder"):
        quantize(model_path, tmp_path / "no" / "made.gguf", "bf16", progress=silent)
    with pytest.raises(EngineError, match="cannot be made"):
        quantize(tmp_path / "none.gguf", tmp_path / "made.gguf", "bf16", progress=silent)


def test_whoever_breaks_off_leaves_nothing(model_path: Path, tmp_path: Path) -> None:
    def breaks(done: int, total: int) -> None:
        if done > total // 3:
            raise JisrError("enough")

    with pytest.raises(JisrError, match="enough"):
        quantize(model_path, tmp_path / "made.gguf", "bf16", progress=breaks)

    assert list(tmp_path.iterdir()) == []


LIMITED = """
import resource, sys
from pathlib import Path
from jisr.engine.quantize import quantize
from jisr.errors import JisrError
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000_000, 20_000_000))
try:
    quantize(Path(sys.argv[1]), Path(sys.argv[2]), "bf16", progress=lambda done, total: None)
except JisrError as error:
    print(type(error).__name__)
"""


def test_a_disk_that_takes_no_more_is_an_error_and_leaves_nothing(
    model_path: Path, tmp_path: Path
) -> None:
    child = subprocess.run(
        [sys.executable, "-c", LIMITED, str(model_path), str(tmp_path / "made.gguf")],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )

    assert child.stdout == "EngineError\n", child.stderr
    assert list(tmp_path.iterdir()) == []


FOR_EVER = """
import sys
from pathlib import Path
from jisr.engine.quantize import quantize
def tell(done, total):
    print(done, flush=True)
quantize(Path(sys.argv[1]), Path(sys.argv[2]), "bf16", progress=tell)
"""


def test_an_interrupt_stops_it_at_once_and_leaves_nothing(model_path: Path, tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", FOR_EVER, str(model_path), str(tmp_path / "made.gguf")]
    with subprocess.Popen(
        arguments,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.send_signal(SIGINT)
        began_s = time.monotonic()
        child.communicate(timeout=WAIT_S)

    assert time.monotonic() - began_s < WAIT_S / 6
    assert child.returncode != 0
    assert list(tmp_path.iterdir()) == []
