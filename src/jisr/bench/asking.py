"""Both models asked: the one of the device, then the one that stands in for the cloud.

One is loaded at a time, and neither if all its answers are known already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from jisr.assemble import load_engine, store
from jisr.bench.answering import (
    Answered,
    EngineAnswerer,
    Tell,
    answered,
    ask_all,
    is_known,
    name_of,
    sampling_of,
)
from jisr.bench.cache import Cache
from jisr.bench.graded_rows import GradedRow
from jisr.config import Settings
from jisr.engine.engine import Engine
from jisr.feature_names import AGREEMENT, SELF_CHECK
from jisr.fingerprint import fingerprint_of
from jisr.question import TaskKind
from jisr.second_look import agreement_of, self_view

CACHE_FILE = "bench-answers.jsonl"
"""Answers by a hash of what was asked; they stay in the home of Jisr."""
CONTEXT_TOKENS = 4096
NUM_SEQUENCES = 10
NUM_TIMED = 8
"""Questions of each kind that are answered alone, to take the time."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A model, and what it answered."""

    fingerprint: str
    answers: list[Answered]


@dataclass(frozen=True, slots=True)
class Timed:
    """A turn, as long as it takes without a check, and what the check adds."""

    kind: str
    turn_ms: float
    added_ms: float


def ask_model(
    settings: Settings,
    model: str,
    rows: Sequence[GradedRow],
    tell: Tell,
    *,
    checks_itself: bool,
) -> Asked:
    """Return a model's answers to rows; what is known is not asked for.

    Raises:
        ModelError: Its weights are not here, or damaged.
        EngineError: There is no memory for the KV cache.
    """
    path = store(settings).path(model)
    fingerprint = fingerprint_of(path)
    cache = Cache(settings.home / CACHE_FILE)
    if is_known(fingerprint, rows, cache, checks_itself=checks_itself):
        tell(len(rows), len(rows))
        known = ask_all(rows, _Remembered(fingerprint, checks_itself), cache)
        return Asked(fingerprint, known)
    with closing(_engine(settings, model)) as engine:
        answerer = EngineAnswerer(engine, fingerprint, checks_itself=checks_itself)
        return Asked(fingerprint, ask_all(rows, answerer, cache, tell))


def timed(
    settings: Settings,
    rows: Sequence[GradedRow],
    read: Callable[[Answered], object],
    looks: Mapping[TaskKind, frozenset[str]],
) -> list[Timed]:
    """Return of some questions of each kind what the turn took and what the check added.

    Each is answered alone: as it would be without a check and with nothing remembered, then
    twice from a warm prefix, without log-probabilities and with them, for what these add; then it
    is looked at as the guard does.
    """
    kinds: dict[str, list[GradedRow]] = {}
    for row in rows:
        kinds.setdefault(row.kind, []).append(row)
    chosen = [row for some in kinds.values() for row in some[:NUM_TIMED]]
    with closing(_engine(settings, settings.device.model)) as engine:
        return [_time(engine, row, read, looks) for row in chosen]


def cloud_name(settings: Settings) -> str:
    """Return the name by which the model that stands in for the cloud is calibrated."""
    path = Path(settings.cloud_role.model)
    return path.stem if path.suffix == ".gguf" else settings.cloud_role.model


class _Remembered:
    """Stands in for a model whose answers are all known."""

    def __init__(self, fingerprint: str, checks_itself: bool) -> None:
        self.model = name_of(fingerprint, checks_itself=checks_itself)

    def answer(self, row: GradedRow) -> dict[str, str]:
        """Never called: every answer is known."""
        raise AssertionError(f"the answer to {row.id} was to be known")


def _engine(settings: Settings, model: str) -> Engine:
    device = settings.device.model_copy(
        update={
            "model": model,
            "context_tokens": CONTEXT_TOKENS,
            "num_sequences": NUM_SEQUENCES,
        }
    )
    return load_engine(settings, device)


def _time(
    engine: Engine,
    row: GradedRow,
    read: Callable[[Answered], object],
    looks: Mapping[TaskKind, frozenset[str]],
) -> Timed:
    answerer = EngineAnswerer(engine, "", checks_itself=False)
    plain = replace(sampling_of(row), num_top_logprobs=None)
    cold_ms = _elapsed_ms(lambda: answerer.text(row, plain))
    plain_ms = _elapsed_ms(lambda: answerer.text(row, plain))
    told_ms = _elapsed_ms(lambda: answerer.text(row, sampling_of(row)))
    found = answered(row, answerer.answer(row))
    read_ms = _elapsed_ms(lambda: read(found))
    own_ms, seen = 0.0, (engine, row.messages, row.question)
    wanted = looks.get(row.question.kind, frozenset())
    if SELF_CHECK in wanted:
        own_ms += _elapsed_ms(lambda: self_view(*seen, found.answer.text))
    if AGREEMENT in wanted:
        own_ms += _elapsed_ms(lambda: agreement_of(*seen, found.answer, sampling_of(row)))
    return Timed(row.kind, cold_ms, max(0.0, told_ms - plain_ms) + read_ms + own_ms)


def _elapsed_ms(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return 1000 * (perf_counter() - start)
