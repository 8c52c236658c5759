r"""JSON read as text: what its strings say, and the same JSON with other strings in it.

A recognizer is to see what a string means, not how it is escaped: `"\u0639\u0644\u064a"` is a
name. So JSON has a view, in which each string stands as it is meant, between its quotes; all
else stands as it was written, and so do the strings that are not changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_LEAF = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d[-+.\deE]*', re.DOTALL)
_SCHEMA_WORDS = """
$anchor $comment $defs $id $ref $schema additionalProperties allOf anyOf array boolean const
contains default definitions dependentRequired dependentSchemas deprecated description else enum
examples exclusiveMaximum exclusiveMinimum format if integer items maxContains maxItems maxLength
maxProperties maximum minContains minItems minLength minProperties minimum multipleOf not null
number object oneOf pattern patternProperties prefixItems properties propertyNames readOnly
required string then title type unevaluatedItems unevaluatedProperties uniqueItems writeOnly
"""
_WORDS_OF_SCHEMAS = frozenset(_SCHEMA_WORDS.split())
"""What a JSON schema says of itself; it is nobody's secret."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A string or number: `[start, end)` of the view, without quotes."""

    start: int
    end: int
    is_string: bool
    raw_start: int
    """Where it stands in the JSON, quotes included."""
    raw_end: int


@dataclass(frozen=True, slots=True)
class JsonText:
    """A JSON object or array."""

    raw: str
    view: str
    leaves: tuple[Leaf, ...] = field(repr=False)
    """Those that may be changed, in order."""

    def with_leaves(self, write: Callable[[Leaf], str | None]) -> str:
        """Return the JSON with other leaves.

        Args:
            write: Returns what a leaf is to say, as a string; None leaves it as it is.
        """
        pieces, done = [], 0
        for leaf in self.leaves:
            new = write(leaf)
            if new is not None:
                pieces += [self.raw[done : leaf.raw_start], json.dumps(new, ensure_ascii=False)]
                done = leaf.raw_end
        return "".join([*pieces, self.raw[done:]])


def read_json(text: str, *, is_schema: bool = False) -> JsonText | None:
    """Return a text as JSON; None if it is no object or array.

    Args:
        text: The text.
        is_schema: Whether it is a JSON schema, whose own words are no leaves.
    """
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    pieces, leaves, done, length = [], [], 0, 0
    for match, said in _leaves(text):
        before = text[done : match.start()]
        is_string = match[0].startswith('"')
        quote = '"' if is_string else ""
        start = length + len(before) + len(quote)
        if not (is_schema and is_string and said in _WORDS_OF_SCHEMAS):
            leaves.append(Leaf(start, start + len(said), is_string, *match.span()))
        pieces += [before, quote, said, quote]
        done, length = match.end(), start + len(said) + len(quote)
    return JsonText(text, "".join([*pieces, text[done:]]), tuple(leaves))


def _leaves(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield the strings and numbers of valid JSON, and what each says."""
    for match in _LEAF.finditer(text):
        said = json.loads(match[0], strict=False) if match[0].startswith('"') else match[0]
        yield match, said
