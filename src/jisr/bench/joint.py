"""Joint decoding beside streaming: time, passes, bytes, and whether the text is the same.

Two cores stand for two machines, with a network of several round trips between
them. For each question, target and round trip the ways to an answer are measured
one after the other, streaming first on even questions and last on odd ones, so that
what else the machine does bears on all of them. Both sides have read the prompt
before: what is measured is decoding, its first token included.

What is covered: greedy answers over HTTP and WebSocket with real weights; eight at
once; what the formulas predict, beside it.
What is not covered: bandwidth, loss, TLS, and the time to read a prompt.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import cast

from jisr.bench.cache import Cache, key_of
from jisr.bench.joint_questions import OWN, Question
from jisr.bench.joint_site import Setup, Site
from jisr.bench.joint_turn import JOINT, Row, Turn, Way
from jisr.bench.report import commit
from jisr.types import Sampling

USUAL_RTT_MS = 20.0
"""Where what need not be measured at every round trip is measured."""
EVERYWHERE = (Way.STREAMING, Way.STOP_AND_WAIT, Way.FAST)
MORE = (Way.CHEAP, Way.STRICT, Way.STRICT_ALONE)
TOKEN_MS = {"bf16": 95.0, "q4": 55.0}
"""Typical on one core, to tell beforehand how long it will take."""
READ_MS = 15.0
"""The same of a token of a prompt."""

Tell = Callable[[float, float], None]
"""Is told how much is done and how much there is, in expected seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JointLoad:
    """How much is asked."""

    questions: tuple[Question, ...] = OWN
    targets: tuple[str, ...] = ("q4", "bf16")
    rtts_ms: tuple[float, ...] = (0.0, 20.0, 60.0, 120.0)
    max_tokens: int = 96
    """Of each answer."""
    is_all: bool = False
    """Whether every way is measured at every round trip."""
    num_at_once: int = 8
    """Answers at once for the throughput; 0 leaves it out."""

    @property
    def usual_rtt_ms(self) -> float:
        """The round trip at which everything is measured."""
        return USUAL_RTT_MS if USUAL_RTT_MS in self.rtts_ms else self.rtts_ms[0]


@dataclass(frozen=True, slots=True)
class Cell:
    """What is measured side by side, and kept or lost as one."""

    target: str
    rtt_ms: float
    ways: tuple[Way, ...]
    """In the order in which they are measured."""
    questions: tuple[Question, ...]
    """Several are asked at once."""

    def expected_s(self, max_tokens: int) -> float:
        """Return about how long it takes."""
        token_ms = TOKEN_MS.get(self.target, TOKEN_MS["q4"])
        reading_s = sum(len(it.prompt) for it in self.questions) / 4 * READ_MS / 1000
        decoding_s = sum(
            (max_tokens * (token_ms + self.rtt_ms / 6 * (way in JOINT)) + self.rtt_ms) / 1000
            for way in self.ways
        )
        return (reading_s if self.is_first else 0) + decoding_s * max(1, len(self.questions) / 3)

    @property
    def is_first(self) -> bool:
        """Whether its prompts are new to the cloud: read once, they are remembered."""
        return self.rtt_ms == 0 or len(self.questions) > 1


@dataclass(slots=True)
class Measured:
    """What was measured."""

    rows: list[Row] = field(default_factory=list)
    is_whole: bool = True
    """False: it was stopped before its end."""


def cells_of(load: JointLoad) -> list[Cell]:
    """Return all that is to be measured, target by target."""
    return [
        cell
        for number, target in enumerate(load.targets)
        for cell in _cells_of_target(load, target, with_device=not number)
    ]


