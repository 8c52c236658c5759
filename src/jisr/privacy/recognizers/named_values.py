"""Values that stand after the words that name them: `password: x`, `my user name is x`.

What is covered: the word, perhaps with what it is for, then a sign (`:`, `=`, `->`) or a verb
("is", "was", هو), then the value, in prose, in JSON and YAML, in code and on a command line.

What is not covered: a value far from its word, in a table's column, or on the next line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_SIGN = r"(?P<sign>\\?[\"'`]?\]?[ \t]{0,3}(?::=|=>|->|={1,3}|[:：=])[ \t]{0,3})"
_OF_WHAT = (
    r"(?:[ ](?:for|of|to|on|at)(?:[ ](?:the|my|our|his|her|their|this))?(?:[ ]\w{1,20}){1,2})?"
)
_VERB = (
    rf"(?P<verb>{_OF_WHAT}[ ](?:(?:is|was|are|will[ ]be|should[ ]be|now|to|as|called|set|still|"
    r"simply|just|هو|هي|كان|كانت|ال[آا]ن|رقم)[ ]){1,4}(?:هو|هي)?)"
)
_QUOTED = r"\\?[\"'`“‘«](?P<quoted>[^\"'`\\\n\r\t”’»]{1,128})\\?[\"'`”’»]"


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A value with what names it."""

    start: int
    end: int
    value: str
    word: str
    """What names it, in small letters."""
    has_sign: bool
    """Whether a sign stands between, not a verb."""
    has_verb: bool
    is_quoted: bool


class NamedValues:
    """Finds values after some words. Threads may share it."""

    def __init__(self, words: Iterable[str], value: str, *, joined: str = "") -> None:
        r"""Make the form.

        Args:
            words: Forms of what names the value, as regular expressions; a longer one first.
            value: The form of a value without quotation marks, `[^\s]{4,64}`.
            joined: What stands before a value that directly follows the word, with a space,
                as on a command line: a form; none is known if it is empty.
        """
        direct = rf"|(?P<direct>{joined})" if joined else ""
        self._form = re.compile(
            rf"(?:(?<![^\W_])|(?-i:(?<=[a-z])(?=[A-Z])))(?P<word>{'|'.join(words)})"
            rf"(?:{_SIGN}|{_VERB}{direct})(?:{_QUOTED}|(?P<bare>{value}))",
            re.IGNORECASE,
        )

    def find(self, text: str) -> Iterator[NamedValue]:
        """Yield the values of `text`."""
        for match in self._form.finditer(text):
            group = "quoted" if match["quoted"] is not None else "bare"
            yield NamedValue(
                *match.span(group),
                match[group],
                match["word"].lower(),
                match["sign"] is not None,
                match["verb"] is not None,
                group == "quoted",
            )
