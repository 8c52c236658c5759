"""Grammars: which tokens may come next, for output that must follow a form.

The automaton is llama.cpp's; a JSON schema becomes a grammar by the converter
that comes with it. The likeliest token is tried first and the whole vocabulary
is masked only if the grammar refuses it, which is rare and costs more.
"""

from __future__ import annotations

import ctypes
import json
import weakref

import llama_cpp.llama_cpp as lib
import numpy as np
from llama_cpp.llama_grammar import json_schema_to_gbnf

from jisr.engine.llama import Logits, Vocabulary
from jisr.errors import InvalidRequest

MAX_GRAMMAR_CHARACTERS = 256 * 1024
ANY_OBJECT = '{"type": "object"}'
_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


def from_json_schema(schema: str) -> str:
    """Return the grammar of a JSON schema; `{}` stands for any object.

    Raises:
        InvalidRequest: It is no schema, or one that cannot be turned into a grammar.
    """
    try:
        source = schema if json.loads(schema) else ANY_OBJECT
        return str(json_schema_to_gbnf(source))
    except Exception as error:  # the converter raises what it happens to stumble over
        raise InvalidRequest(
            f"The JSON schema cannot be used: {type(error).__name__}: {error}",
            param="response_format",
        ) from error


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
        self._sampler = lib.llama_sampler_init_grammar(vocabulary.pointer, raw, b"root")
        if not self._sampler:
            raise InvalidRequest("The grammar does not parse as GBNF.", param="grammar")
        weakref.finalize(self, lib.llama_sampler_free, self._sampler)
        self._one = np.zeros(1, _CANDIDATE)

    def allows(self, token: int) -> bool:
        """Whether the token may come next."""
        self._one["id"], self._one["logit"] = token, 0.0
        self._apply(self._one)
        return bool(np.isfinite(self._one["logit"][0]))

    def mask(self, logits: Logits) -> Logits:
        """Return the logits with -inf for every token that may not come next."""
        candidates = np.zeros(logits.size, _CANDIDATE)
        candidates["id"] = np.arange(logits.size)
        candidates["logit"] = logits
        self._apply(candidates)
        masked = np.full_like(logits, -np.inf)
        masked[candidates["id"]] = candidates["logit"]
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
