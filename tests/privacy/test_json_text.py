import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.privacy.json_text import read_json

PLAIN = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PLAIN, inner, max_size=4),
    max_leaves=10,
)
DOCUMENTS = st.lists(VALUES, max_size=4) | st.dictionaries(PLAIN, VALUES, max_size=4)


def test_a_view_shows_what_strings_mean() -> None:
    document = read_json(r'{"to": "\u0639\u0644\u064a \"A\"", "n": -1.5e3, "ok": true}')

    assert document is not None
    assert document.view == '{"to": "علي "A"", "n": -1.5e3, "ok": true}'
    assert [document.view[it.start : it.end] for it in document.leaves] == [
        "to",
        'علي "A"',
        "n",
        "-1.5e3",
        "ok",
    ]


@pytest.mark.parametrize("text", ["", "hi", '"a"', "12", "{", "[1", "{'a': 1}", "[" * 100_000])
def test_what_is_no_object_or_array_is_plain_text(text: str) -> None:
    assert read_json(text) is None


def test_only_what_is_changed_is_written_anew() -> None:
    document = read_json('{ "a" :"\\u0041",\n "b": 1.0, "a": 12 }')

    assert document is not None
    changed = document.with_leaves(
        lambda leaf: 'a "x"\n' if document.view[leaf.start : leaf.end] == "12" else None
    )
    assert changed == '{ "a" :"\\u0041",\n "b": 1.0, "a": "a \\"x\\"\\n" }'


def test_the_words_of_a_schema_are_no_leaves() -> None:
    schema = {"type": "object", "properties": {"city": {"enum": ["Amman"], "title": "title"}}}
    document = read_json(json.dumps(schema), is_schema=True)

    assert document is not None
    assert [document.view[it.start : it.end] for it in document.leaves] == ["city", "Amman"]


@given(DOCUMENTS, st.booleans())
def test_any_json_can_be_read_and_every_leaf_written(shape: Any, is_ascii: bool) -> None:
    raw = json.dumps(shape, ensure_ascii=is_ascii)
    document = read_json(raw)

    assert document is not None
    assert document.with_leaves(lambda _: None) == raw
    same = document.with_leaves(
        lambda leaf: document.view[leaf.start : leaf.end] if leaf.is_string else None
    )
    assert json.loads(same) == shape
    assert json.loads(document.with_leaves(lambda _: '"\n')) is not None
