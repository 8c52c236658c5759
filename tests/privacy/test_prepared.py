from collections.abc import Callable
from pathlib import Path

import pytest

from jisr.privacy.prepared import Words, prepared

WORDS = {"muscat": 1_700_000, "مسقط": 0, "new york": -1}


def listed(folder: Path, make: Callable[[], Words], made_by: str = __file__) -> Words:
    return prepared("towns", make, made_by=made_by, packages=("pytest",), folder=folder)


def unmade() -> Words:
    raise AssertionError("it is made anew")


def test_a_list_is_made_once_and_then_read(tmp_path: Path) -> None:
    folder = tmp_path / "words"

    assert listed(folder, lambda: WORDS) == WORDS
    assert listed(folder, unmade) == WORDS
    assert (folder / "towns.words").stat().st_mode & 0o777 == 0o600


def test_a_list_without_words_is_one_too(tmp_path: Path) -> None:
    assert listed(tmp_path, dict) == {}
    assert listed(tmp_path, unmade) == {}


@pytest.mark.parametrize("at", [0, 40, 66, 70, -1])
def test_a_file_with_a_byte_changed_is_made_anew(tmp_path: Path, at: int) -> None:
    listed(tmp_path, lambda: WORDS)
    file = tmp_path / "towns.words"
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)

    assert listed(tmp_path, lambda: {"other": 1}) == {"other": 1}
    assert listed(tmp_path, unmade) == {"other": 1}


def test_half_a_file_is_made_anew(tmp_path: Path) -> None:
    listed(tmp_path, lambda: WORDS)
    file = tmp_path / "towns.words"
    file.write_bytes(file.read_bytes()[:50])

    assert listed(tmp_path, lambda: {"other": 1}) == {"other": 1}


def test_a_file_that_others_may_write_to_is_not_believed(tmp_path: Path) -> None:
    listed(tmp_path, lambda: WORDS)
    (tmp_path / "towns.words").chmod(0o666)

    assert listed(tmp_path, lambda: {"other": 1}) == {"other": 1}


def test_a_change_of_what_makes_it_makes_it_anew(tmp_path: Path) -> None:
    maker = tmp_path / "maker.py"
    maker.write_text("1")
    listed(tmp_path, lambda: WORDS, str(maker))
    maker.write_text("2")

    assert listed(tmp_path, lambda: {"other": 1}, str(maker)) == {"other": 1}


def test_where_nothing_can_be_kept_it_is_made_each_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    assert listed(tmp_path / "file", lambda: WORDS) == WORDS
    assert listed(tmp_path / "file", lambda: {"other": 1}) == {"other": 1}
