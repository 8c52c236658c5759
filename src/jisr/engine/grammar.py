"""Grammars: which tokens may come next, for output that must follow a form.

The automaton is llama.cpp's. The likeliest token is tried first and the whole
vocabulary is masked only if the grammar refuses it, which is rare and costs more.

What is covered: grammars that are too long or too deep, and most that would
take seconds for one token.
What is not covered: a hand-written grammar that can read a few characters in
millions of ways, such as fifty optional letters in a row. The automaton tries
them all and cannot be stopped, so a grammar (not a schema) is for people you trust.
"""

from __future__ import annotations

import ctypes
import os
import re
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate

import llama_cpp.llama_cpp as lib
import numpy as np

from jisr.engine.llama import Logits, Vocabulary
from jisr.errors import InvalidRequest

MAX_GRAMMAR_CHARACTERS = 256 * 1024
MAX_DEPTH = 1000
"""Nested groups: the parser's recursion over more overflows a thread's stack."""
MAX_STEP_S = 2.0
"""Longest work on one token; an ambiguous grammar can take any time at all."""
FIRST_SLICE = 16
_SILENCING = threading.Lock()
_LITERAL = re.compile(r'"(?:\\.|[^"\\\n])*"|\[(?:\\.|[^\]\\\n])*\]|#[^\n]*')
_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


class Grammar:
    """One completion's way through a grammar."""

    def __init__(
        self, vocabulary: Vocabulary, source: str, *, max_step_s: float = MAX_STEP_S
    ) -> None:
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
        with _standard_error_silenced():
            self._sampler = lib.llama_sampler_init_grammar(vocabulary.pointer, raw, b"root")
        if not self._sampler:
            raise InvalidRequest("The grammar does not parse as GBNF.", param="grammar")
        weakref.finalize(self, lib.llama_sampler_free, self._sampler)
        self._one = np.zeros(1, _CANDIDATE)
        self._max_step_s = max_step_s

    def allows(self, token: int) -> bool:
        """Whether the token may come next; raises as `mask` does."""
        self._one["id"], self._one["logit"] = token, 0.0
        began_s = time.perf_counter()
        self._apply(self._one)
        self._check_time(began_s)
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
            self._check_time(began_s)
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

    def _check_time(self, began_s: float) -> None:
        if time.perf_counter() - began_s > self._max_step_s:
            raise InvalidRequest(
                "The grammar takes too long; it can be read in too many ways.", param="grammar"
            )


@contextmanager
def _standard_error_silenced() -> Iterator[None]:
    """Drop what is written to file descriptor 2 meanwhile.

    llama.cpp's parser writes a grammar that it refuses there in full, which may hold
    private text, and by no way that could be turned off. What other threads write in
    these milliseconds is lost too; to parse beforehand would be a second parser to keep.
    """
    with _SILENCING:
        try:
            kept = os.dup(2)
        except OSError:  # it is closed: nobody reads it
            yield
            return
        try:
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def _depth(source: str) -> int:
    """Return how deep the groups of a grammar nest at most."""
    bare = _LITERAL.sub("", source)
    steps = ((char == "(") - (char == ")") for char in bare)
    return max(accumulate(steps), default=0)
