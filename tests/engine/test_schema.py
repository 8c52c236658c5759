import json
import time

import numpy as np
import pytest

from jisr.engine.grammar import Grammar
from jisr.engine.llama import Vocabulary
from jisr.engine.schema import MAX_REPEATS, from_json_schema
from jisr.errors import InvalidRequest

NODE = {
    "type": "object",
    "properties": {"value": {"type": "integer"}, "next": {"$ref": "#/$defs/node"}},
    "required": ["value"],
}
USABLE = {
    "any object": {},
    "object": {"type": "object", "properties": {"name": {"type": "string"}}},
    "arabic": {
        "type": "object",
        "properties": {"الاسم": {"type": "string"}},
        "required": ["الاسم"],
    },
    "recursive": {"$ref": "#/$defs/node", "$defs": {"node": NODE}},
    "list": {"type": "array", "items": {"type": "number"}, "maxItems": MAX_REPEATS},
    "long string": {"type": "string", "maxLength": MAX_REPEATS},
    "enum": {"enum": ["نعم", "no", 3, None]},
    "pattern": {"type": "string", "pattern": "^[0-9]{3}-[a-z]{2,4}$"},
    "host name": {"type": "string", "pattern": "^([a-z0-9]+\\.)*[a-z]{2,9}$"},
    "classes": {"type": "string", "pattern": r"^\d+\s[\w.\-\]]+\$$"},
    "operators to be matched": {"type": "string", "pattern": "^[?*+{]\\?\\?\\?\\?\\?\\?\\?\\?$"},
    "union": {"anyOf": [{"type": "null"}, {"type": "boolean"}]},
    "deep": json.loads('{"items":' * 80 + '{"type":"integer"}' + "}" * 80),
}
HOSTILE = {
    "not json": "{",
    "empty": "",
    "a number": "12",
    "a string": '"string"',
    "not a schema": '{"type": "object", "properties": {"a": 5}}',
    "unknown type": '{"type": "alien"}',
    "deep recursion": '{"items":' * 50_000 + "{}" + "}" * 50_000,
    "deep lists": "[" * 100_000,
    "fetches": '{"$ref": "https://example.com/schema.json"}',
    "fetches below": '{"properties": {"a": {"$ref": "https://example.com/a.json#/b"}}}',
    "a file": '{"$ref": "file:///etc/passwd"}',
    "refers nowhere": '{"properties": {"a": {"$ref": "#/$defs/nothing"}}}',
    "refers to itself": '{"$ref": "#"}',
    "two that refer to each other": '{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, '
    '"b": {"$ref": "#/$defs/a"}}}',
    "huge": '{"a": "' + "x" * 3_000_000 + '"}',
    "endless string": '{"type": "string", "maxLength": 2147483647}',
    "endless list": '{"type": "array", "items": {}, "minItems": 1e9}',
    "exploding pattern": '{"type": "string", "pattern": "^a{1000}{1000}{1000}$"}',
    "optional letters": '{"type": "string", "pattern": "^' + "[a-z]?" * 50 + '$"}',
    "optional letters, repeated": '{"type": "string", "pattern": "^(x?[a-z]?){50}$"}',
    "unfinished pattern": '{"type": "string", "pattern": "^((((a"}',
    "many optional properties": json.dumps({"properties": {f"k{i}": {} for i in range(2000)}}),
}


@pytest.mark.parametrize("schema", USABLE.values(), ids=USABLE)
def test_a_schema_becomes_a_grammar_that_something_can_follow(
    vocabulary: Vocabulary, schema: object
) -> None:
    grammar = Grammar(vocabulary, from_json_schema(json.dumps(schema)))

    assert np.isfinite(grammar.mask(np.zeros(vocabulary.num_tokens, np.float32))).any()


@pytest.mark.parametrize("schema", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_schema_is_refused_at_once(vocabulary: Vocabulary, schema: str) -> None:
    began_s = time.perf_counter()
    with pytest.raises(InvalidRequest):
        Grammar(vocabulary, from_json_schema(schema))
    assert time.perf_counter() - began_s < 2


def test_an_unusable_schema_names_the_field_and_the_fault() -> None:
    with pytest.raises(InvalidRequest, match="maxLength is 5000; the most is 1000") as caught:
        from_json_schema('{"type": "string", "maxLength": 5000}')

    assert caught.value.param == "response_format"


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (r"^\d\.$", '"7."', ['"x."', '"7,"']),
        (r"^[\w\-]é$", '"-é"', ['"+é"', '"-e"']),
        (r"^a\|b$", '"a|b"', ['"a"', '"b"']),
    ],
)
def test_a_pattern_matches_what_it_says(
    vocabulary: Vocabulary, pattern: str, yes: str, no: list[str]
) -> None:
    source = from_json_schema(json.dumps({"type": "string", "pattern": pattern}))

    assert can_write(vocabulary, source, yes)
    assert not any(can_write(vocabulary, source, text) for text in no)


def can_write(vocabulary: Vocabulary, source: str, text: str) -> bool:
    """Whether a grammar allows a text byte by byte, and then its end."""
    grammar = Grammar(vocabulary, source)
    (end,) = vocabulary.tokenize("<|im_end|>", parse_special=True)
    single = {vocabulary.piece(token): token for token in range(1000)}
    for byte in text.encode():
        token = single[bytes([byte])]
        if not grammar.allows(token):
            return False
        grammar.accept(token)
    return grammar.allows(end)
