"""The drafters there are: the device's model, n-grams, and both together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from jisr.engine.drafting import Drafting
from jisr.engine.engine import Engine
from jisr.errors import JisrError
from jisr.joint.base import Drafted, Drafter, Take
from jisr.joint.ngram import NgramDrafter, drafts
from jisr.joint.repeats import Repeats
from jisr.joint.statistics import Mean
from jisr.types import Sampling

TRUSTED = 0.85
"""Least worth of an n-gram guess that is used where the model could guess: it costs no time, and
where it is wrong the block ends."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be guessed, and for whom."""

    tokens: Sequence[int]
    sampling: Sampling
    seed: int
    take: Take


class ModelDrafter:
    """Guesses with a model of the target's own vocabulary, token after token.

    It samples as the target does, with the same noise: where both are of one mind
    about a token, the guess is right at any temperature.

    A guess under way that is not wanted any more is stopped, unless it still reads its
    prompt: what follows has the same prompt, and would have to read it again.
    """

    source = "model"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._task: Drafting | None = None
        self._is_reading = False
        """The task has not made a guess yet."""
        self._next: _Asked | None = None
        """What to guess once it has."""

    def start(self, tokens: Sequence[int], sampling: Sampling, seed: int, take: Take) -> None:
        """Begin on the engine's thread; a sequence longer than the context gets no guess."""
        asked = _Asked(tokens, sampling, seed, take)
        with self._lock:
            if self._is_reading:
                self._next = asked
                return
        self.stop()
        self._submit(asked)

    def stop(self) -> None:
        """Stop the pass under way as soon as may be."""
        with self._lock:
            task, self._task = self._task, None
            self._is_reading, self._next = False, None
        if task is not None:
            self._engine.cancel(task)

    def _submit(self, asked: _Asked) -> None:
        def deliver(token: int, confidence: float) -> bool:
            with self._lock:
                self._is_reading = False
                following, self._next = self._next, None
            if following is None:
                return asked.take(Drafted(token, confidence, self.source))
            self._submit(following)
            return False

        def end(_: JisrError | None) -> None:
            with self._lock:
                self._is_reading = False
                following, self._next = self._next, None
            (following or asked).take(None)

        with self._lock:
            self._is_reading = True
            try:
                self._task = self._engine.draft(
                    asked.tokens, asked.sampling, asked.seed, deliver, end
                )
                return
            except JisrError:  # too long, busy or closed: the verifier goes on without guesses
                self._task, self._is_reading = None, False
        asked.take(None)


class BothDrafter:
    """Asks n-grams first where they are likely enough to be right, then the model.

    Args:
        model: Guesses where nothing repeats.
        repeats: What n-gram guesses are worth in this answer.
        least: Least worth of one that takes the place of the model's.
    """

    def __init__(self, model: Drafter, repeats: Repeats, least: Callable[[], float]) -> None:
        self._model = model
        self._repeats = repeats
        self._least = least

    def start(self, tokens: Sequence[int], sampling: Sampling, seed: int, take: Take) -> None:
        """Give trusted n-gram guesses at once; the model goes on behind them.

        What the model guesses meanwhile is for a `take` that refuses it.
        """
        followed = list(tokens)
        for drafted in drafts(tokens):
            acceptance = self._repeats.acceptance(drafted)
            if acceptance < self._least():
                break
            if not take(replace(drafted, confidence=acceptance)):
                return
            followed.append(drafted.token)
        self._model.start(followed, sampling, seed, take)

    def stop(self) -> None:
        """Stop the model."""
        self._model.stop()


def drafter_for(kind: str, engine: Engine, repeats: Repeats, usual: Mean) -> Drafter:
    """Return a drafter by its name in the settings: `model`, `ngram` or `both`.

    Args:
        kind: The name.
        engine: Has the model.
        repeats: What n-gram guesses are worth in this answer.
        usual: How often guesses are right all in all.
    """
    if kind == "ngram":
        return NgramDrafter()
    model = ModelDrafter(engine)
    return (
        model if kind == "model" else BothDrafter(model, repeats, lambda: max(TRUSTED, usual.value))
    )
