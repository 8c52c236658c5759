"""Grammars: which tokens may come next, for output that must follow a form.

The automaton is llama.cpp's; a JSON schema becomes a grammar by the converter
that comes with it. The likeliest token is tried first and the whole vocabulary
is masked only if the grammar refuses it, which is rare and costs more.
"""

from __future__ import annotations

import ctypes
import json
import re
import time
import weakref
from collections.abc import Iterator
from itertools import accumulate
from math import prod

import llama_cpp.llama_cpp as lib
import numpy as np
from llama_cpp.llama_grammar import json_schema_to_gbnf

from jisr.engine.llama import Logits, Vocabulary
from jisr.errors import InvalidRequest

MAX_GRAMMAR_CHARACTERS = 256 * 1024
MAX_DEPTH = 1000
"""Nested groups: the parser's recursion over more overflows a thread's stack."""
MAX_REPEATS = 1000
"""Largest bound of a repetition: the converter writes each of them out."""
MAX_CHOICES = 256
"""Operators of a hand-written grammar: the work on one token grows with their cube."""
MAX_STEP_S = 2.0
"""Longest work on one token; an ambiguous grammar can take any time at all."""
ANY_OBJECT = '{"type": "object"}'
BOUNDS = {"minLength", "maxLength", "minItems", "maxItems"}
FIRST_SLICE = 16
_LITERAL = re.compile(r'"(?:\\.|[^"\\\n])*"|\[(?:\\.|[^\]\\\n])*\]|#[^\n]*')
_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


def from_json_schema(schema: str) -> str:
    """Return the grammar of a JSON schema; `{}` stands for any object.

    Raises:
        InvalidRequest: It is no schema, or one that cannot be turned into a grammar.
    """
    try:
        if len(schema) > MAX_GRAMMAR_CHARACTERS:
            raise ValueError(f"it has more than {MAX_GRAMMAR_CHARACTERS} characters")
        parsed = json.loads(schema)
        for key, value in _members(parsed):
            _check_member(key, value)
        return str(json_schema_to_gbnf(json.dumps(_rooted(parsed)) if parsed else ANY_OBJECT))
    except Exception as error:  # the converter raises what it happens to stumble over
        raise InvalidRequest(
            f"The JSON schema cannot be used: {type(error).__name__}: {error}",
            param="response_format",
        ) from error


def from_gbnf(source: str) -> str:
    """Return a grammar that a person wrote, if it can be used without end to its work.

    Raises:
        InvalidRequest: It leaves too much open at once.
    """
    choices = sum(_LITERAL.sub("", source).count(operator) for operator in "?*+|{")
    if choices > MAX_CHOICES:
        raise InvalidRequest(
            f"The grammar has {choices} of ?, *, +, | and {{; {MAX_CHOICES} are the most.",
            param="grammar",
        )
    return source


def _rooted(schema: object) -> object:
    """Return the schema with a root that is no `$ref`: the converter follows none from there."""
    if isinstance(schema, dict) and "$ref" in schema:
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {"anyOf": [{"$ref": schema["$ref"]}], **rest}
    return schema


def _members(schema: object) -> Iterator[tuple[str, object]]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            yield key, value
            yield from _members(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _members(value)


def _check_member(key: str, value: object) -> None:
    """Refuse what the converter would fetch, or write out until the memory is full."""
    if key in BOUNDS and isinstance(value, int | float) and value > MAX_REPEATS:
        raise ValueError(f"{key} is {value}; the most is {MAX_REPEATS}, or leave it out")
    if key == "pattern" and isinstance(value, str):
        repeats = prod(max(1, int(number)) for number in re.findall(r"\d+", value))
        if repeats > MAX_REPEATS * MAX_REPEATS:
            raise ValueError("its pattern repeats too often")
    if key == "$ref" and isinstance(value, str) and not value.startswith("#"):
        raise ValueError(f"{value} is not in this schema, and nothing is fetched")


class Grammar:
    """One completion's way through a grammar."""

    def __init__(self, vocabulary: Vocabulary, source: str) -> None:
        """Compile a GBNF grammar with the root rule `root`.

        Raises:
            InvalidRequest: It does not parse, or is too long.
        """
        if len(source) > MAX_GRAMMAR_CHARACTERS:
            raise InvalidRequest(
                f"The grammar has {len(source)} characters, {MAX_GRAMMAR_CHARACTERS} is the most.",
                param="grammar",
            )
        raw = source.encode("utf-8", "replace")
        if _depth(source) > MAX_DEPTH:
            raise InvalidRequest(f"The grammar nests deeper than {MAX_DEPTH}.", param="grammar")
        self._sampler = lib.llama_sampler_init_grammar(vocabulary.pointer, raw, b"root")
        if not self._sampler:
            raise InvalidRequest("The grammar does not parse as GBNF.", param="grammar")
        weakref.finalize(self, lib.llama_sampler_free, self._sampler)
        self._one = np.zeros(1, _CANDIDATE)

    def allows(self, token: int) -> bool:
        """Whether the token may come next; raises as `mask` does."""
        self._one["id"], self._one["logit"] = token, 0.0
        began_s = time.perf_counter()
        self._apply(self._one)
        _check_time(began_s)
        return bool(np.isfinite(self._one["logit"][0]))

    def mask(self, logits: Logits) -> Logits:
        """Return the logits with -inf for every token that may not come next.

        Raises:
            InvalidRequest: It takes too long.
        """
        candidates = np.zeros(logits.size, _CANDIDATE)
        candidates["id"] = np.arange(logits.size)
        candidates["logit"] = logits
        start, size, began_s = 0, FIRST_SLICE, time.perf_counter()
        while start < logits.size:  # in slices that double: it cannot be stopped inside of one
            self._apply(candidates[start : start + size])
            start, size = start + size, 2 * size
            _check_time(began_s)
        masked: Logits = candidates["logit"].copy()
        return masked

    def accept(self, token: int) -> None:
        """Step over a token that it allows."""
        lib.llama_sampler_accept(self._sampler, token)

    def _apply(self, candidates: np.ndarray[tuple[int], np.dtype[np.void]]) -> None:
        array = lib.llama_token_data_array(
            data=candidates.ctypes.data_as(lib.llama_token_data_p),
            size=candidates.size,
            selected=-1,
            sorted=False,
        )
        lib.llama_sampler_apply(self._sampler, ctypes.byref(array))


def _depth(source: str) -> int:
    """Return how deep the groups of a grammar nest at most."""
    bare = _LITERAL.sub("", source)
    steps = ((char == "(") - (char == ")") for char in bare)
    return max(accumulate(steps), default=0)


def _check_time(began_s: float) -> None:
    if time.perf_counter() - began_s > MAX_STEP_S:
        raise InvalidRequest(
            "The grammar takes too long; it can be read in too many ways.", param="grammar"
        )
