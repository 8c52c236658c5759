"""Answers of a model to graded questions: several at once, each asked once and then remembered.

What is kept is what the guard would read: text, log-probabilities, how much likelier the
model's own yes is than its no, and how many more answers agree. The rest is read anew each time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

from jisr.bench.cache import Cache, Value, key_of
from jisr.bench.graded_rows import GradedRow
from jisr.engine.engine import Engine
from jisr.feature_names import AGREEMENT, SELF_CHECK
from jisr.guard.answer import Answer
from jisr.guard.readers.letter import LAST_TOKEN
from jisr.question import TaskKind
from jisr.second_look import agreement_of, self_view
from jisr.types import FinishReason, Sampling, TokenLogprob

NUM_AT_ONCE = 8
MOST_TOKENS = {"number": 320, "choice": 256}
MOST_TOKENS_ELSE = 48
NUM_TOP = 20
"""Likeliest tokens beside each one."""
NUM_TOP_KEPT = 2
NUM_WHOLE = LAST_TOKEN
"""Tokens at the beginning of which all are kept: a letter that is chosen stands there."""
DIGITS = 3

Tell = Callable[[int, int], None]
"""Is told how many answers there are, and how many there will be."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a model answered to a row."""

    row: GradedRow
    answer: Answer
    self_check: float | None
    """How much likelier it says yes than no of it; None: not asked."""
    agreement: float | None = None
    """How many more answers in a row came to the same number; None: none was to be had."""

    @property
    def is_right(self) -> bool:
        """Whether the answer is right."""
        return self.row.is_right(self.answer.text)


class Answerer(Protocol):
    """Answers a question."""

    @property
    def model(self) -> str:
        """What tells its weights from others."""
        ...

    def answer(self, row: GradedRow) -> Value:
        """Return what `answered` reads."""
        ...


def sampling_of(row: GradedRow) -> Sampling:
    """Return how a row is answered: greedily, with log-probabilities."""
    most = MOST_TOKENS.get(row.kind, MOST_TOKENS_ELSE)
    return Sampling(max_output_tokens=most, num_top_logprobs=NUM_TOP)


def name_of(model: str, *, checks_itself: bool) -> str:
    """Return under which name a model's answers are kept: those with a second look have another."""
    return f"{model} looks twice" if checks_itself else model


def is_known(model: str, rows: Sequence[GradedRow], cache: Cache, *, checks_itself: bool) -> bool:
    """Return whether every answer of a model is remembered."""
    name = name_of(model, checks_itself=checks_itself)
    return all(cache.get(key_of(name, sampling_of(row), row.prompt)) is not None for row in rows)


class EngineAnswerer:
    """An engine that answers, and says how sure it is if it is to."""

    def __init__(self, engine: Engine, model: str, *, checks_itself: bool) -> None:
        self.model = name_of(model, checks_itself=checks_itself)
        self._engine = engine
        self._checks_itself = checks_itself

    def answer(self, row: GradedRow) -> Value:
        """Return the answer of the engine."""
        logprobs: list[TokenLogprob] = []
        text, finish = "", None
        prompt = self._engine.render(row.messages)
        for delta in self._engine.stream(prompt, sampling_of(row)):
            text += delta.text
            logprobs += delta.logprobs
            finish = delta.finish_reason or finish
        found: dict[str, str | float | None] = {
            "text": text,
            "logprobs": _packed(logprobs),
            "finish": finish and finish.value,
        }
        if self._checks_itself:
            found |= self.second_look(row, answered(row, found).answer)
        return found

    def text(self, row: GradedRow, sampling: Sampling) -> str:
        """Return the answer's text alone."""
        pieces = self._engine.stream(self._engine.render(row.messages), sampling)
        return "".join(delta.text for delta in pieces)

    def second_look(self, row: GradedRow, answer: Answer) -> dict[str, float]:
        """Return what it tells of its answer when it runs once more."""
        seen = (self._engine, row.messages, row.question)
        found = {SELF_CHECK: round(self_view(*seen, answer.text), DIGITS)}
        if row.question.kind is TaskKind.NUMBER:
            found[AGREEMENT] = agreement_of(*seen, answer, sampling_of(row))
        return found


def ask_all(
    rows: Sequence[GradedRow], answerer: Answerer, cache: Cache, tell: Tell = lambda _, __: None
) -> list[Answered]:
    """Return the answers to all rows, in their order; those that are known are not asked for."""
    keys = [key_of(answerer.model, sampling_of(row), row.prompt) for row in rows]
    missing = [(key, row) for key, row in zip(keys, rows, strict=True) if cache.get(key) is None]
    lock = Lock()

    def ask(key: str, row: GradedRow) -> None:
        value = answerer.answer(row)
        with lock:
            cache.put(key, value)

    tell(len(rows) - len(missing), len(rows))
    with ThreadPoolExecutor(NUM_AT_ONCE) as pool:
        futures = [pool.submit(ask, key, row) for key, row in missing]
        try:
            for number, future in enumerate(as_completed(futures), 1):
                future.result()
                tell(len(rows) - len(missing) + number, len(rows))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return [answered(row, cache.get(key) or {}) for key, row in zip(keys, rows, strict=True)]


def answered(row: GradedRow, value: Value) -> Answered:
    """Return what was kept of an answer, as the guard reads it."""
    finish = value["finish"]
    answer = Answer(
        text=str(value["text"]),
        logprobs=_unpacked(str(value["logprobs"])),
        finish_reason=FinishReason(str(finish)) if finish else None,
    )
    looks = (value.get(name) for name in (SELF_CHECK, AGREEMENT))
    self_check, agreement = (None if look is None else float(look) for look in looks)
    return Answered(row, answer, self_check, agreement)


def _packed(logprobs: Sequence[TokenLogprob]) -> str:
    """Return log-probabilities as JSON: of each token its own, and the likeliest beside it."""
    return json.dumps(
        [
            [
                token.token.hex(),
                round(token.logprob, DIGITS),
                [
                    [piece.hex(), round(value, DIGITS)]
                    for piece, value in token.top[: NUM_TOP if at < NUM_WHOLE else NUM_TOP_KEPT]
                ],
            ]
            for at, token in enumerate(logprobs)
        ]
    )


def _unpacked(text: str) -> tuple[TokenLogprob, ...]:
    return tuple(
        TokenLogprob(
            bytes.fromhex(token),
            logprob,
            tuple((bytes.fromhex(piece), value) for piece, value in top),
        )
        for token, logprob, top in json.loads(text)
    )
