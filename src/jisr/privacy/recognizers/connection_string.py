"""Addresses of databases and queues with their password in them.

What is covered: `postgres://user:pw@host/db` and every scheme like it (MySQL, MongoDB, Redis,
AMQP, SMTP, SFTP, JDBC, SQLAlchemy's `+driver`); `Server=…;Password=…`; Azure's
`AccountKey=…` and `SharedAccessKey=…`; libpq's `host=… password=…`.

What is not covered: addresses without a password, which name no secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy.base import Span

ENTITY_TYPE = "CONNECTION_STRING"

_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9])(?:jdbc:)?[A-Za-z][A-Za-z0-9+:.-]{1,32}://"
    r"(?P<user>[^\s:/@\"'`<>\\]{0,128}):(?P<password>[^\s/@\"'`<>\\]{1,256}"
    r"(?:@(?=[^\s/@\"'`<>\\]{0,128}@)[^\s/@\"'`<>\\]{1,128})?)@[^\s\"'`<>\\]{1,1024}"
)
_JDBC = re.compile(r"jdbc:[a-z0-9:]{2,24}[^\s\"'`<>\\]{1,1024}", re.IGNORECASE)
_JDBC_SECRET = re.compile(
    r"(?:password|pwd)=[^;&\s]+|:[^\s/:@]{1,64}/[^\s/@]{1,64}@", re.IGNORECASE
)
_WEB = re.compile(r"(?:https?|ftp|ws|wss)://", re.IGNORECASE)
_PLACES = (
    "server|data source|host|hostname|address|addr|endpoint|accountname|blobendpoint|driver|"
    "defaultendpointsprotocol|provider|database|initial catalog|user id|uid|network address"
)
_SECRETS = "password|pwd|accountkey|sharedaccesskey|sharedaccesssignature|sharedsecretvalue"
_PAIR = r"[A-Za-z][A-Za-z0-9 _-]{0,31}=[^;\"'`\n\r\\]{0,512}"
_PAIRS = re.compile(
    rf"(?<![A-Za-z0-9])(?:{_PLACES}|{_SECRETS})[ ]?=[^;\"'`\n\r\\]{{0,512}}"
    rf"(?:;[ ]?{_PAIR}){{1,32}};?",
    re.IGNORECASE,
)
_SECRET_PAIR = re.compile(rf"(?:^|;)[ ]?(?:{_SECRETS})[ ]?=[ ]?[^;\s]", re.IGNORECASE)
_PLACE_PAIR = re.compile(rf"(?:^|;)[ ]?(?:{_PLACES})[ ]?=", re.IGNORECASE)
_WORD = (
    "(?:host|hostaddr|port|dbname|user|password|sslmode|connect_timeout|application_name)"
    r"=[^\s\"'`\\;]{1,256}"
)
_WORDS = re.compile(rf"(?<!\w){_WORD}(?:[ ]{_WORD}){{1,9}}")
_TRAILING = ".,;:?)]} "


def build(settings: PrivacySettings) -> ConnectionRecognizer:
    """Return the recognizer; it has no settings."""
    return ConnectionRecognizer()


class ConnectionRecognizer:
    """Finds addresses of databases that let in who has them."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the addresses of `text`."""
        if "://" in text:
            for match in _ADDRESS.finditer(text):
                if not _WEB.match(match[0]):  # which `url` finds
                    yield _span(match, "a password before the host")
        if "jdbc:" in text:
            for match in _JDBC.finditer(text):
                if _JDBC_SECRET.search(match[0]):
                    yield _span(match, "an address of JDBC with a password")
        if "=" in text:
            yield from _pairs(text)


def _pairs(text: str) -> Iterator[Span]:
    if ";" in text:
        for match in _PAIRS.finditer(text):
            if _SECRET_PAIR.search(match[0]) and _PLACE_PAIR.search(match[0]):
                yield _span(match, "a place and its password")
    if "password=" in text:
        for match in _WORDS.finditer(text):
            if "password=" in match[0]:
                yield _span(match, "a place and its password")


def _span(match: re.Match[str], why: str) -> Span:
    end = match.start() + len(match[0].rstrip(_TRAILING))
    return Span(match.start(), end, ENTITY_TYPE, 0.95, why)
