"""The engine: one model on this machine, many sequences, tokens in, tokens out.

It knows nothing of places, privacy or people. A turn is rendered to tokens,
started, and delivered piece by piece from the engine's own thread; `stream`
is the same for callers that like to wait. Closing a stream, or cancelling a
generation, stops the work behind it: a pass of 8 tokens or more within one
operation of the model's graph, a smaller one at its end.
"""

from __future__ import annotations

import queue
import weakref
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Self

from jisr.engine.cores import physical_cores
from jisr.engine.drafting import Drafting, End, TakeDraft
from jisr.engine.exactness import NOT_MEASURED, Exactness, measure
from jisr.engine.generation import Deliver, Generation
from jisr.engine.llama import Context, Logits, Vocabulary, Weights
from jisr.engine.scheduler import Scheduler
from jisr.engine.tasks import Scoring
from jisr.engine.template import CHATML, ChatTemplate
from jisr.engine.verification import Verification
from jisr.errors import ContextOverflow, EngineClosed, InvalidRequest, JisrError
from jisr.types import Delta, Message, Sampling

BATCH_TOKENS = 512
NUM_OTHER_TEMPLATES = 4
"""Templates of other models that are kept compiled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """How much room and work an engine may take."""

    context_tokens: int = 4096
    """Longest prompt and completion of one sequence together."""
    num_sequences: int = 8
    """Sequences that run at once, and whose prefixes are remembered."""
    max_waiting: int = 256
    """Turns that may wait for a sequence."""
    threads: int = 0
    """0: one for each physical core."""
    measures_exactness: bool = False
    """Whether to measure how long strict passes may be: loading takes two hundred passes more."""


class Engine:
    """A loaded model with its scheduler."""

    def __init__(self, path: Path, settings: EngineSettings | None = None) -> None:
        """Load the weights, make the KV cache and start the scheduler's thread.

        Raises:
            ModelDamaged: The file cannot be loaded.
            EngineError: There is no memory for the KV cache.
        """
        settings = settings or EngineSettings()
        # aside: what llama.cpp logs meanwhile would swallow a Ctrl-C on the main thread
        with ThreadPoolExecutor(1, "jisr-load") as aside:
            loaded = aside.submit(_load, path, settings).result()
        self._weights, self._context, self.exactness = loaded
        """How long strict passes may be; `NOT_MEASURED` lets them be of one token."""
        self.vocabulary = Vocabulary(self._weights)
        self.name = path.stem
        self.context_tokens = self._context.context_tokens
        self.template_source = self._weights.chat_template() or CHATML
        """Jinja source of its chat template."""
        self._template = ChatTemplate.of(self.template_source, self.vocabulary)
        self._other_template = lru_cache(NUM_OTHER_TEMPLATES)(self._template.of_other)
        self._scheduler = Scheduler(
            self._context,
            max_waiting=settings.max_waiting,
            strict_block=self.exactness.strict_block,
        )
        # at the latest when Python exits: llama.cpp must not be running then
        self._shut_down = weakref.finalize(self, _shut_down, self._scheduler, self._context)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def is_alive(self) -> bool:
        """Whether it takes turns: it was not shut down, and has not stopped by a fault."""
        return self._scheduler.is_alive

    @property
    def num_running(self) -> int:
        """Sequences that are being worked on."""
        return self._scheduler.num_running

    @property
    def num_waiting(self) -> int:
        """Turns that wait for a sequence."""
        return self._scheduler.num_waiting

    def render(self, messages: Sequence[Message]) -> list[int]:
        """Return the tokens of a conversation, up to where the answer begins.

        Raises:
            InvalidRequest: The model's chat template refuses the conversation.
        """
        return self._template.tokens(messages)

    def render_with(self, source: str, messages: Sequence[Message]) -> list[int]:
        """Return the tokens of a conversation under another model's chat template.

        Raises:
            InvalidRequest: The template is too long, does not compile, or refuses it.
        """
        return self._other_template(source).tokens(messages)

    def prepare(
        self,
        prompt: Sequence[int],
        sampling: Sampling,
        deliver: Deliver,
        *,
        is_strict: bool = False,
    ) -> Generation:
        """Return a completion that `start` will run; compiling its grammar may take a while.

        Args:
            prompt: Tokens, at least one.
            sampling: How to choose tokens.
            deliver: Called on the engine's thread; must not block. The last piece has a
                finish reason; after `cancel` none may come at all.
            is_strict: Whether the logits must be those it would get alone, bit for bit.

        Raises:
            ContextOverflow: The prompt leaves no room for an answer.
            InvalidRequest: The prompt is empty, or its grammar cannot be used.
            EngineClosed: The engine was shut down.
        """
        self._check(prompt, room=1)
        return Generation(
            list(prompt),
            sampling,
            self.vocabulary,
            deliver,
            context_tokens=self.context_tokens,
            is_strict=is_strict,
        )

    def start(self, generation: Generation) -> None:
        """Queue a prepared completion.

        Raises:
            EngineBusy: Too many turns wait already.
            EngineClosed: The engine was shut down.
        """
        self._scheduler.submit(generation)

    def draft(
        self, prompt: Sequence[int], sampling: Sampling, seed: int, deliver: TakeDraft, end: End
    ) -> Drafting:
        """Guess what follows `prompt`, see `Drafting`; raises as `submit` does."""
        drafting = Drafting(list(prompt), sampling, seed, deliver, end, vocabulary=self.vocabulary)
        self.submit(drafting)
        return drafting

    def submit(self, task: Verification | Drafting) -> None:
        """Queue a verification or a drafting.

        Raises:
            ContextOverflow: Its sequence is longer than the context.
            InvalidRequest: It is empty or holds no tokens of this vocabulary, or its counts of
                rows and prompt tokens do not fit it.
            EngineBusy: Too many turns wait already.
            EngineClosed: The engine was shut down.
        """
        self._check(task.prompt, room=0)
        most = min(len(task.prompt), BATCH_TOKENS)
        if not 1 <= task.num_rows <= most:
            raise InvalidRequest(f"num_drafted must be from 0 to {most - 1}.")
        if not 0 <= (task.strict_prompt or 0) <= len(task.prompt) - task.num_rows:
            most = len(task.prompt) - task.num_rows
            raise InvalidRequest(f"strict_prompt must be from 0 to {most}.")
        task.fit(self.context_tokens)
        self._scheduler.submit(task)

    def cancel(self, task: Generation | Scoring | Verification | Drafting) -> None:
        """Stop the work on a task now; any thread may, and more than once."""
        task.cancel()
        self._scheduler.left(task)

    def stream(
        self, prompt: Sequence[int], sampling: Sampling, *, is_strict: bool = False
    ) -> Generator[Delta, None, None]:
        """Yield the pieces of a completion as they come; raises as `prepare` and `start` do.

        Closing the generator stops the work.
        """
        pieces: queue.SimpleQueue[Delta | JisrError] = queue.SimpleQueue()
        generation = self.prepare(prompt, sampling, pieces.put, is_strict=is_strict)
        self.start(generation)
        try:
            while True:
                piece = pieces.get()
                if isinstance(piece, JisrError):
                    raise piece
                yield piece
                if piece.finish_reason is not None:
                    return
        finally:
            self.cancel(generation)

    def score(self, tokens: Sequence[int], num_rows: int) -> Logits:
        """Return the logits behind the last `num_rows` tokens of a sequence.

        A sequence that shares its start with one the engine still remembers is computed
        from where they part.

        Args:
            tokens: The whole sequence.
            num_rows: 1 to `len(tokens)`, at most 512.

        Returns:
            Rows of shape `(num_rows, vocab)`; the last follows the whole sequence.

        Raises:
            ContextOverflow: The sequence is longer than the context.
            InvalidRequest: It is empty, or `num_rows` out of range.
            EngineBusy: Too many turns wait already.
            EngineClosed: The engine was shut down.
        """
        self._check(tokens, room=0)
        if not 1 <= num_rows <= min(len(tokens), BATCH_TOKENS):
            raise InvalidRequest(f"num_rows must be from 1 to {min(len(tokens), BATCH_TOKENS)}.")
        answer: queue.SimpleQueue[Logits | JisrError] = queue.SimpleQueue()
        scoring = Scoring(list(tokens), num_rows, answer.put)
        self._scheduler.submit(scoring)
        try:
            rows = answer.get()
        finally:
            self.cancel(scoring)
        if isinstance(rows, JisrError):
            raise rows
        return rows

    def close(self) -> None:
        """Stop the thread and free the KV cache; what runs or waits fails with EngineClosed."""
        self._shut_down()

    def _check(self, tokens: Sequence[int], room: int) -> None:
        if not self._shut_down.alive:
            raise EngineClosed("The engine was shut down.")
        if not tokens:
            raise InvalidRequest("There is nothing to complete: the prompt is empty.")
        if min(tokens) < 0 or max(tokens) >= self.vocabulary.num_tokens:
            raise InvalidRequest(f"Token ids are from 0 to {self.vocabulary.num_tokens - 1}.")
        over = len(tokens) + room - self.context_tokens
        if over > 0:
            raise ContextOverflow(
                f"The prompt has {len(tokens)} tokens, {over} more than fit into the context of "
                f"{self.context_tokens} with an answer of {room or 'no'} token. "
                "Shorten it, or raise device.context_tokens.",
                param="messages",
            )


def _load(path: Path, settings: EngineSettings) -> tuple[Weights, Context, Exactness]:
    weights = Weights(path)
    trained = weights.trained_context_tokens or settings.context_tokens
    context = Context(
        weights,
        num_sequences=settings.num_sequences,
        context_tokens=min(settings.context_tokens, trained),
        batch_tokens=BATCH_TOKENS,
        threads=settings.threads or physical_cores(),
    )
    exactness = NOT_MEASURED
    if settings.measures_exactness:
        exactness = measure(context, Vocabulary(weights))
    return weights, context, exactness


def _shut_down(scheduler: Scheduler, context: Context) -> None:
    if scheduler.close():
        context.close()
