"""Where addresses of the web stand in a text, and what their parts are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9])(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{1,15})://|www\.)"
    r"[^\s<>\"'`\\^{}|،؛]{1,2048}",
)
_CLOSING = {")": "(", "]": "["}
_TRAILING = ".,;:!?…؟*_~"
_PARTS = re.compile(
    r"(?:[^:/]*://)?(?:(?P<user>[^/?#@]*)@)?(?P<host>\[[^\]]*\]|[^/?#:]*)(?::\d*)?"
    r"(?P<path>[^?#]*)(?P<query>\??[^#]*)(?P<fragment>#?.*)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An address of the web, or of something else that has a scheme."""

    start: int
    end: int
    scheme: str
    """In small letters; empty after a bare `www.`."""
    user: str
    """What stands before the `@`, with a password perhaps."""
    host: str
    path: str
    query: str
    fragment: str


def web_addresses(text: str) -> Iterator[WebAddress]:
    """Yield the addresses of a text; what ends the sentence is no part of them."""
    if "://" not in text and "www." not in text and "WWW." not in text:
        return
    for match in _ADDRESS.finditer(text):
        end = _end(text, match.start(), match.end())
        parts = _PARTS.match(text[match.start() : end])
        if parts and parts["host"]:
            yield WebAddress(
                match.start(),
                end,
                (match["scheme"] or "").lower(),
                parts["user"] or "",
                parts["host"],
                parts["path"],
                parts["query"],
                parts["fragment"],
            )


def _end(text: str, start: int, end: int) -> int:
    """Return the end without marks of the sentence and brackets that were opened before."""
    link = text.find("](", start, end)  # a link in Markdown whose words are an address
    end = link if link > 0 else end
    while end > start:
        last = text[end - 1]
        opening = _CLOSING.get(last)
        is_unpaired = opening is not None and text.count(opening, start, end) < text.count(
            last, start, end
        )
        if last not in _TRAILING and not is_unpaired:
            break
        end -= 1
    return end
