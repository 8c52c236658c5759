import asyncio
from pathlib import Path

import pytest
from starlette.applications import Starlette

from jisr.backends.scripted import ScriptedBackend
from jisr.clock import FakeClock
from jisr.privacy.vault_key import MasterKey
from jisr.privacy.vault_store import VaultStore
from jisr.runtime import Runtime
from jisr.server.conversations import conversation_routes
from tests.runtimes import runtime
from tests.server.asgi import Answer, app, call, chat

TEXT = "Write to layla@example.com"
WHOM = "Whom did I write to?"
LATE = "To <EMAIL_ADDRESS_1>."


def jisr(folder: Path, *answers: str) -> Runtime:
    cloud = ScriptedBackend([[answer] for answer in answers])
    store = VaultStore(folder / "vaults", lambda: MasterKey(b"k" * 32), FakeClock())
    return runtime(cloud=cloud, vaults=store)


def said(
    it: Runtime, text: str, name: str | None = "mail", agent: str = "one", user: str = "u"
) -> str:
    wants = {"wish": "only_cloud"} | ({"conversation": name} if name else {})
    body = chat(text, jisr=wants, user=user)
    answer = asyncio.run(call(app(it), body=body, headers={"user-agent": agent}))
    return answer.text()


def ended(it: Runtime, name: str, agent: str = "one", query: bytes = b"user=u") -> Answer:
    served = Starlette(routes=conversation_routes(it))
    path = f"/v1/jisr/conversations/{name}"

    async def with_query(scope, receive, send):  # type: ignore[no-untyped-def]  # ASGI's own
        await served({**scope, "query_string": query}, receive, send)

    return asyncio.run(call(with_query, path, method="DELETE", headers={"user-agent": agent}))


def test_a_client_finds_its_own_conversation_again_and_no_other_does(tmp_path: Path) -> None:
    it = jisr(tmp_path, "ok", *([LATE] * 5))
    said(it, TEXT)

    assert said(it, WHOM) == "To layla@example.com."
    assert said(it, WHOM, agent="two") == LATE
    assert said(it, WHOM, user="v") == LATE
    assert said(it, WHOM, name="other") == LATE
    assert said(it, WHOM, name=None) == LATE


def test_a_conversation_that_was_ended_is_forgotten_with_its_vault(tmp_path: Path) -> None:
    it = jisr(tmp_path, "ok", LATE)
    said(it, TEXT)

    for agent, query, is_deleted in (("two", b"user=u", False), ("one", b"", False)):
        assert ended(it, "mail", agent, query).json()["deleted"] is is_deleted
    assert ended(it, "mail").json() == {
        "id": "mail",
        "object": "jisr.conversation",
        "deleted": True,
    }
    assert list((tmp_path / "vaults").glob("*.vault")) == []
    assert said(it, WHOM) == LATE


@pytest.mark.parametrize("name", ["a b", "x" * 65, "%2e%2e", "é"])
def test_what_no_conversation_is_called_is_refused(tmp_path: Path, name: str) -> None:
    assert ended(jisr(tmp_path), name).status == 400


def test_a_vault_that_cannot_be_read_sends_nothing_and_says_the_remedy(tmp_path: Path) -> None:
    it = jisr(tmp_path, "ok", "never")
    said(it, TEXT)
    for path in (tmp_path / "vaults").glob("*.vault"):
        path.write_bytes(b"damaged")
    body = chat(TEXT, jisr={"wish": "only_cloud", "conversation": "mail"}, user="u")
    answer = asyncio.run(call(app(it), body=body, headers={"user-agent": "one"}))

    assert answer.status == 500
    assert "jisr vault delete" in answer.error["message"]
    assert "layla" not in answer.body.decode()
