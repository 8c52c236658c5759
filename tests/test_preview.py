import asyncio
from dataclasses import replace
from pathlib import Path

from jisr.clock import FakeClock
from jisr.preview import Preview
from jisr.privacy.vault_key import MasterKey
from jisr.privacy.vault_store import VaultStore
from jisr.types import Message, Request, Role, Wish
from tests.runtimes import BALANCED, asked, runtime, saying


def previewed(request: Request, *stay: str) -> Preview:
    jisr = runtime(device=saying(), cloud=saying(), policy=BALANCED.staying(stay))
    return asyncio.run(jisr.preview(request))


def test_findings_are_told_message_by_message_with_what_leaves_in_their_place() -> None:
    texts = ("I am ali@example.com", "Hello", "and sara@example.com, ali@example.com")
    request = Request(messages=tuple(Message(Role.USER, text) for text in texts))

    findings = list(previewed(request).findings())

    assert [(it.message, it.value, it.leaves_as) for it in findings] == [
        (0, "ali@example.com", "<EMAIL_ADDRESS_1>"),
        (2, "sara@example.com", "<EMAIL_ADDRESS_2>"),
        (2, "ali@example.com", "<EMAIL_ADDRESS_1>"),
    ]


def test_what_is_kept_leaves_as_it_is_and_what_stays_as_nothing() -> None:
    stays = previewed(asked("to ali@example.com", wish=Wish.ONLY_CLOUD), "EMAIL_ADDRESS")

    assert [it.leaves_as for it in stays.findings()] == [None]
    assert stays.outbound is None


def test_what_is_printed_of_a_preview_shows_no_value_of_a_finding() -> None:
    (finding,) = previewed(asked("to ali@example.com")).findings()

    assert "ali@" not in repr(finding)


def test_in_a_conversation_the_numbers_are_those_that_would_leave(tmp_path: Path) -> None:
    vaults = VaultStore(tmp_path / "vaults", lambda: MasterKey(b"k" * 32), FakeClock())
    with vaults.open("mine/1") as vault:
        vault.placeholder_for("EMAIL_ADDRESS", "sara@example.com")
    jisr = runtime(device=saying(), cloud=saying(), policy=BALANCED, vaults=vaults)
    turn = replace(asked("from ali@example.com to sara@example.com"), conversation_id="mine/1")

    found = [asyncio.run(jisr.preview(turn)).findings() for _ in range(2)]

    for findings in found:
        assert [it.leaves_as for it in findings] == ["<EMAIL_ADDRESS_2>", "<EMAIL_ADDRESS_1>"]
    assert len(vaults.peek("mine/1")) == 1
