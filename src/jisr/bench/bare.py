"""A bare llama.cpp loop over one sequence: the least that the same weights can cost.

Nothing but llama.cpp's own C API: decode, sample greedily, decode again. No
scheduler, no text, nobody to talk to.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Sequence
from pathlib import Path

import llama_cpp.llama_cpp as lib

FLASH_ATTENTION_ON = 1
BATCH_TOKENS = 512
WARM_UP_TOKENS = 8
"""First tokens of a completion that are not timed: threads and caches are still the other's."""


class BareLoop:
    """A model with a context of one sequence."""

    def __init__(self, path: Path, *, context_tokens: int, threads: int) -> None:
        lib.llama_backend_init()
        self._model = lib.llama_model_load_from_file(
            str(path).encode(), lib.llama_model_default_params()
        )
        params = lib.llama_context_default_params()
        params.n_ctx = context_tokens
        params.n_batch = params.n_ubatch = BATCH_TOKENS
        params.n_threads = params.n_threads_batch = threads
        params.flash_attn_type = FLASH_ATTENTION_ON
        self._context = lib.llama_init_from_model(self._model, params)
        self._memory = lib.llama_get_memory(self._context)
        self._vocabulary = lib.llama_model_get_vocab(self._model)
        self._greedy = lib.llama_sampler_init_greedy()

    def prefill(self, tokens: Sequence[int], *, kept: int = 0) -> float:
        """Forget all but `kept` tokens, append `tokens`; return the seconds to the next token."""
        lib.llama_memory_seq_rm(self._memory, 0, kept, -1)
        started = time.perf_counter()
        for start in range(0, len(tokens), BATCH_TOKENS):
            self._decode(tokens[start : start + BATCH_TOKENS])
        self._sample()
        return time.perf_counter() - started

    def decode_rate(self, prompt: Sequence[int], num_tokens: int) -> float:
        """Return the tokens a second, once warm, up to `num_tokens` or the model's end."""
        self.prefill(prompt)
        token = self._sample()
        warm_s, num_made = 0.0, 1
        while num_made < num_tokens and not lib.llama_vocab_is_eog(self._vocabulary, token):
            if num_made == WARM_UP_TOKENS:
                warm_s = time.perf_counter()
            self._decode([token])
            token = self._sample()
            num_made += 1
        return (num_made - WARM_UP_TOKENS) / (time.perf_counter() - warm_s)

    def close(self) -> None:
        """Free the memory."""
        lib.llama_sampler_free(self._greedy)
        lib.llama_free(self._context)
        lib.llama_model_free(self._model)

    def _sample(self) -> int:
        return int(lib.llama_sampler_sample(self._greedy, self._context, -1))

    def _decode(self, tokens: Sequence[int]) -> None:
        array = (lib.llama_token * len(tokens))(*tokens)
        pointer = ctypes.cast(array, ctypes.POINTER(lib.llama_token))
        code = lib.llama_decode(self._context, lib.llama_batch_get_one(pointer, len(tokens)))
        assert code == 0, f"llama_decode returned {code}"
