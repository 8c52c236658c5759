"""One completion: logits in, text out, until it ends."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

import numpy as np

from jisr.engine.grammar import Grammar
from jisr.engine.llama import Logits, Vocabulary
from jisr.engine.sampling import choose, likeliest, log_probabilities, refuse_not_finite
from jisr.engine.schema import from_json_schema
from jisr.engine.text import TextAssembler
from jisr.errors import JisrError
from jisr.types import Delta, FinishReason, Sampling, TokenLogprob, Usage

Deliver = Callable[[Delta | JisrError], None]
"""Takes the pieces of a completion, or the error that ended it; called on the engine's thread."""


class Generation:
    """The task that samples a completion, token after token."""

    num_rows = 1

    def __init__(
        self,
        prompt: Sequence[int],
        sampling: Sampling,
        vocabulary: Vocabulary,
        deliver: Deliver,
        *,
        context_tokens: int,
        is_strict: bool = False,
    ) -> None:
        """Prepare a completion of `prompt`.

        Raises:
            InvalidRequest: Its grammar or schema cannot be used.
        """
        self.prompt = prompt
        self.strict_prompt = len(prompt) - 1 if is_strict else None
        self.is_cancelled = False
        self._sampling = sampling
        self._vocabulary = vocabulary
        self._deliver = deliver
        self._seed = secrets.randbits(63) if sampling.seed is None else sampling.seed
        self._most = min(sampling.max_output_tokens, context_tokens - len(prompt))
        self._grammar = _grammar(sampling, vocabulary)
        self._text = TextAssembler(sampling.stop)
        self._logprobs: list[tuple[int, TokenLogprob]] = []  # with the place in the text
        self._num_cached = 0
        self._num_output = 0

    def begin(self, num_cached: int) -> None:
        """Note how much of the prompt was at hand."""
        self._num_cached = num_cached

    def advance(self, rows: Logits, pass_us: int = 0) -> int | None:
        """Sample the next token, deliver its text; None when the completion ends."""
        token = self._choose(rows[-1])
        if token is None or self._vocabulary.is_end(token):
            self._finish("", FinishReason.STOP)
            return None
        self._num_output += 1
        self._note_logprob(rows[-1], token)
        text = self._text.push(self._vocabulary.piece(token))
        if self._text.is_stopped:
            shown = self._text.num_released
            self._logprobs = [pair for pair in self._logprobs if pair[0] < shown]
            self._finish(text, FinishReason.STOP)
            return None
        if self._num_output >= self._most:
            self._finish(text, FinishReason.LENGTH)
            return None
        if text:
            self._deliver(Delta(text, self._take_logprobs()))
        return token

    def fail(self, error: JisrError) -> None:
        """Deliver the error that ends the completion."""
        self._deliver(error)

    def cancel(self) -> None:
        """Say that no more of it is wanted."""
        self.is_cancelled = True

    def _choose(self, logits: Logits) -> int | None:
        refuse_not_finite(logits)
        position = len(self.prompt) + self._num_output
        token = choose(logits, self._sampling, seed=self._seed, position=position)
        if self._grammar is not None:
            if not self._grammar.allows(token):
                masked = self._grammar.mask(logits)
                if not np.isfinite(masked.max()):
                    return None
                token = choose(masked, self._sampling, seed=self._seed, position=position)
            self._grammar.accept(token)
        return token

    def _note_logprob(self, logits: Logits, token: int) -> None:
        if self._sampling.num_top_logprobs is None:
            return
        top = likeliest(logits, self._sampling.num_top_logprobs)
        values = log_probabilities(logits, np.array([token, *top], np.int64)).tolist()
        pieces = [self._vocabulary.piece(int(i)) for i in top]
        logprob = TokenLogprob(
            self._vocabulary.piece(token), values[0], tuple(zip(pieces, values[1:], strict=True))
        )
        self._logprobs.append((self._text.num_decoded, logprob))

    def _take_logprobs(self) -> tuple[TokenLogprob, ...]:
        taken, self._logprobs = tuple(logprob for _, logprob in self._logprobs), []
        return taken

    def _finish(self, text: str, reason: FinishReason) -> None:
        usage = Usage(
            input_tokens=len(self.prompt),
            output_tokens=self._num_output,
            cached_tokens=self._num_cached,
        )
        text += self._text.close()
        self._deliver(Delta(text, self._take_logprobs(), reason, usage))


def _grammar(sampling: Sampling, vocabulary: Vocabulary) -> Grammar | None:
    if sampling.json_schema is not None:
        return Grammar(vocabulary, from_json_schema(sampling.json_schema))
    if sampling.grammar is not None:
        return Grammar(vocabulary, sampling.grammar)
    return None
