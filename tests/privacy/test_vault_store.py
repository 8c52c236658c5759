import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jisr.clock import FakeClock, SystemClock
from jisr.errors import PrivacyError
from jisr.privacy import vault_store
from jisr.privacy.vault import Vault
from jisr.privacy.vault_key import MasterKey, load_key
from jisr.privacy.vault_store import TurnVaults, VaultStore

KEY = MasterKey(b"k" * 32)
TALK = "client/mail-7"
WRITER = """
import sys
from functools import partial
from pathlib import Path
from jisr.clock import SystemClock
from jisr.privacy.vault_key import load_key
from jisr.privacy.vault_store import VaultStore
home, name = Path(sys.argv[1]), sys.argv[2]
store = VaultStore(home / "vaults", partial(load_key, home, "file"), SystemClock())
for number in range(20):
    with store.open("client/shared") as vault:
        vault.placeholder_for("PERSON", f"{name} {number}")
"""


def store(folder: Path, clock: FakeClock | None = None, key: MasterKey = KEY, **more: Any) -> Any:
    return VaultStore(folder / "vaults", lambda: key, clock or FakeClock(), **more)


def put(keeper: VaultStore, conversation: str, *values: str) -> list[str]:
    with keeper.open(conversation) as vault:
        return [vault.placeholder_for("PERSON", value) for value in values]


def only_file(folder: Path) -> Path:
    (path,) = (folder / "vaults").glob("*.vault")
    return path


def test_a_value_keeps_its_placeholder_through_a_conversation(tmp_path: Path) -> None:
    first = put(store(tmp_path), TALK, "Alice", "سارة")
    again = put(store(tmp_path), TALK, "سارة", "Bob", "Alice")

    assert first == ["<PERSON_1>", "<PERSON_2>"]
    assert again == ["<PERSON_2>", "<PERSON_3>", "<PERSON_1>"]


def test_a_late_answer_is_restored_though_the_turn_said_nothing_of_it(tmp_path: Path) -> None:
    put(store(tmp_path), TALK, "Alice")

    with store(tmp_path).open(TALK) as vault:
        assert vault.restore("Dear <PERSON_1>,") == "Dear Alice,"


def test_no_conversation_reaches_what_is_of_another(tmp_path: Path) -> None:
    keeper = store(tmp_path)
    put(keeper, "a/1", "Alice")

    for other in ("b/1", "a/2", "a/1 ", "A/1", ""):
        with keeper.open(other) as vault:
            assert vault.restore("<PERSON_1>") == "<PERSON_1>"
    with keeper.open(None) as vault:
        assert len(vault) == 0


def test_a_turn_without_a_conversation_is_kept_nowhere(tmp_path: Path) -> None:
    for vaults in (store(tmp_path), TurnVaults()):
        with vaults.open(None) as vault:
            vault.placeholder_for("PERSON", "Alice")
        assert not vaults.delete("a/1")

    assert not (tmp_path / "vaults").exists()


def test_a_peek_reads_what_is_kept_and_keeps_nothing(tmp_path: Path) -> None:
    clock = FakeClock()
    keeper = store(tmp_path, clock, idle_days=1)
    assert not len(keeper.peek(TALK))
    assert not (tmp_path / "vaults").exists()
    put(keeper, TALK, "Alice")
    before = (only_file(tmp_path).read_bytes(), only_file(tmp_path).stat().st_mtime)
    clock.advance(3600)

    vault = keeper.peek(TALK)
    named = [vault.placeholder_for("PERSON", value) for value in ("Alice", "Bob")]

    assert named == ["<PERSON_1>", "<PERSON_2>"]
    assert (only_file(tmp_path).read_bytes(), only_file(tmp_path).stat().st_mtime) == before
    assert len(keeper.peek(TALK)) == 1
    assert not len(keeper.peek("client/another"))
    clock.advance(2 * 86_400)
    assert not len(keeper.peek(TALK))


def test_a_peek_into_a_damaged_vault_is_an_error(tmp_path: Path) -> None:
    put(store(tmp_path), TALK, "Alice")
    only_file(tmp_path).write_bytes(b"jisr vault 1 ")

    with pytest.raises(PrivacyError):
        store(tmp_path).peek(TALK)


