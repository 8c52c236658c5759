r"""Text that is written in an encoding, read back: escapes, base64, base32, hexadecimal.

What is covered:
- escapes of web addresses (`%40`), HTML (`&#64;`, `&commat;`), JSON and programming
  languages (`\u0040`, `\x40`, `\n`), wherever they stand;
- blocks of base64 (both alphabets, also over lines), base32 and hexadecimal (also with spaces
  or colons), which are private as a whole if anything in them is; once more inside of each other.

What is not covered: other encodings (quoted-printable, UTF-7), blocks of fewer than
six characters of text, text that was compressed or encrypted.
"""

from __future__ import annotations

import binascii
import html
import re
from base64 import b32decode, b64decode
from collections.abc import Iterator
from html.entities import html5
from urllib.parse import unquote_to_bytes

from jisr.privacy.reading import Reading, Writing

_ESCAPE = re.compile(
    r"(?P<web>(?:%[0-9A-Fa-f]{2})+)"
    r"|(?P<html>&(?:\#[0-9]{1,7}|\#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
    r"|(?P<code>(?:\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2})+)"
    r"|(?P<sign>\\[nrt\"'/\\])"
)
_SIGNS = {"n": "\n", "r": "\r", "t": "\t"}
_CODE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))")
_BLOCK = re.compile(
    r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{12,}(?:\r?\n[A-Za-z0-9+/_-]{4,})*={0,6}"
    r"|(?<![A-Za-z0-9])(?:0x)?[0-9A-Fa-f]{2}(?:[ :][0-9A-Fa-f]{2}){5,}(?![A-Za-z0-9])"
)
_HEX = re.compile(r"(?:0x)?((?:[0-9A-Fa-f]{2}[ :]?){6,})")
_BASE32 = re.compile("[A-Z2-7]+")
_MIN_CHARACTERS = 6
_MOST_LAYERS = 3


def unescaped(text: str) -> Iterator[Reading]:
    """Yield a text without its escapes, if it has any."""
    if "\\" not in text and "%" not in text and "&" not in text:
        return
    writing, done = Writing(), 0
    for match in _ESCAPE.finditer(text):
        meant = _meant(match)
        if meant is not None and meant != match[0]:
            writing.copy(text, done, match.start())
            writing.put(meant, *match.span())
            done = match.end()
    if done:
        writing.copy(text, done, len(text))
        yield writing.reading("behind escapes")


def _meant(match: re.Match[str]) -> str | None:
    written = match[0]
    if match["web"]:
        return _as_text(unquote_to_bytes(written))
    if match["html"]:
        is_known = written[1] == "#" or written[1:] in html5
        return html.unescape(written) if is_known else None
    if match["sign"]:
        return _SIGNS.get(written[1], written[1])
    units = [int(it[1] or it[2], 16) for it in _CODE.finditer(written)]
    pairs = b"".join(unit.to_bytes(2, "big") for unit in units)
    return pairs.decode("utf-16-be", "replace")


def decoded(text: str) -> Iterator[Reading]:
    """Yield what the blocks of a text say, line by line, if any says anything.

    Each character stands for the whole of its block.
    """
    writing = Writing()
    for match in _BLOCK.finditer(text):
        said = _said(match[0])
        if said is not None and len(said) >= _MIN_CHARACTERS:
            writing.put(f"{said}\n", *match.span())
    if writing.pieces:
        yield writing.reading("in an encoded block")


def _said(block: str) -> str | None:
    """Return the text of a block, through all its layers; None if it is none."""
    said: str | None = None
    for _ in range(_MOST_LAYERS):
        inner = _decode(block)
        if inner is None:
            break
        said = block = inner
    return said


def _decode(block: str) -> str | None:
    packed = "".join(block.split())
    if hexadecimal := _HEX.fullmatch(packed):
        try:
            return _as_text(bytes.fromhex(hexadecimal[1].replace(":", "")))
        except ValueError:
            return None
    packed = packed.rstrip("=")
    if _BASE32.fullmatch(packed):
        try:
            return _as_text(b32decode(packed + "=" * (-len(packed) % 8)))
        except binascii.Error:
            pass  # it may be base64 in capitals
    packed = packed.replace("-", "+").replace("_", "/")
    try:
        return _as_text(b64decode(packed + "=" * (-len(packed) % 4), validate=True))
    except (binascii.Error, ValueError):
        return None


def _as_text(meant: bytes) -> str | None:
    """Return bytes as text; None if they are none."""
    try:
        text = meant.decode("utf-8")
    except UnicodeDecodeError:
        return None
    is_text = all(it.isprintable() or it.isspace() for it in text)
    return text if is_text else None
