"""llama.cpp, as three typed things: weights, a vocabulary, and a context that decodes.

The one door to `llama_cpp`: its low-level API, pointers and return codes stop
here. A `Context` belongs to one thread; `Weights` and `Vocabulary` may be read
from any. It knows nothing of turns, sampling or who waits for what.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
import weakref
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as lib
import numpy as np
import numpy.typing as npt

from jisr.errors import EngineError, ModelDamaged

Logits = npt.NDArray[np.float32]

LOG = logging.getLogger(__name__)
ERROR_LEVEL = 4
FLASH_ATTENTION_ON = 1
NO_VOCABULARY = 0
MOST_PIECES_BYTES = 16
"""What is tried first for the bytes of a token; a longer one takes a second call."""
PROBE = (
    "The quick brown fox's 1,234.5 jumps — naïve café, don't!  \n\n\tdef f(x):\n    return x**2\r\n"
    "جسرٌ بين مكانين، ٣٫١٤ \u200f 桥梁 мост 😀👩\u200d🚀 e\u0301 <|im_end|> https://example.org/?q=1&r=2"
)
"""A text on which tokenizers differ: scripts, digits, code, spaces, emoji, a control token."""
SUCCESS, NO_ROOM, ABORTED = 0, 1, 2
_RECENT: deque[str] = deque(maxlen=8)
"""The last error lines llama.cpp wrote, for the message of our own error."""


@dataclass(frozen=True, slots=True)
class Append:
    """Tokens that one step adds to one sequence."""

    seq_id: int
    position: int
    """Place of the first of them in the sequence."""
    tokens: Sequence[int]
    num_rows: int
    """Of how many of the last of them the logits are wanted; 0 to `len(tokens)`."""


class Weights:
    """A model's weights, read from a GGUF file; freed when nobody uses them any more."""

    def __init__(self, path: Path) -> None:
        """Map the file into memory.

        Raises:
            ModelDamaged: The file is no GGUF that llama.cpp can load.
        """
        start_library()
        _RECENT.clear()
        self.pointer = lib.llama_model_load_from_file(
            os.fsencode(path), lib.llama_model_default_params()
        )
        if not self.pointer:
            why = recent_errors() or "no reason given"
            raise ModelDamaged(f"{path} cannot be loaded: {why}. Pull it again: jisr models pull.")
        weakref.finalize(self, lib.llama_model_free, self.pointer).atexit = False
        if lib.llama_vocab_type(lib.llama_model_get_vocab(self.pointer)) == NO_VOCABULARY:
            raise ModelDamaged(f"{path} has no vocabulary, so it cannot read or write text.")

    @property
    def trained_context_tokens(self) -> int:
        """Longest context the model was trained on."""
        return int(lib.llama_model_n_ctx_train(self.pointer))

    @property
    def num_bytes(self) -> int:
        """Size of all tensors."""
        return int(lib.llama_model_size(self.pointer))

    def metadata(self, key: str) -> str | None:
        """Return a value of the GGUF header, or None."""
        buffer = ctypes.create_string_buffer(256)
        size = lib.llama_model_meta_val_str(self.pointer, key.encode(), buffer, 256)
        return None if size < 0 else buffer.value.decode("utf-8", "replace")

    def chat_template(self) -> str | None:
        """Return the Jinja source of the chat template, or None."""
        source = lib.llama_model_chat_template(self.pointer, None)
        return None if source is None else source.decode("utf-8", "replace")


