import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jisr.departure import Errand, Noted, Unaudited
from jisr.errors import ModelDamaged, PullFailed
from jisr.models.base import Source
from jisr.models.index import IndexSource
from jisr.models.staging import Staging
from tests.contracts.source import SourceContract
from tests.models.made_up import CONTENT, MODEL, PIECES, calls, stand_in_index, write_wheels


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    return write_wheels(tmp_path / "wheels")


class TestIndexSource(SourceContract):
    @pytest.fixture
    def source(self, wheels: Path) -> Source:
        return stand_in_index(wheels)

    @pytest.fixture
    def wrong_source(self, tmp_path: Path) -> Source:
        wrong = [PIECES[0], PIECES[1][::-1], PIECES[2]]
        return stand_in_index(write_wheels(tmp_path / "wrong", wrong))

    def test_real_pip_gets_the_wheels_from_a_folder(self, wheels: Path, staging: Staging) -> None:
        source = IndexSource(auditor=Unaudited(), options=("--no-index", f"--find-links={wheels}"))

        source.fetch(MODEL, staging)

        assert staging.file.read_bytes() == CONTENT
        assert not list(staging.folder.rglob("*.whl"))

    def test_real_pip_without_the_package_says_which(
        self, tmp_path: Path, staging: Staging
    ) -> None:
        source = IndexSource(
            auditor=Unaudited(), options=("--no-index", f"--find-links={tmp_path}")
        )

        with pytest.raises(PullFailed, match=r"made-up-part1==1\.0"):
            source.fetch(MODEL, staging)

    def test_parts_that_are_there_are_not_fetched_again(
        self, wheels: Path, staging: Staging
    ) -> None:
        staging.append([CONTENT[:150_000]])

        stand_in_index(wheels).fetch(MODEL, staging)

        assert calls(wheels) == ["made_up_part2", "made_up_part3"]

    def test_a_part_that_went_bad_on_the_disk_is_fetched_again(
        self, wheels: Path, staging: Staging
    ) -> None:
        staging.append([PIECES[0], bytes(len(PIECES[1]))])

        stand_in_index(wheels).fetch(MODEL, staging)

        assert staging.file.read_bytes() == CONTENT
        assert calls(wheels) == ["made_up_part2", "made_up_part3"]

    def test_pip_is_given_nobodys_keys(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("JISR_CLOUD_API_KEY", "sk-secret")
        monkeypatch.setenv("PIP_INDEX_URL", "https://index.example.com")
        environ = IndexSource(auditor=Unaudited()).environ

        assert "JISR_CLOUD_API_KEY" not in environ
        assert environ["PIP_INDEX_URL"] == "https://index.example.com"

    def test_each_download_is_told_before_it_is_begun(self, wheels: Path, staging: Staging) -> None:
        told = Noted()
        stand_in_index(wheels, auditor=told).fetch(MODEL, staging)

        assert [(it.errand, it.scheme) for it in told.departures] == [(Errand.PULL, "pip")] * 3

    def test_a_bad_part_is_removed_and_the_good_ones_stay(
        self, wrong_source: Source, staging: Staging
    ) -> None:
        with pytest.raises(ModelDamaged, match=r"made-up-part2==1\.0: the checksum"):
            wrong_source.fetch(MODEL, staging)

        assert staging.file.read_bytes() == PIECES[0]

    @pytest.mark.parametrize("pieces", [[b""], [PIECES[0] + b"x"], [PIECES[0][:-1]]])
    def test_a_part_of_another_size_is_not_even_unpacked(
        self, pieces: list[bytes], tmp_path: Path, staging: Staging
    ) -> None:
        with pytest.raises(ModelDamaged, match="bytes, not 100,000"):
            stand_in_index(write_wheels(tmp_path / "wrong", pieces)).fetch(MODEL, staging)

        assert staging.size() == 0

    @pytest.mark.parametrize("spoil", [lambda it: b"not a zip", lambda it: it[:-500]])
    def test_a_wheel_that_is_no_archive_is_damaged(
        self, spoil: Callable[[bytes], bytes], wheels: Path, staging: Staging
    ) -> None:
        wheel = wheels / "made_up_part1-1.0-py3-none-any.whl"
        wheel.write_bytes(spoil(wheel.read_bytes()))

        with pytest.raises(ModelDamaged, match="made-up-part1"):
            stand_in_index(wheels).fetch(MODEL, staging)

    def test_flipped_bytes_inside_a_wheel_are_found(self, wheels: Path, staging: Staging) -> None:
        wheel = wheels / "made_up_part1-1.0-py3-none-any.whl"
        wheel.write_bytes(wheel.read_bytes().replace(PIECES[0][5000:5100], bytes(100)))

        with pytest.raises(ModelDamaged):
            stand_in_index(wheels).fetch(MODEL, staging)

        assert staging.size() == 0

    @pytest.mark.parametrize(
        ("says", "told"),
        [
            (
                "WARNING: Retrying after connection broken by NewConnectionError",
                "cannot be reached",
            ),
            ("/usr/bin/python: No module named pip", "ensurepip"),
            (
                "ERROR: No matching distribution found for x\nhint: y",
                "does not have it, or cannot be reached",
            ),
            ("nothing of use", "nothing of use"),
        ],
    )
    def test_what_pip_says_is_told_in_plain_words(
        self, says: str, told: str, wheels: Path, staging: Staging
    ) -> None:
        with pytest.raises(PullFailed, match=told):
            stand_in_index(wheels, f"says {says}").fetch(MODEL, staging)

    def test_a_disk_that_is_full_for_pip_is_full_for_us(
        self, wheels: Path, staging: Staging
    ) -> None:
        says = "says ERROR: Could not install packages: [Errno 28] No space left on device"
        with pytest.raises(OSError, match="No space left"):
            stand_in_index(wheels, says).fetch(MODEL, staging)

    @pytest.mark.parametrize("mood", ["hangs-at-2", "hangs-at-2-stubborn"])
    def test_a_pip_that_hangs_is_stopped(self, mood: str, wheels: Path, staging: Staging) -> None:
        with pytest.raises(PullFailed, match="Nothing came"):
            stand_in_index(wheels, mood, stall_s=0.3, stop_s=0.3).fetch(MODEL, staging)

        assert not is_alive(int((wheels / "hangs").read_text()))
        assert staging.file.read_bytes() == PIECES[0]

    def test_ctrl_c_stops_pip_and_keeps_what_is_whole(self, wheels: Path, staging: Staging) -> None:
        child = subprocess.Popen([sys.executable, "-c", PULL, str(wheels), str(staging.folder)])
        wait_for((wheels / "hangs").exists)

        child.send_signal(signal.SIGINT)

        assert child.wait(20) == 130
        wait_for(lambda: not is_alive(int((wheels / "hangs").read_text())))
        assert staging.file.read_bytes() == PIECES[0]


PULL = """
import sys
from pathlib import Path
from jisr.models.staging import Staging
from tests.models.made_up import MODEL, stand_in_index
try:
    source = stand_in_index(Path(sys.argv[1]), "hangs-at-2")
    source.fetch(MODEL, Staging(Path(sys.argv[2]), MODEL.size_bytes, lambda done, total: None))
except KeyboardInterrupt:
    sys.exit(130)
"""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)
