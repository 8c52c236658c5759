"""Addresses of the Internet Protocol.

What is covered: IPv4 and IPv6 in all its short forms, with a port, a range (`/24`) or a zone.
Addresses that say nothing of a person (loopback, unspecified, netmasks, documentation, the
public name servers) score too low to be replaced.

What is not covered: IPv4 in octal, hexadecimal or as one number; four numbers after
"version" are no address.

Source: forms and special ranges by the standard library's ipaddress (RFC 4291, RFC 6890).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address

from jisr.config import PrivacySettings
from jisr.privacy.base import Span
from jisr.privacy.context_words import ContextWords
from jisr.privacy.folding import fold

ENTITY_TYPE = "IP_ADDRESS"
CERTAIN, LIKELY, SAYS_NOTHING = 0.95, 0.8, 0.3
"""Scores: IPv6, or IPv4 after a word; IPv4 alone; an address that everybody has."""

_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = re.compile(
    rf"(?<![\w.])(?<![A-Za-z]-)(?<!\w/){_BYTE}(?:\.{_BYTE}){{3}}"
    r"(?!\w|\.[0-9A-Za-z]|-[0-9]{1,3}(?![0-9.]))"
)
_IPV6 = re.compile(
    r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}"
    r"(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4})"
    r"(?:%[A-Za-z0-9]{1,15})?(?![\w:])"
)
_LEAST_COLONS = 6  # of an address that leaves nothing out: two bytes between each
_RANGE = re.compile(r"/(?:12[0-8]|1[01][0-9]|[1-9]?[0-9])(?![\w./])")
_VERSION = ContextWords(
    [
        *("version", "ver", "v", "release", "build", "firmware", "driver", "update", "upgrade"),
        *("section", "chapter", "clause", "oid", "schema", "chrome", "windows", "kernel"),
        *("إصدار", "نسخة", "قسم", "فصل"),
    ],
    before=16,
    after=0,
)
_WORDS = ContextWords(
    [
        *("ip", "ip address", "address", "host", "server", "client", "client ip", "remote addr"),
        *("subnet", "gateway", "router", "network", "ping", "ssh", "vpn", "proxy", "login from"),
        *("عنوان", "عنوان آي بي", "آي بي", "خادم", "سيرفر", "شبكة"),
    ],
    before=32,
    after=16,
)
_NAME_SERVERS = frozenset({"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9"})


def build(settings: PrivacySettings) -> IpRecognizer:
    """Return the recognizer; it has no settings."""
    return IpRecognizer()


class IpRecognizer:
    """Finds IP addresses; a port after one is no part of it, a range is."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the addresses of `text`."""
        folded = fold(text)
        long = list(_long(folded)) if ":" in folded else []
        yield from long
        for span in _short(folded) if "." in folded else ():
            if not any(other.start < span.end <= other.end for other in long):
                yield span


def _short(text: str) -> Iterator[Span]:
    matches = list(_IPV4.finditer(text))
    if not matches:
        return
    words, versions = _WORDS.scan(text), _VERSION.scan(text)
    for match in matches:
        start, end = match.span()
        if versions.near(start, end):
            continue
        address, cue = IPv4Address(match[0]), words.near(start, end)
        if _says_nothing(address):
            score, why = SAYS_NOTHING, "a special address"
        elif cue:
            score, why = CERTAIN, f"four bytes, {cue.why}"
        else:
            score, why = LIKELY, "four bytes"
        range_ = _RANGE.match(text, end)
        yield Span(start, range_.end() if range_ else end, ENTITY_TYPE, score, why)


def _long(text: str) -> Iterator[Span]:
    for match in _IPV6.finditer(text):
        written = match[0].partition("%")[0]
        if "::" not in written and written.count(":") < _LEAST_COLONS:
            continue
        try:
            address = ip_address(written)
        except ValueError:
            continue
        if written.strip(":") and any(map(str.isdigit, written)):
            range_ = _RANGE.match(text, match.end())
            end = range_.end() if range_ else match.end()
            score = SAYS_NOTHING if _says_nothing(address) else CERTAIN
            yield Span(match.start(), end, ENTITY_TYPE, score, "form of IPv6")


def _says_nothing(address: IPv4Address | IPv6Address) -> bool:
    return (
        address.is_loopback
        or address.is_unspecified
        or address.is_multicast
        or str(address) in _NAME_SERVERS
        or str(address).startswith(("255.", "0.", "2001:db8:", "192.0.2.", "198.51.100."))
        or str(address).startswith("203.0.113.")
    )
