"""Which client asks, so that two clients that name a conversation alike never share its vault.

What is covered: clients that differ in their key, address, web origin, program (User-Agent) or
in the user they ask for (`user`).

What is not covered: two programs of one machine that say the same of all these are one client;
an identifier that cannot be guessed keeps their conversations apart.
"""

from __future__ import annotations

import hashlib

from starlette.datastructures import Headers
from starlette.types import Scope

MARKS = ("authorization", "origin", "user-agent")
NAME = "[A-Za-z0-9._-]{1,64}"
"""What a client may call a conversation."""
SHOWN_HEX = 24
"""Digits of the digest that stand for a client: 96 bits."""


def client_of(scope: Scope) -> str:
    """Return what stands for the client of a request: a digest, so that no key is in it."""
    headers = Headers(scope=scope)
    peer = scope.get("client")
    marks = [str(peer[0]) if peer else "", *(headers.get(name, "") for name in MARKS)]
    return _digest(marks)


def conversation_of(client: str, user: str | None, name: str | None) -> str | None:
    """Return what a conversation is known by here, None for one that the client did not name."""
    if name is None:
        return None
    return f"{_digest([client, user or ''])}/{name}"


def _digest(marks: list[str]) -> str:
    framed = "".join(f"{len(it)}:{it}," for it in marks)
    return hashlib.sha256(framed.encode("utf-8", "surrogatepass")).hexdigest()[:SHOWN_HEX]