def test_nothing_can_be_read_from_the_disk(tmp_path: Path) -> None:
    put(store(tmp_path), TALK, "Alice", "سارة")
    content = only_file(tmp_path).read_bytes()

    assert stat.S_IMODE(only_file(tmp_path).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "vaults").stat().st_mode) == 0o700
    for told in ("Alice", "سارة", "PERSON", "\\u0633"):
        assert told.encode() not in content


def test_no_two_writes_share_a_nonce_or_the_key_it_goes_with(tmp_path: Path) -> None:
    keeper, seen = store(tmp_path), set()
    for number in range(50):
        put(keeper, TALK, f"value {number}")
        rest = only_file(tmp_path).read_bytes().partition(b"\n")[2]
        seen.add(rest[: vault_store.SALT_BYTES + vault_store.NONCE_BYTES])

    assert len(seen) == 50


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        lambda it: b"",
        lambda it: it[:-1],
        lambda it: it + b"\0",
        lambda it: it[: it.index(b"\n") + 10],
        lambda it: flipped(it, 3),
        lambda it: flipped(it, len(it) - 1),
        lambda it: flipped(it, it.index(b"\n") + 1),
        lambda it: flipped(it, it.index(b"\n") + 40),
        lambda it: it.replace(b"mail-7", b"mail-8"),
        lambda it: b"[[" * 1000,
    ],
)
def test_a_damaged_file_stops_the_turn_with_the_remedy(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    keeper = store(tmp_path)
    put(keeper, TALK, "Alice")
    path = only_file(tmp_path)
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(PrivacyError, match="jisr vault delete") as caught, keeper.open(TALK):
        pytest.fail("a damaged vault was opened")
    assert "Alice" not in str(caught.value)
    (told,) = keeper.kept()
    assert told.num_placeholders is None
    assert keeper.delete(TALK)
    assert put(keeper, TALK, "Bob") == ["<PERSON_1>"]


def test_one_conversations_file_in_the_place_of_another_is_refused(tmp_path: Path) -> None:
    keeper = store(tmp_path)
    put(keeper, "a/1", "Alice")
    alices = only_file(tmp_path).read_bytes()
    keeper.delete("a/1")
    put(keeper, "b/1", "Bob")
    only_file(tmp_path).write_bytes(alices)

    with pytest.raises(PrivacyError), keeper.open("b/1"):
        pytest.fail("another's vault was opened")


def test_a_file_of_another_key_is_refused(tmp_path: Path) -> None:
    put(store(tmp_path), TALK, "Alice")

    with pytest.raises(PrivacyError), store(tmp_path, key=MasterKey(b"o" * 32)).open(TALK):
        pytest.fail("it was opened with another key")


def test_what_cannot_be_kept_stops_the_turn(tmp_path: Path) -> None:
    (tmp_path / "vaults").write_text("a file where the folder should be")

    with pytest.raises(PrivacyError, match="Nothing is sent"), store(tmp_path).open(TALK) as vault:
        vault.placeholder_for("PERSON", "Alice")


def test_a_turn_that_fails_keeps_nothing(tmp_path: Path) -> None:
    keeper = store(tmp_path)
    with pytest.raises(ValueError), keeper.open(TALK) as vault:
        vault.placeholder_for("PERSON", "Alice")
        raise ValueError

    assert keeper.kept() == []


def test_a_conversation_holds_so_much_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_store, "MAX_PLACEHOLDERS", 2)
    keeper = store(tmp_path)
    put(keeper, TALK, "Alice", "Bob")

    with pytest.raises(PrivacyError, match="begin a new one"):
        put(keeper, TALK, "Carol")
    assert put(keeper, TALK, "Bob") == ["<PERSON_2>"]


def test_what_is_told_of_conversations_holds_no_values(tmp_path: Path) -> None:
    clock = FakeClock()
    keeper = store(tmp_path, clock)
    put(keeper, "a/1", "Alice")
    clock.advance(3600)
    put(keeper, "a/2", "Bob", "Carol")
    clock.advance(3600)
    put(keeper, "a/1", "Alice")

    told = keeper.kept()
    assert [(it.conversation_id, it.num_placeholders) for it in told] == [("a/1", 1), ("a/2", 2)]
    assert told[0].created == clock.at
    assert told[0].used == clock.now()
    assert "Alice" not in repr(told)