class Vocabulary:
    """The tokens of a model."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights  # kept: the pointer is into them
        self.pointer = lib.llama_model_get_vocab(weights.pointer)
        self.num_tokens = int(lib.llama_vocab_n_tokens(self.pointer))
        self._pieces: dict[int, bytes] = {}
        self._fingerprint: str | None = None

    @property
    def adds_bos(self) -> bool:
        """Whether a text starts with a begin-of-sequence token."""
        return bool(lib.llama_vocab_get_add_bos(self.pointer))

    def is_end(self, token: int) -> bool:
        """Whether the token ends the model's turn."""
        return bool(lib.llama_vocab_is_eog(self.pointer, token))

    def fingerprint(self) -> str:
        """Return 128 bits that two vocabularies share only if the same ids mean the same.

        It is over all tokens, how they are written, what kind they are and which end the turn,
        over what belongs around a text, and the ids of a probe text, which depend on merges and
        pre-tokenizer too. The first call takes 0.2 s for 150,000 tokens.
        """
        if self._fingerprint is None:
            digest = hashlib.sha256(b"%d\n" % self.num_tokens)
            text, kind, pointer = lib.llama_vocab_get_text, lib.llama_vocab_get_attr, self.pointer
            for token in range(self.num_tokens):
                digest.update(b"%b\0%d\n" % (text(pointer, token) or b"", kind(pointer, token)))
            ends = [token for token in range(self.num_tokens) if self.is_end(token)]
            digest.update(b"%a %a\n" % (ends, self._around()))
            digest.update(str(self.tokenize(PROBE, parse_special=False)).encode())
            self._fingerprint = digest.hexdigest()[:32]
        return self._fingerprint

    def _around(self) -> tuple[int, ...]:
        """Return the ids of what begins and ends a text, and whether they are added to it."""
        adds = (self.adds_bos, bool(lib.llama_vocab_get_add_eos(self.pointer)))
        return (lib.llama_vocab_bos(self.pointer), lib.llama_vocab_eos(self.pointer), *adds)

    def control_texts(self) -> tuple[str, ...]:
        """Return how the control tokens are written, such as `<|im_end|>`."""
        ids = range(self.num_tokens)
        texts = (self.text(i) for i in ids if lib.llama_vocab_is_control(self.pointer, i))
        return tuple(text for text in texts if text)

    def text(self, token: int) -> str:
        """Return how a token is written, control tokens included."""
        name = lib.llama_vocab_get_text(self.pointer, token)
        return "" if name is None else name.decode("utf-8", "replace")

    def special(self, name: str) -> str:
        """Return how the `bos` or `eos` token is written; empty if there is none."""
        find = {"bos": lib.llama_vocab_bos, "eos": lib.llama_vocab_eos}[name]
        token = find(self.pointer)
        return "" if token < 0 else self.text(token)

    def first_token(self, word: str) -> int:
        """Return the token that an answer which begins with a word begins with."""
        return self.tokenize(word, parse_special=False)[0]

    def tokenize(self, text: str, *, parse_special: bool, add_special: bool = False) -> list[int]:
        """Return the tokens of `text`.

        Args:
            text: Any text; lone surrogates become question marks.
            parse_special: Whether `<|im_end|>` is the control token or ten letters.
            add_special: Whether to add what the model wants around a text, such as BOS.
        """
        raw = text.encode("utf-8", "replace")
        room = len(raw) + 8
        buffer = (lib.llama_token * room)()
        count = lib.llama_tokenize(
            self.pointer, raw, len(raw), buffer, room, add_special, parse_special
        )
        if count < 0:
            raise EngineError(f"A text of {len(raw)} bytes could not be turned into tokens.")
        return list(buffer[:count])

    def piece(self, token: int) -> bytes:
        """Return the bytes a token stands for in text; control tokens stand for none."""
        known = self._pieces.get(token)
        if known is None:
            known = self._piece(token, MOST_PIECES_BYTES)
            self._pieces[token] = known
        return known

    def _piece(self, token: int, room: int) -> bytes:
        buffer = ctypes.create_string_buffer(room)
        size = lib.llama_token_to_piece(self.pointer, token, buffer, room, 0, False)
        return buffer.raw[:size] if size >= 0 else self._piece(token, -size)


class Context:
    """A KV cache of several sequences over some weights, and the step that fills it."""

    def __init__(
        self,
        weights: Weights,
        *,
        num_sequences: int,
        context_tokens: int,
        batch_tokens: int,
        threads: int,
    ) -> None:
        """Make room for `num_sequences` sequences of `context_tokens` tokens each.

        Raises:
            EngineError: The memory for it cannot be had.
        """
        params = lib.llama_context_default_params()
        params.n_ctx = num_sequences * context_tokens
        params.n_seq_max = num_sequences
        params.n_batch = params.n_ubatch = batch_tokens
        params.n_threads = params.n_threads_batch = threads
        params.flash_attn_type = FLASH_ATTENTION_ON
        params.kv_unified = False
        self._abort = _AbortFlag()
        params.abort_callback, params.abort_callback_data = self._abort.callback, self._abort.data
        self.pointer = lib.llama_init_from_model(weights.pointer, params)
        if not self.pointer:
            room = f"{num_sequences} sequences of {context_tokens} tokens"
            raise EngineError(
                f"No memory for {room}. Lower device.num_sequences or .context_tokens."
            )
        self.num_sequences = num_sequences
        self.context_tokens = int(lib.llama_n_ctx_seq(self.pointer))
        self.batch_tokens = batch_tokens
        self._weights = weights
        self._num_vocab = Vocabulary(weights).num_tokens
        self._memory = lib.llama_get_memory(self.pointer)
        self._batch = _Batch(batch_tokens)

    def decode(self, appends: Sequence[Append]) -> list[Logits] | None:
        """Add tokens to sequences and compute the logits asked for, in one pass.

        Args:
            appends: At most one for each sequence, `batch_tokens` tokens in all.

        Returns:
            For each append its rows, `(num_rows, vocab)`, valid until the next decode; or
            None if the pass was aborted: then what it added must be truncated away.

        Raises:
            EngineError: llama.cpp failed; what was added must be truncated away.
        """
        _RECENT.clear()
        code = lib.llama_decode(self.pointer, self._batch.fill(appends))
        if code == ABORTED:
            return None
        if code != SUCCESS:
            why = "no room in the KV cache" if code == NO_ROOM else f"code {code}"
            raise EngineError(f"llama.cpp could not decode: {why}. {recent_errors()}".strip())
        num_rows = sum(append.num_rows for append in appends)
        if not num_rows:
            lib.llama_synchronize(self.pointer)
            return [np.empty((0, self._num_vocab), np.float32) for _ in appends]
        rows = np.ctypeslib.as_array(
            lib.llama_get_logits(self.pointer), (num_rows, self._num_vocab)
        )
        bounds = np.cumsum([append.num_rows for append in appends])[:-1]
        return np.split(rows, bounds)

    def abort(self) -> None:
        """Make every pass stop within one operation of its graph, until cleared; any thread may."""
        self._abort.set()

    def clear_abort(self) -> None:
        """Let passes run again."""
        self._abort.clear()

    def truncate(self, seq_id: int, num_tokens: int) -> bool:
        """Forget all but the first `num_tokens` tokens of a sequence.

        Returns:
            False if the model cannot forget a part (recurrent ones): then nothing is forgotten.
        """
        return bool(lib.llama_memory_seq_rm(self._memory, seq_id, num_tokens, -1))

    def copy(self, source: int, target: int) -> None:
        """Make sequence `target`, which must be empty, an equal of `source`."""
        lib.llama_memory_seq_cp(self._memory, source, target, -1, -1)

    def close(self) -> None:
        """Free the memory."""
        if self.pointer:
            lib.llama_free(self.pointer)
            self.pointer = None


