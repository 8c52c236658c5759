"""Who may call: the Host and Origin of a request, and its key.

A page from elsewhere that a person has open can send requests to loopback: the
Host check stops names that were pointed here (DNS rebinding), the Origin check
stops other sites. Any address but loopback needs a key, checked in constant time;
such a server is called by names it cannot know, and no page knows its key, so
the Host check is left out there.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from jisr.errors import ConfigError
from jisr.offline import is_loopback

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request may not pass."""

    status: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Gate:
    """Decides which requests pass."""

    hosts: frozenset[str] | None
    """Names it may be called by; None: any, because a key is needed."""
    origins: frozenset[str]
    key: str | None

    @classmethod
    def build(
        cls,
        host: str,
        key: str | None,
        *,
        key_variable: str,
        hosts: Collection[str] = (),
        origins: Collection[str] = (),
    ) -> Gate:
        """Return the gate of a server that binds `host`.

        Raises:
            ConfigError: The address is not loopback and there is no key.
        """
        if not is_loopback(host) and not key:
            raise ConfigError(
                f"{host} can be reached from other machines, so a key is needed: put one into the "
                f"environment variable {key_variable}, or bind 127.0.0.1."
            )
        if not is_loopback(host):
            return cls(None, frozenset(origins), key)
        names = LOOPBACK_NAMES | {host.lower()} | {name.lower() for name in hosts}
        return cls(names, frozenset(origins), key)

    def check(self, headers: Mapping[str, str], *, needs_key: bool = True) -> Refusal | None:
        """Return why a request may not pass, or None if it may."""
        host = headers.get("host", "")
        if self.hosts is not None and _name(host) not in self.hosts:
            return Refusal(
                403,
                "host_not_allowed",
                f"Host {host!r} is not served here; see server.allowed_hosts.",
            )
        origin = headers.get("origin")
        if origin is not None and origin not in self.origins and not _is_same(origin, host):
            return Refusal(
                403,
                "origin_not_allowed",
                f"Origin {origin!r} may not call; see server.allowed_origins.",
            )
        if needs_key and self.key and not self._has_key(headers.get("authorization", "")):
            return Refusal(
                401,
                "invalid_api_key",
                "The key is missing or wrong: send it as Authorization: Bearer KEY.",
            )
        return None

    def _has_key(self, authorization: str) -> bool:
        scheme, _, key = authorization.partition(" ")
        wanted = (self.key or "").encode()
        return hmac.compare_digest(key.strip().encode(), wanted) and scheme.lower() == "bearer"


def _name(host: str) -> str:
    """Return the name in a Host header, without port and brackets."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_same(origin: str, host: str) -> bool:
    return origin.partition("://")[2].lower() == host.lower()
