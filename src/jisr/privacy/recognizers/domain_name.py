"""Addresses of the web as such, and hosts that begin with `www.`.

What is covered: any `http`, `https` and `ftp` address, whole; `www.` with a host; other hosts
after words such as "website", "domain", موقع.

What is not covered: hosts without any of these, addresses of one's own machine.
The score is below that of an address that names or lets in a person (`url`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy.base import Span
from jisr.privacy.context_words import ContextWords
from jisr.privacy.recognizers.web_addresses import web_addresses

ENTITY_TYPE = "DOMAIN_NAME"

_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{1,62}")
_BARE = re.compile(
    r"(?<![\w@./:-])(?:[A-Za-z0-9][A-Za-z0-9-]{0,61}\.){1,3}[A-Za-z]{2,12}(?:/[^\s<>\"'`\\]{0,256})?"
    r"(?<![.,;:!?)])(?![\w@(-])"
)
_WORDS = ContextWords(
    [
        *("website", "web site", "webpage", "homepage", "domain", "domain name", "hostname"),
        *("site", "blog", "shop", "url", "موقع", "نطاق", "مدونة", "متجر"),
    ],
    before=24,
    after=0,
)
_FILES = re.compile(
    r"(?:js|py|ts|md|txt|json|ya?ml|html?|css|pdf|docx?|exe|sh|php|go|rs)\Z", re.IGNORECASE
)
_SCHEMES = frozenset({"http", "https", "ftp", ""})
_PLACEHOLDERS = frozenset({"example.com", "www.example.com", "www.w3.org", "schema.org"})


def build(settings: PrivacySettings) -> DomainRecognizer:
    """Return the recognizer; it has no settings."""
    return DomainRecognizer()


class DomainRecognizer:
    """Finds addresses of the web."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the addresses of `text`."""
        for address in web_addresses(text):
            host = address.host.lower()
            if address.scheme not in _SCHEMES or not _HOST.fullmatch(host):
                continue
            score = 0.3 if host in _PLACEHOLDERS else 0.6
            why = f"an address of {address.scheme or 'the web'}"
            yield Span(address.start, address.end, ENTITY_TYPE, score, why)
        hosts = list(_BARE.finditer(text)) if "." in text else []
        words = _WORDS.scan(text) if hosts else None
        for match in hosts:
            cue = words.near(*match.span()) if words else None
            if cue and not _FILES.search(match[0]):
                yield Span(*match.span(), ENTITY_TYPE, 0.6, f"a host, {cue.why}")