class _AbortFlag:
    """A flag that llama.cpp reads after each operation of its graph.

    The callback is the C library's own `strlen` over a buffer that is the empty
    string until the flag is set: it costs a nanosecond, where a Python callback
    would take the interpreter's lock some 800 times a step.
    """

    def __init__(self) -> None:
        self._buffer = ctypes.create_string_buffer(2)
        self.callback = ctypes.cast(ctypes.CDLL(None).strlen, lib.ggml_abort_callback)
        self.data = ctypes.cast(self._buffer, ctypes.c_void_p)

    def set(self) -> None:
        self._buffer[0] = b"\x01"

    def clear(self) -> None:
        self._buffer[0] = b"\x00"


class _Batch:
    """The arrays of a `llama_batch`, kept between steps."""

    def __init__(self, num_tokens: int) -> None:
        self._token = np.zeros(num_tokens, np.int32)
        self._position = np.zeros(num_tokens, np.int32)
        self._num_ids = np.ones(num_tokens, np.int32)
        self._seq_id = np.zeros(num_tokens, np.int32)
        self._wanted = np.zeros(num_tokens, np.int8)
        integer = ctypes.POINTER(ctypes.c_int32)
        start, step = self._seq_id.ctypes.data, self._seq_id.itemsize
        self._seq_ids = (integer * num_tokens)(
            *(ctypes.cast(start + step * i, integer) for i in range(num_tokens))
        )
        self._batch = lib.llama_batch(
            n_tokens=0,
            token=self._token.ctypes.data_as(integer),
            pos=self._position.ctypes.data_as(integer),
            n_seq_id=self._num_ids.ctypes.data_as(integer),
            seq_id=ctypes.cast(self._seq_ids, ctypes.POINTER(integer)),
            logits=self._wanted.ctypes.data_as(ctypes.POINTER(ctypes.c_int8)),
        )

    def fill(self, appends: Sequence[Append]) -> lib.llama_batch:
        end = 0
        for append in appends:
            start, end = end, end + len(append.tokens)
            self._token[start:end] = append.tokens
            self._position[start:end] = np.arange(end - start) + append.position
            self._seq_id[start:end] = append.seq_id
            self._wanted[start : end - append.num_rows] = 0
            self._wanted[end - append.num_rows : end] = 1
        self._batch.n_tokens = end
        return self._batch


@cache
def start_library() -> Any:
    """Start llama.cpp once; what is returned, and so kept, is the callback it calls."""
    callback = lib.llama_log_callback(_log)
    lib.llama_log_set(callback, ctypes.c_void_p(0))
    lib.llama_backend_init()
    return callback


def recent_errors() -> str:
    """Return what llama.cpp complained of last, in one line; may be empty."""
    return " ".join(_RECENT)


def _log(level: int, text: bytes, _: ctypes.c_void_p) -> None:
    line = text.decode("utf-8", "replace").strip()
    if level == ERROR_LEVEL:
        _RECENT.append(line)
    LOG.debug("%s", line)
