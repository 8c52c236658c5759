"""From a JSON schema to the grammar of the JSON texts that follow it.

The converter is the one that comes with llama-cpp-python; this module hands it
only what it can take. It follows no reference beyond the schema, writes no
repetition out without end, and lets no pattern be read in more ways than can
be tried.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from math import prod

from llama_cpp.llama_grammar import json_schema_to_gbnf

from jisr.errors import InvalidRequest

MAX_SCHEMA_CHARACTERS = 256 * 1024
MAX_REPEATS = 1000
"""Largest bound of a repetition: the converter writes each of them out."""
MAX_QUANTIFIERS = 8
"""Repetitions in one `pattern`: the ways to read a word grow with this power."""
ANY_OBJECT = '{"type": "object"}'
BOUNDS = {"minLength", "maxLength", "minItems", "maxItems"}
CLASSES = {"d": "0-9", "w": "a-zA-Z0-9_", "s": r" \t\n\r"}
_ESCAPE = re.compile(r"\\(.)")
_ESCAPE_OR_SET = re.compile(r"\\.|\[(?P<set>(?:\\.|[^\]\\])*)\]")


def from_json_schema(schema: str) -> str:
    """Return the GBNF grammar of a JSON schema; `{}` stands for any object.

    Raises:
        InvalidRequest: It is no schema, or one that cannot be turned into a grammar.
    """
    try:
        if len(schema) > MAX_SCHEMA_CHARACTERS:
            raise ValueError(f"it has more than {MAX_SCHEMA_CHARACTERS} characters")
        parsed = json.loads(schema)
        for key, value in _members(parsed):
            _check_member(key, value)
        usable = json.dumps(_spelled(_rooted(parsed))) if parsed else ANY_OBJECT
        return str(json_schema_to_gbnf(usable))
    except Exception as error:  # the converter raises what it happens to stumble over
        raise InvalidRequest(
            f"The JSON schema cannot be used: {type(error).__name__}: {error}",
            param="response_format",
        ) from error


def _members(schema: object) -> Iterator[tuple[str, object]]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            yield key, value
            yield from _members(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _members(value)


def _check_member(key: str, value: object) -> None:
    """Refuse what would be fetched, written out until the memory is full, or read too often."""
    if key in BOUNDS and isinstance(value, int | float) and value > MAX_REPEATS:
        raise ValueError(f"{key} is {value}; the most is {MAX_REPEATS}, or leave it out")
    if key == "pattern" and isinstance(value, str):
        repeats = prod(max(1, int(number)) for number in re.findall(r"\d+", value))
        if repeats > MAX_REPEATS * MAX_REPEATS or _is_ambiguous(value):
            raise ValueError(f"the pattern {value[:80]} repeats too often")
    if key == "$ref" and isinstance(value, str) and not value.startswith("#"):
        raise ValueError(f"{value} is not in this schema, and nothing is fetched")


def _is_ambiguous(pattern: str) -> bool:
    """Whether a regular expression may read one word in more ways than can be tried."""
    bare = _ESCAPE_OR_SET.sub("a", pattern)
    num_quantifiers = sum(bare.count(operator) for operator in "?*+{")
    return num_quantifiers > MAX_QUANTIFIERS or bool(re.search(r"[?*+{][^(]*\)\{", bare))


def _rooted(schema: object) -> object:
    """Return the schema with a root that is no `$ref`: the converter follows none from there."""
    if isinstance(schema, dict) and "$ref" in schema:
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {"anyOf": [{"$ref": schema["$ref"]}], **rest}
    return schema


def _spelled(schema: object) -> object:
    """Return the schema with its patterns' escapes spelled out: GBNF knows few of them."""
    if isinstance(schema, dict):
        return {
            key: _ESCAPE_OR_SET.sub(_as_set, value)
            if key == "pattern" and isinstance(value, str)
            else _spelled(value)
            for key, value in schema.items()
        }
    return [_spelled(value) for value in schema] if isinstance(schema, list) else schema


def _as_set(match: re.Match[str]) -> str:
    characters = match[0] if match["set"] is None else match["set"]
    return f"[{_ESCAPE.sub(_in_set, characters)}]"


def _in_set(escape: re.Match[str]) -> str:
    """Return what an escape stands for, as it is written in a GBNF set."""
    character = escape[1]
    if character in CLASSES:
        return CLASSES[character]
    return escape[0] if character.isalnum() else f"\\u{ord(character):04X}"
