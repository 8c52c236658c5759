"""What the device's model tells of its own answer when it runs once more.

Both take the engine for a while: its view a short pass, which runs to its end, more answers as long
as the first. A turn that is cancelled meanwhile says so by `is_stopped`, and these stop with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial

from jisr.engine.engine import Engine
from jisr.errors import EngineError
from jisr.guard.agreement import agreement, sampling_of
from jisr.guard.answer import Answer
from jisr.guard.self_check import asked, yes_over_no
from jisr.question import Question
from jisr.types import FinishReason, Message, Sampling

CANCELLED = "The turn was cancelled."


def self_view(
    engine: Engine, messages: Sequence[Message], question: Question, answer: str
) -> float:
    """Return how much likelier the model says yes than no, as the logarithm of their ratio."""
    tokens = engine.render(asked(messages, answer, question))
    logits = engine.score(tokens, 1)[0]
    return yes_over_no(logits, engine.vocabulary.first_token)


def agreement_of(
    engine: Engine,
    messages: Sequence[Message],
    question: Question,
    answer: Answer,
    sampling: Sampling,
    *,
    is_stopped: Callable[[], bool] = lambda: False,
) -> float:
    """Return how many more answers in a row come to the same number, see `guard.agreement`.

    Args:
        engine: Draws them.
        messages: The turn.
        question: What it asks.
        answer: What the model said.
        sampling: How it was drawn.
        is_stopped: Asked before an answer and at every token of it; True ends the work.

    Raises:
        EngineError: It was stopped.
    """
    prompt = engine.render(messages)
    return agreement(question, answer, partial(_drawn, engine, prompt, sampling, is_stopped))


def _drawn(
    engine: Engine,
    prompt: Sequence[int],
    sampling: Sampling,
    is_stopped: Callable[[], bool],
    number: int,
) -> str:
    if is_stopped():
        raise EngineError(CANCELLED)
    text, finish = "", None
    with closing(engine.stream(prompt, sampling_of(sampling, number))) as pieces:
        for piece in pieces:
            if is_stopped():
                raise EngineError(CANCELLED)
            text += piece.text
            finish = piece.finish_reason
    return "" if finish is FinishReason.LENGTH else text
