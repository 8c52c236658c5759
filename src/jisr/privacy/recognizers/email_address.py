r"""E-mail addresses, by their form.

What is covered: `local@domain` with letters of any script, sub-addresses (`+tag`),
domains of any depth whose last label could be a top-level domain; the `@` as `%40` or `&#64;`;
addresses written for people only ("ali at example dot com", `ali [at] example.com`,
`ali @ example . com`).

What is not covered: quoted local parts, addresses at an IP, `\u0040`.

Source: the form follows RFC 5322 (dot-atom) and RFC 6531 (other scripts).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy.base import Span

ENTITY_TYPE = "EMAIL_ADDRESS"

_MAX_LOCAL = 256  # the standard says 64; reply addresses of trackers are longer
_MAX_DOMAIN = 254
_LOCAL_SIGNS = "_.!#$%+^~'=-"
_DOMAIN = re.compile(r"[^\W_](?:[\w-]*\w)?(?:\.[^\W_](?:[\w-]*\w)?)+")
_TOP = re.compile(r"(?:xn--[a-z0-9-]+|[^\W\d_]{2,63})\Z", re.IGNORECASE)
_AT = re.compile("@|%40|&#64;|&commat;")
_SPOKEN_WORTH_A_LOOK = re.compile(r"\bdot\b|[(\[{<][ ]?(?:at|@)| @ |دوت|نقطة", re.IGNORECASE)
_DOT = r"(?:[ ](?:dot|دوت|نقطة)[ ]|[ ]?[(\[{<][ ]?(?:dot|\.)[ ]?[)\]}>][ ]?)"
_SIGNED_AT = r"[ ]?[(\[{<][ ]?(?:at|@|آت)[ ]?[)\]}>][ ]?"
_LABEL = r"[^\W_](?:[\w-]{0,62}[^\W_])?"
_ENDING = r"(?:com|net|org|edu|gov|info|biz|app|dev|كوم|نت|[a-z]{2})(?![\w-])"
_SPOKEN = re.compile(
    rf"(?<![\w.+-])[\w.+-]{{1,64}}(?:{_DOT}[\w+-]{{1,64}}){{0,3}}"
    rf"(?:[ ](?:at|آت|ات)[ ](?!(?:the|a|an|this|that|my)\b)(?:{_LABEL}{_DOT}){{1,4}}{_ENDING}"
    rf"|[ ]@[ ](?:{_LABEL}[ ]\.[ ]){{1,4}}{_ENDING}"
    rf"|{_SIGNED_AT}{_LABEL}(?:(?:{_DOT}|\.){_LABEL}){{1,4}})",
    re.IGNORECASE,
)
_HALF_WIDTH = str.maketrans({"＠": "@", "﹫": "@", "．": ".", "。": ".", "｡": "."})
_FILE_ENDINGS = frozenset({"png", "jpg", "jpeg", "gif", "svg", "webp"})  # icon@2x.png


def build(settings: PrivacySettings) -> EmailRecognizer:
    """Return the recognizer; it has no settings."""
    return EmailRecognizer()


class EmailRecognizer:
    """Finds e-mail addresses, outwards from each `@`."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the addresses of `text`."""
        if not text.isascii():
            text = text.translate(_HALF_WIDTH)
        last = 0
        for at in _AT.finditer(text):
            if at.start() < last:
                continue
            start, end = _local_start(text, at.start()), _domain_end(text, at.end())
            if start < at.start() and end:
                yield Span(start, end, ENTITY_TYPE, why="local part, @ and domain")
                last = end
        if _SPOKEN_WORTH_A_LOOK.search(text):
            for spoken in _SPOKEN.finditer(text):
                yield Span(*spoken.span(), ENTITY_TYPE, 0.75, "an address written in words")


def _local_start(text: str, at: int) -> int:
    """Return where the local part before `at` starts; `at` if there is none."""
    start = at
    for character in reversed(text[max(0, at - _MAX_LOCAL) : at]):
        if not (character.isalnum() or character in _LOCAL_SIGNS):
            break
        start -= 1
    if (equals := text.rfind("=", start, at)) >= 0 and "+" not in text[start:at]:
        start = equals + 1  # name=ali@…; but bounce+ali=example.org@… is one address
    return at - len(text[start:at].lstrip(_LOCAL_SIGNS))


def _domain_end(text: str, start: int) -> int:
    """Return where the domain ends, 0 if there is none."""
    match = _DOMAIN.match(text, start, start + _MAX_DOMAIN)
    if not match:
        return 0
    end = match.end()
    while end > start:
        top = text[max(start, text.rfind(".", start, end) + 1) : end]
        if top.lower() in _FILE_ENDINGS:
            return 0
        if _TOP.match(top):
            return end
        end = text.rfind(".", start, end)  # "ali@example.org.2 more": the last label is no domain
        if end <= start or "." not in text[start:end]:
            return 0
    return 0
