"""Output of the engine under a schema, and forms that it refuses."""

import json
from collections.abc import Callable

import pytest

from jisr.engine.engine import Engine
from jisr.errors import InvalidRequest
from jisr.types import FinishReason
from tests.engine.turns import chat, complete

SCHEMAS: dict[str, tuple[dict[str, object], Callable[[object], bool]]] = {
    "object": (
        {
            "type": "object",
            "properties": {"city": {"enum": ["Cairo", "Paris"]}, "rank": {"type": "integer"}},
            "required": ["city", "rank"],
            "additionalProperties": False,
        },
        lambda it: isinstance(it, dict) and set(it) == {"city", "rank"} and it["rank"] % 1 == 0,
    ),
    "arabic": (
        {
            "type": "object",
            "properties": {"الجواب": {"enum": ["نعم", "لا"]}},
            "required": ["الجواب"],
            "additionalProperties": False,
        },
        lambda it: isinstance(it, dict) and it["الجواب"] in ("نعم", "لا"),
    ),
    "list": (
        {"type": "array", "items": {"type": "boolean"}, "minItems": 2, "maxItems": 4},
        lambda it: isinstance(it, list) and 2 <= len(it) <= 4 and {*it} <= {True, False},
    ),
    "string": (
        {"type": "string", "minLength": 1, "maxLength": 12},
        lambda it: isinstance(it, str) and 1 <= len(it) <= 12,
    ),
    "pattern": (
        {"type": "string", "pattern": r"^\d{4}-\d{2}$"},
        lambda it: isinstance(it, str) and len(it) == 7 and it[4] == "-",
    ),
    "union": (
        {"anyOf": [{"type": "null"}, {"const": 7}]},
        lambda it: it in (None, 7),
    ),
}


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("temperature", [0, 1.5])
def test_output_under_a_schema_follows_it(engine: Engine, name: str, temperature: float) -> None:
    schema, is_valid = SCHEMAS[name]
    answer = complete(
        engine,
        chat(engine, "Is Cairo the capital of Egypt?"),
        json_schema=json.dumps(schema),
        temperature=temperature,
        seed=11,
        max_output_tokens=200,
    )

    assert answer.finish_reason is FinishReason.STOP
    assert is_valid(json.loads(answer.text))


@pytest.mark.parametrize(
    "form", [{"json_schema": '{"$ref": "https://example.com"}'}, {"grammar": "root ::= ("}]
)
def test_a_form_that_cannot_be_used_is_refused_before_it_waits(
    engine: Engine, form: dict[str, str]
) -> None:
    with pytest.raises(InvalidRequest):
        complete(engine, [260], **form)
