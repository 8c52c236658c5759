"""Texts and recognizers that the tests of this package share."""

import re
from collections.abc import Iterator

from hypothesis import strategies as st

from jisr.privacy.base import Span
from jisr.types import Message, Request, Role


class Digits:
    """Finds runs of digits, as two types that overlap."""

    def find(self, text: str) -> Iterator[Span]:
        yield from (Span(*m.span(), "NUMBER") for m in re.finditer(r"\d+", text))
        yield from (Span(*m.span(), "EVEN_NUMBER") for m in re.finditer(r"[b\d]*[02468]", text))


LOOKALIKES = ["<NUMBER_1>", "<number_1>", "&lt;NUMBER_1&gt;", "\\u003ceven_number_2\\u003e"]
WORDS = ["NUMBER_1", "NUMBER", "_", "LITERAL_1", "EVEN", "_1>", "A_", "number", "NUMBER_"]
SIGNS = ["<", ">", "&lt;", "&gt;", "\\u003c", "12", "7", "b", "و", "&", "\\", "ſ", "8", " "]
PIECES = st.sampled_from(LOOKALIKES + WORDS + SIGNS)
TRICKY = st.text() | st.lists(PIECES, max_size=12).map("".join)


def request(*texts: str) -> Request:
    """Return a turn of these user messages."""
    return Request(messages=tuple(Message(Role.USER, text) for text in texts))
