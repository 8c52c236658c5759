import stat
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from jisr import keychain
from jisr.errors import PrivacyError
from jisr.privacy.vault_key import FILE_NAME, load_key

RACER = """
import sys
from pathlib import Path
from jisr.privacy.vault_key import load_key
print(load_key(Path(sys.argv[1]), "file").derive("x").hex())
"""


@dataclass
class Ring:
    """A keyring in memory."""

    held: dict[tuple[str, str], str] = field(default_factory=dict)
    is_locked: bool = False

    def ask(self, service: str, user: str) -> str | None:
        if self.is_locked:
            raise RuntimeError("locked")
        return self.held.get((service, user))

    def tell(self, service: str, user: str, secret: str) -> bool:
        if self.is_locked:
            raise RuntimeError("locked")
        self.held[service, user] = secret
        return True


LOCKED = Ring(is_locked=True)


def test_a_key_is_made_once_in_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first, second = load_key(home, "auto", LOCKED), load_key(home, "auto", LOCKED)

    assert first.derive("a") == second.derive("a") != first.derive("b")
    assert stat.S_IMODE((home / FILE_NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert (home / FILE_NAME).read_text().split()[-1] not in repr(first)


def test_another_home_has_another_key(tmp_path: Path) -> None:
    keys = {load_key(tmp_path / name, "file").derive("a") for name in ("one", "two")}

    assert len(keys) == 2


def test_a_keyring_that_is_there_keeps_the_key_and_the_file_says_so(tmp_path: Path) -> None:
    ring = Ring()
    first = load_key(tmp_path, "auto", ring)

    assert load_key(tmp_path, "file", ring).derive("a") == first.derive("a")
    (secret,) = ring.held.values()
    assert secret not in (tmp_path / FILE_NAME).read_text()


def test_a_keyring_that_does_not_answer_is_not_taken_for_none(tmp_path: Path) -> None:
    ring = Ring()
    load_key(tmp_path, "keyring", ring)
    ring.is_locked = True

    with pytest.raises(PrivacyError, match="unlock the keyring"):
        load_key(tmp_path, "auto", ring)


def test_a_keyring_that_hangs_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keychain, "TIMEOUT_S", 0.05)
    never = threading.Event()

    class Hanging(Ring):
        def tell(self, service: str, user: str, secret: str) -> bool:
            never.wait(5)
            return True

    assert load_key(tmp_path, "auto", Hanging()).derive("a")
    never.set()


def test_a_keyring_that_was_asked_for_and_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PrivacyError, match="key_store = file"):
        load_key(tmp_path, "keyring", LOCKED)


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o622])
def test_a_key_that_others_can_open_is_refused_with_the_remedy(tmp_path: Path, bits: int) -> None:
    load_key(tmp_path, "file")
    path = tmp_path / FILE_NAME
    path.chmod(bits)

    with pytest.raises(PrivacyError, match=f"chmod 600 {path}"):
        load_key(tmp_path, "file")


@pytest.mark.parametrize(
    "content", [b"", b"jisr key 1\nabcd\n", b"\xff\xfe", b"0" * 64, b"jisr key 1\nzz\n"]
)
def test_a_damaged_key_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(PrivacyError, match=r"vault\.key"):
        load_key(tmp_path, "file")
    assert path.read_bytes() == content


def test_a_link_and_a_folder_are_no_key(tmp_path: Path) -> None:
    load_key(tmp_path / "real", "file")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / FILE_NAME).symlink_to(tmp_path / "real" / FILE_NAME)
    (tmp_path / "folder" / FILE_NAME).mkdir(parents=True)

    for name in ("linked", "folder"):
        with pytest.raises(PrivacyError):
            load_key(tmp_path / name, "file")


def test_processes_that_begin_at_once_agree_on_one_key(tmp_path: Path) -> None:
    children = [
        subprocess.Popen([sys.executable, "-c", RACER, str(tmp_path / "home")], stdout=-1)
        for _ in range(4)
    ]
    told = {child.communicate()[0] for child in children}

    assert len(told) == 1
    assert len(told.pop().strip()) == 64