def test_a_conversation_is_deleted_with_its_file(tmp_path: Path) -> None:
    keeper = store(tmp_path)
    put(keeper, "a/1", "Alice")
    put(keeper, "a/2", "Bob")

    assert (keeper.delete("a/1"), keeper.delete("a/1")) == (True, False)
    assert [it.conversation_id for it in keeper.kept()] == ["a/2"]
    assert put(keeper, "a/1", "Carol") == ["<PERSON_1>"]
    assert keeper.delete_all() == 2
    assert keeper.kept() == []


def test_a_conversation_that_nobody_went_on_with_is_forgotten(tmp_path: Path) -> None:
    clock = FakeClock()
    keeper = store(tmp_path, clock, idle_days=2)
    put(keeper, "a/1", "Alice")
    put(keeper, "a/2", "Bob")
    clock.advance(timedelta(days=1.5).total_seconds())
    with keeper.open("a/2"):
        pass
    clock.advance(timedelta(days=1).total_seconds())
    put(keeper, "a/3", "Carol")

    assert {it.conversation_id for it in keeper.kept()} == {"a/2", "a/3"}
    clock.advance(timedelta(days=3).total_seconds())
    with keeper.open("a/2") as vault:
        assert len(vault) == 0


def test_so_many_conversations_are_kept_and_no_more(tmp_path: Path) -> None:
    clock = FakeClock()
    keeper = store(tmp_path, clock, max_conversations=3)
    for number in range(6):
        clock.advance(1)
        put(keeper, f"a/{number}", "Alice")

    assert [it.conversation_id for it in keeper.kept()] == ["a/5", "a/4", "a/3"]


def test_two_hundred_turns_at_once_never_mix(tmp_path: Path) -> None:
    keeper = VaultStore(tmp_path / "vaults", lambda: KEY, SystemClock())

    def turn(number: int) -> tuple[int, str, str]:
        conversation = number % 20
        value = f"person {conversation}.{number}"
        with keeper.open(f"a/{conversation}") as vault:
            placeholder = vault.placeholder_for("PERSON", value)
        with keeper.open(f"a/{conversation}") as vault:
            return conversation, value, vault.restore(placeholder)

    with ThreadPoolExecutor(16) as pool:
        turns = list(pool.map(turn, range(200)))

    assert all(value == restored for _, value, restored in turns)
    for conversation in range(20):
        with keeper.open(f"a/{conversation}") as vault:
            rows = vault.to_rows()
        assert len(rows) == 10
        assert all(value.startswith(f"person {conversation}.") for _, value in rows)


def test_two_processes_in_one_conversation_lose_nothing(tmp_path: Path) -> None:
    children = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name])
        for name in ("left", "right")
    ]
    assert [child.wait(60) for child in children] == [0, 0]

    keeper = VaultStore(tmp_path / "vaults", partial(load_key, tmp_path, "file"), SystemClock())
    with keeper.open("client/shared") as vault:
        values = {value for _, value in vault.to_rows()}
    assert values == {f"{name} {number}" for name in ("left", "right") for number in range(20)}


def test_a_conversation_is_one_turns_at_a_time(tmp_path: Path) -> None:
    keeper = store(tmp_path)
    is_inside, may_leave = threading.Event(), threading.Event()

    def first() -> None:
        with keeper.open(TALK) as vault:
            vault.placeholder_for("PERSON", "Alice")
            is_inside.set()
            may_leave.wait(10)

    thread = threading.Thread(target=first)
    thread.start()
    is_inside.wait(10)
    threading.Timer(0.1, may_leave.set).start()

    assert put(keeper, TALK, "Bob") == ["<PERSON_2>"]
    thread.join()


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.from_regex(re.compile("[A-Z]{1,8}(_[A-Z]{1,4})?"), fullmatch=True),
            st.text(st.characters(codec=None)),
        )
    )
)
def test_rows_make_the_same_vault(rows: list[tuple[str, str]]) -> None:
    vault = Vault()
    names = [vault.name_for(*row) for row in rows]
    again = Vault.from_rows(vault.to_rows())

    assert [again.name_for(*row) for row in rows] == names
    assert again.to_rows() == vault.to_rows()


def test_a_value_of_any_characters_is_kept(tmp_path: Path) -> None:
    odd = "\ud800 \x00 \u202e \n 👩‍👩‍👧 '\""
    put(store(tmp_path), TALK, odd)

    with store(tmp_path).open(TALK) as vault:
        assert vault.to_rows() == [("PERSON", odd)]
    assert os.listdir(tmp_path) == ["vaults"]
