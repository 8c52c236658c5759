"""The rows of the audit log: what one says, and how each is chained to the one before it.

A row is a line of JSON. It holds the signature of the row before, and its own over all else it
says, so that none can be changed, left out or put elsewhere without the key. A piece of a line
that a crash left behind is followed by a row that says so.

Source: the chaining of log entries by keyed digests of Schneier and Kelsey, "Secure Audit Logs
to Support Computer Forensics" (1999), with one key in the place of keys that evolve.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jisr.departure import Departure
from jisr.privacy.vault_key import MasterKey

NO_ROW = "0" * 64
"""Stands for the signature of the row before the first."""
MEND = "mend"
"""Errand of a row that says what a crash left before it."""
_MAC = b',"mac":"'
_END = b'"}\n'
_MAC_HEX = 64


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of an audit log, each for one use."""

    rows: bytes
    head: bytes
    payloads: bytes

    @classmethod
    def of(cls, master: MasterKey) -> Keys:
        """Return them, made of the key of a home folder."""
        parts = ("audit rows 1", "audit head 1", "audit payloads 1")
        return cls(*map(master.derive, parts))


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the chain: behind which row."""

    num_rows: int = 0
    mac: str = NO_ROW
    """Of the last row."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands in the log."""

    said: Mapping[str, Any]
    mac: str
    size_bytes: int
    is_signed: bool
    """Whether its signature is that of what it says."""

    @property
    def number(self) -> int:
        """Its number, from 1; 0 if it says none."""
        number = self.said.get("row")
        return number if isinstance(number, int) else 0


@dataclass(frozen=True, slots=True)
class Torn:
    """Bytes that are no row."""

    content: bytes


def said_of(departure: Departure, at: datetime, keys: Keys) -> dict[str, object]:
    """Return what a row says of a departure: no text of any turn."""
    return {
        "at": at.isoformat(timespec="milliseconds"),
        "errand": departure.errand.value,
        "scheme": departure.scheme,
        "host": departure.host,
        "port": departure.port,
        "path": departure.path,
        "leaves": not departure.is_loopback,
        "bytes": len(departure.body),
        "digest": digest_of(departure.body, keys),
        "spans": {
            entity_type: dict(them) for entity_type, them in departure.manifest.spans.items()
        },
        "turn": departure.manifest.turn_id,
    }


def mend_of(torn: bytes, at: datetime, keys: Keys) -> dict[str, object]:
    """Return what a row says of what a crash left behind."""
    return {
        "at": at.isoformat(timespec="milliseconds"),
        "errand": MEND,
        "torn_bytes": len(torn),
        "digest": digest_of(torn, keys),
    }


def digest_of(content: bytes, keys: Keys) -> str:
    """Return the digest of a payload, which tells nothing to who has not the key."""
    return hmac.digest(keys.payloads, content, hashlib.sha256).hex()


def line_of(said: Mapping[str, object], place: Place, keys: Keys) -> tuple[bytes, Place]:
    """Return the line of the next row, and the place behind it."""
    numbered = {"row": place.num_rows + 1, **said, "previous": place.mac}
    body = json.dumps(numbered, separators=(",", ":")).encode()[:-1]
    mac = _mac(body, keys)
    return body + _MAC + mac.encode() + _END, Place(place.num_rows + 1, mac)


def read(content: bytes, keys: Keys) -> Iterator[Row | Torn]:
    """Yield the rows of a log, and what is none between them, in order."""
    torn, start = bytearray(), 0
    while start < len(content):
        end = content.find(b"\n", start) + 1 or len(content)
        line = content[start:end]
        row = _row(line, keys)
        if row is None:
            torn += line
        else:
            if torn:
                yield Torn(bytes(torn))
                torn.clear()
            yield row
        start = end
    if torn:
        yield Torn(bytes(torn))


def mends(row: Row, torn: Torn, keys: Keys) -> bool:
    """Return whether a row says of these bytes that a crash left them."""
    said = row.said
    is_of_them = said.get("digest") == digest_of(torn.content.removesuffix(b"\n"), keys)
    return row.is_signed and said.get("errand") == MEND and is_of_them


def _row(line: bytes, keys: Keys) -> Row | None:
    body, mark, rest = line.rpartition(_MAC)
    if not mark or len(rest) != _MAC_HEX + len(_END) or not rest.endswith(_END):
        return None
    try:
        said, mac = json.loads(body + b"}"), rest[:_MAC_HEX].decode("ascii")
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    return Row(said, mac, len(line), hmac.compare_digest(mac, _mac(body, keys)))


def _mac(body: bytes, keys: Keys) -> str:
    return hmac.digest(keys.rows, body, hashlib.sha256).hex()
