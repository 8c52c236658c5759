import threading

import pytest

from jisr import keychain
from jisr.keychain import SystemKeychain, soon


def test_an_answer_that_comes_soon_is_taken() -> None:
    assert soon(lambda: "secret") == "secret"


def test_what_raises_or_hangs_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keychain, "TIMEOUT_S", 0.05)
    never = threading.Event()

    assert soon(lambda: 1 // 0) is None
    assert soon(lambda: never.wait(5)) is None
    never.set()


def test_a_system_without_a_keyring_knows_and_keeps_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    system = SystemKeychain()

    assert system.ask("jisr", "JISR_NO_SUCH_USER_0") is None
    assert not system.tell("jisr", "JISR_NO_SUCH_USER_0", "x")
