import threading

import pytest

from jisr import keychain, masking
from jisr.backends.keys import find_key
from jisr.errors import ConfigError


def empty(_service: str, _user: str) -> None:
    return None


def broken(_service: str, _user: str) -> str:
    raise RuntimeError("no D-Bus here")


@pytest.mark.parametrize(
    ("value", "key"),
    [("sk-1", "sk-1"), ("  sk-1\n", "sk-1"), ("", None), ("   ", None), (None, None)],
)
def test_a_key_of_the_environment_is_taken_without_its_white_space(
    value: str | None, key: str | None
) -> None:
    environ = {} if value is None else {"A_KEY": value}

    assert find_key("A_KEY", environ, empty) == key


def test_the_keyring_is_asked_by_service_and_variable_if_the_environment_has_none() -> None:
    held = {("jisr", "A_KEY"): "sk-ring "}

    assert find_key("A_KEY", {}, lambda *asked: held.get(asked)) == "sk-ring"
    assert find_key("A_KEY", {"A_KEY": "sk-env"}, lambda *asked: held.get(asked)) == "sk-env"


def test_a_broken_keyring_is_no_keyring() -> None:
    assert find_key("A_KEY", {}, broken) is None


def test_a_keyring_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keychain, "TIMEOUT_S", 0.05)
    never = threading.Event()

    def hanging(_service: str, _user: str) -> str:
        never.wait(5)
        return "late"

    assert find_key("A_KEY", {}, hanging) is None
    never.set()


def test_a_key_that_was_found_is_masked_from_then_on() -> None:
    find_key("A_KEY", {"A_KEY": "Zq7-of-no-form"}, empty)
    try:
        assert masking.mask("sent Zq7-of-no-form") == "sent ****"
    finally:
        masking.forget()


def test_the_system_may_have_no_keyring() -> None:
    assert find_key("JISR_NO_SUCH_KEY_0", {}) is None


@pytest.mark.parametrize("value", ["sk-1\r\nX: y", "sk 1", "sk-\x00", "sk-é", "sk-\u200f1"])
def test_what_cannot_be_a_key_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(ConfigError, match="A_KEY") as caught:
        find_key("A_KEY", {"A_KEY": value}, empty)

    assert value not in str(caught.value)
