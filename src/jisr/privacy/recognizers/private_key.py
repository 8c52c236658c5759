r"""Private keys in blocks of text, whole or cut off.

What is covered: PEM blocks from BEGIN to END, also on one line with `\n` written out, quoted
with `>`, or without their end; PuTTY keys; age's secret keys.

What is not covered: public keys and certificates, which anybody may see; bare base64.

Source: the form of a block is RFC 7468's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy.base import Span

ENTITY_TYPE = "PRIVATE_KEY"

_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(r"-----END (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_LONGEST = 40_000
_NEWLINES = r"(?:\\r|\\n|[\s>])*"
_BODY = re.compile(
    rf"(?:{_NEWLINES}(?:Proc-Type|DEK-Info|Version|Comment|Hash): [^\n\\]{{0,120}})*"
    rf"(?:{_NEWLINES}(?:[A-Za-z0-9+/]{{20,}}={{0,2}}|[A-Za-z0-9+/]{{1,76}}={{1,2}}))*"
    r"(?:(?:\\n|\s)+[A-Za-z0-9+/]{2,19}(?=\s*\Z))?"
)
_PUTTY = re.compile(
    r"PuTTY-User-Key-File-\d: [^\n]{1,64}\n(?:[A-Z][A-Za-z-]{1,24}: [^\n]{0,256}\n?|"
    r"[A-Za-z0-9+/=]{1,128}(?:\n|\Z)){1,400}"
)
_AGE = re.compile(r"AGE-SECRET-KEY-1[A-Z0-9]{20,80}")


def build(settings: PrivacySettings) -> PrivateKeyRecognizer:
    """Return the recognizer; it has no settings."""
    return PrivateKeyRecognizer()


class PrivateKeyRecognizer:
    """Finds private keys, from their first line to their last."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the keys of `text`."""
        end = 0
        for begin in _BEGIN.finditer(text) if "PRIVATE KEY" in text else ():
            if begin.start() < end:
                continue
            end = _end(text, begin.end())
            yield Span(begin.start(), end, ENTITY_TYPE, 1.0, "a block of a private key")
        if "PuTTY-User-Key-File" in text:
            for match in _PUTTY.finditer(text):
                stop = match.start() + len(match[0].rstrip())
                yield Span(match.start(), stop, ENTITY_TYPE, 1.0, "a key file of PuTTY")
        if "AGE-SECRET-KEY-1" in text:
            for match in _AGE.finditer(text):
                yield Span(*match.span(), ENTITY_TYPE, 1.0, "a secret key of age")


def _end(text: str, start: int) -> int:
    """Return where a block ends: with its last line, or with what is left of its base64."""
    stop = min(len(text), start + _LONGEST)
    last = _END.search(text, start, stop)
    following = _BEGIN.search(text, start, last.start() if last else stop)
    if last and not following:
        return last.end()
    body = _BODY.match(text, start, following.start() if following else stop)
    return body.end() if body else start