def _cells_of_target(load: JointLoad, target: str, *, with_device: bool) -> Iterator[Cell]:
    for number, question in enumerate(load.questions):
        if with_device:
            yield Cell(target, load.usual_rtt_ms, (Way.DEVICE,), (question,))
        for rtt_ms in load.rtts_ms:
            has_more = load.is_all or rtt_ms == load.usual_rtt_ms
            ways = (*EVERYWHERE, *MORE) if has_more else EVERYWHERE
            yield Cell(target, rtt_ms, ways[:: -1 if number % 2 else 1], (question,))
    if load.num_at_once:
        repeated = load.questions * (load.num_at_once // len(load.questions) + 1)
        for pair in ((Way.STREAMING, Way.FAST), (Way.FAST, Way.STREAMING)):
            yield Cell(target, load.usual_rtt_ms, pair, repeated[: load.num_at_once])


def measure(load: JointLoad, setup: Setup, cache: Cache, tell: Tell) -> Measured:
    """Measure what the cache does not know yet; Ctrl-C ends it, and keeps what there is.

    Raises:
        BenchError: The machine has not two cores.
        BackendError: A side did not start, or broke off.
    """
    measured, cells = Measured(), cells_of(load)
    expected_s = [cell.expected_s(load.max_tokens) for cell in cells]
    done_s, left_s = 0.0, iter(expected_s)
    try:
        for target, those in groupby(cells, attrgetter("target")):
            with ExitStack() as stack:
                bench = _Bench(load, setup, cache, target, stack)
                for cell in those:
                    measured.rows += bench.rows(cell)
                    done_s += next(left_s)
                    tell(done_s, sum(expected_s))
    except KeyboardInterrupt:
        measured.is_whole = False
    return measured


def remaining_s(load: JointLoad, setup: Setup, cache: Cache) -> float:
    """Return about how long `measure` will take: what the cache knows takes no time."""
    return sum(
        cell.expected_s(load.max_tokens)
        for cell in cells_of(load)
        if cache.get(_key(cell, load, setup)) is None
    )


class _Bench:
    """One target; its site is started when something has to be measured there."""

    def __init__(
        self, load: JointLoad, setup: Setup, cache: Cache, target: str, stack: ExitStack
    ) -> None:
        self._load, self._setup, self._cache = load, setup, cache
        self._target, self._stack = target, stack
        self._opened: Site | None = None

    def rows(self, cell: Cell) -> list[Row]:
        """Return the rows of a cell, from the cache or measured now."""
        key = _key(cell, self._load, self._setup)
        known = self._cache.get(key)
        if known is not None:
            return cast(list[Row], json.loads(str(known["rows"])))
        if self._opened is None:
            self._opened = self._stack.enter_context(self._setup.site(self._target))
        rows = list(_measured(cell, self._opened, self._load.max_tokens))
        if not any("error" in row for row in rows):
            self._cache.put(key, {"rows": json.dumps(rows)})
        return rows


def _key(cell: Cell, load: JointLoad, setup: Setup) -> str:
    place = (setup.identity(cell.target), cell.rtt_ms, [*map(str, cell.ways)], _commit())
    asked = json.dumps([question.prompt for question in cell.questions])
    return key_of(repr(place), Sampling(max_output_tokens=load.max_tokens), asked)


@lru_cache(1)
def _commit() -> str:
    return commit()


def _measured(cell: Cell, site: Site, max_tokens: int) -> Iterable[Row]:
    for way in cell.ways:
        url = site.urls[cell.rtt_ms]
        turns = [
            Turn(way=way, prompt=it.prompt, max_tokens=max_tokens, model=site.model, url=url)
            for it in cell.questions
        ]
        answered = site.device.ask(turns)
        for question, row in zip(cell.questions, answered["rows"], strict=True):
            yield {
                "measure": "turn" if len(turns) == 1 else "at_once",
                "target": cell.target,
                "rtt_ms": cell.rtt_ms,
                "id": question.id,
                "category": question.category,
                "first": cell.ways[0].value,
                **({} if len(turns) == 1 else {"together_s": answered["seconds"]}),
                **row,
            }
