from typing import Any

import pytest

from jisr.server.clients import client_of, conversation_of


def scope(peer: str | None = "127.0.0.1", **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    raw = [(name.encode(), value.encode()) for name, value in named.items()]
    return {"type": "http", "headers": raw, "client": (peer, 4711) if peer else None}


USUAL = client_of(scope(authorization="Bearer sk-1", user_agent="chat/1"))


@pytest.mark.parametrize(
    "other",
    [
        scope(authorization="Bearer sk-2", user_agent="chat/1"),
        scope(authorization="Bearer sk-1", user_agent="chat/2"),
        scope(authorization="Bearer sk-1", user_agent="chat/1", origin="https://x.org"),
        scope("10.0.0.9", authorization="Bearer sk-1", user_agent="chat/1"),
        scope(None, authorization="Bearer sk-1", user_agent="chat/1"),
        scope(authorization="Bearer sk-1chat/1"),  # the same letters, cut elsewhere
    ],
)
def test_clients_that_differ_in_a_mark_are_two(other: dict[str, Any]) -> None:
    assert client_of(other) != USUAL


def test_a_client_is_the_same_at_its_next_connection_and_its_key_cannot_be_read() -> None:
    again = scope(authorization="Bearer sk-1", user_agent="chat/1")
    again["client"] = ("127.0.0.1", 4712)

    assert client_of(again) == USUAL
    assert "sk-1" not in USUAL


def test_a_conversation_is_named_within_its_client_and_user() -> None:
    named = {
        conversation_of(client, user, "1") for client in ("a", "b") for user in (None, "u", "v")
    }

    assert len(named) == 6
    assert all(name and name.endswith("/1") for name in named)
    assert conversation_of("a", "u", None) is None
