"""Addresses of the web as such, and hosts that begin with `www.`.

What is covered: any `http`, `https` and `ftp` address, whole; `www.` with a host; other hosts
after words such as "website", "domain", موقع, and after an `@`; in text that speaks of its
writer, hosts with an ending that is no word (`alis-garage.com`, not `done.so`).

What is not covered: hosts without any of these, addresses of one's own machine.
The score is below that of an address that names or lets in a person (`url`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy import well_known
from jisr.privacy.base import Span
from jisr.privacy.context_words import ContextWords
from jisr.privacy.recognizers.web_addresses import web_addresses

ENTITY_TYPE = "DOMAIN_NAME"

_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{1,62}")
_BARE = re.compile(
    r"(?<![\w@./:-])(?P<at>@?)(?P<host>(?:[A-Za-z0-9][A-Za-z0-9-]{0,61}\.){1,3}[A-Za-z]{2,12})"
    r"(?P<path>/[^\s<>\"'`\\]{0,256})?(?<![.,;:!?)])(?![\w@(-]|\.[A-Za-z0-9])"
)
_ENDING = re.compile(
    r"(?:.*[.-])?[A-Za-z0-9]{2,}\.(?:(?:com|co|org|net|gov|edu|ac)\.[a-z]{2}"
    r"|com|net|org|edu|gov|mil|io|ai|uk|de|fr|nl|ch|eu|ca|au|jp|kr|cn|ru|br|sa|ae|om|qa|kw|eg)",
)
_OTHERS = ("www.", "com.", "org.", "net.", "io.", "java.", "javax.")
_SOFTWARE = frozenset({"asp.net", "vb.net", "ado.net", "ml.net", "socket.io"})
_WORDS = ContextWords(
    [
        *("website", "web site", "webpage", "homepage", "domain", "domain name", "hostname"),
        *("site", "blog", "shop", "url", "company", "firm", "startup", "employer"),
        *("موقع", "نطاق", "مدونة", "متجر", "شركة"),
    ],
    before=24,
    after=0,
)
_FILES = re.compile(
    r"(?:js|py|ts|md|txt|json|ya?ml|html?|css|pdf|docx?|exe|sh|php|go|rs)\Z", re.IGNORECASE
)
_SCHEMES = frozenset({"http", "https", "ftp", ""})
_PLACEHOLDERS = frozenset(
    {"example.com", "www.example.com", "example.org", "example.net", "www.w3.org", "schema.org"}
)


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
        yield from _bare_hosts(text)


def _bare_hosts(text: str) -> Iterator[Span]:
    """Yield hosts that stand in a text without scheme and `www.`."""
    hosts = list(_BARE.finditer(text)) if "." in text else []
    if not hosts:
        return
    words, is_personal = _WORDS.scan(text), well_known.is_personal(text)
    for match in hosts:
        start, end = match.start("host"), match.end()
        cue = words.near(start, end)
        if cue and not match["at"] and not _FILES.search(match[0]):
            yield Span(start, end, ENTITY_TYPE, 0.6, f"a host, {cue.why}")
        elif _ends_as_host(match["host"]):
            if match["at"]:
                yield Span(start, end, ENTITY_TYPE, 0.6, "a host of e-mail addresses")
            elif is_personal:
                yield Span(start, end, ENTITY_TYPE, 0.5, "a host, by its ending")


def _ends_as_host(written: str) -> bool:
    """Whether a name with dots can be nothing else than a host's."""
    host = written.lower() if written.isupper() else written
    if host[: host.index(".")].isupper():  # JD.com
        host = host.lower()
    return (
        _ENDING.fullmatch(host) is not None
        and not host.startswith(_OTHERS)
        and host.lower() not in _SOFTWARE | _PLACEHOLDERS
    )
