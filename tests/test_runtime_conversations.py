import asyncio
from pathlib import Path

import pytest

from jisr.backends.scripted import ScriptedBackend
from jisr.clock import FakeClock
from jisr.errors import PrivacyError
from jisr.privacy.vault_key import MasterKey
from jisr.privacy.vault_store import VaultStore
from jisr.types import Message, Outbound, Request, Role, Wish
from tests.runtimes import asked, outputs, runtime, text_of

KEY = MasterKey(b"k" * 32)
TO_LAYLA = "Write to layla@example.com"
TO_OMAR = "Write to omar@example.com"


def store(folder: Path) -> VaultStore:
    return VaultStore(folder / "vaults", lambda: KEY, FakeClock())


def turn(cloud: ScriptedBackend, vaults: VaultStore, request: Request) -> str:
    return text_of(asyncio.run(outputs(runtime(cloud=cloud, vaults=vaults), request)))


def to_cloud(text: str, conversation_id: str | None = "client/1") -> Request:
    return asked(text, wish=Wish.ONLY_CLOUD, conversation_id=conversation_id)


def sent(cloud: ScriptedBackend) -> list[str]:
    return [it.messages[-1].text for it in cloud.seen if isinstance(it, Outbound)]


def test_a_value_keeps_its_placeholder_though_the_client_drops_old_messages(
    tmp_path: Path,
) -> None:
    cloud = ScriptedBackend([["ok"]] * 3)
    for text in (TO_LAYLA, TO_OMAR, TO_LAYLA):
        turn(cloud, store(tmp_path), to_cloud(text))

    assert sent(cloud) == [f"Write to <EMAIL_ADDRESS_{number}>" for number in (1, 2, 1)]


def test_a_placeholder_in_a_late_answer_is_restored(tmp_path: Path) -> None:
    cloud = ScriptedBackend([["ok"], ["As said: <EMAIL_ADDR", "ESS_1>."]])
    turn(cloud, store(tmp_path), to_cloud(TO_LAYLA))

    assert turn(cloud, store(tmp_path), to_cloud("Whom?")) == "As said: layla@example.com."


def test_another_conversation_and_a_turn_without_one_know_nothing_of_it(tmp_path: Path) -> None:
    cloud = ScriptedBackend([["ok"], *([["<EMAIL_ADDRESS_1>"]] * 3)])
    turn(cloud, store(tmp_path), to_cloud(TO_LAYLA))

    for conversation in ("client/2", "other/1", None):
        told = turn(cloud, store(tmp_path), to_cloud("Whom?", conversation))
        assert told == "<EMAIL_ADDRESS_1>"


def test_nothing_is_sent_of_a_conversation_that_cannot_be_read(tmp_path: Path) -> None:
    cloud = ScriptedBackend([["ok"]] * 2)
    turn(cloud, store(tmp_path), to_cloud(TO_LAYLA))
    for path in (tmp_path / "vaults").glob("*.vault"):
        path.write_bytes(b"damaged")

    with pytest.raises(PrivacyError, match="jisr vault delete client/1"):
        turn(cloud, store(tmp_path), to_cloud(TO_OMAR))
    assert len(cloud.seen) == 1


def test_a_turn_on_the_device_touches_no_vault(tmp_path: Path) -> None:
    device = ScriptedBackend([["ok"]])
    request = Request(messages=(Message(Role.USER, TO_LAYLA),), conversation_id="client/1")
    asyncio.run(outputs(runtime(device=device, vaults=store(tmp_path)), request))

    assert not (tmp_path / "vaults").exists()
