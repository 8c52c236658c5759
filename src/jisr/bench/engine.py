"""The engine beside llama.cpp: a bare loop in this process, and llama.cpp's own server.

Each pair is measured by turns, so that what else the machine does bears on both.

What is covered: decoding one sequence against a bare loop; the time to the first
token of a follow-up turn against the prefill of its new tokens alone; the total
tokens/s of 1, 4 and 8 streams over HTTP against llama.cpp's server.
What is not covered: quality, memory, and more than one model.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import aclosing, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from jisr.backends.upstream import Upstream
from jisr.bench.bare import WARM_UP_TOKENS, BareLoop
from jisr.bench.children import Child, started
from jisr.bench.questions import OWN, OWN_QUESTIONS, Questions
from jisr.clock import SystemClock
from jisr.config import UpstreamSettings
from jisr.door import unaudited
from jisr.engine.cores import physical_cores
from jisr.engine.engine import Engine, EngineSettings
from jisr.errors import BackendBroken
from jisr.types import Request, Sampling

SLICES = 2
"""Runs of each question where two things are compared in turns."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineLoad:
    """How much is asked, and in how much room."""

    questions: Questions = OWN_QUESTIONS
    limit: int = 5
    """Rounds of each measure; a round asks a question of each stream."""
    seed: int = 0
    """Number of the first question."""
    context_tokens: int = 2048
    num_sequences: int = 8
    decoded_tokens: int = 128
    """Of each answer."""
    history_tokens: int = 1000
    followup_tokens: int = 40
    streams: tuple[int, ...] = (1, 4, 8)

    @property
    def rounds(self) -> range:
        """The numbers of the rounds."""
        return range(self.seed, self.seed + self.limit)


@dataclass(slots=True)
class Measured:
    """What was measured."""

    figures: dict[str, float] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def compare(self, name: str, ours: Sequence[float], theirs: Sequence[float]) -> None:
        """Note the median of the pairs' ratios, and each pair."""
        self.figures[name] = median(mine / other for mine, other in zip(ours, theirs, strict=True))
        self.rows += [
            {"measure": name, "round": number, "ours": mine, "theirs": other}
            for number, (mine, other) in enumerate(zip(ours, theirs, strict=True))
        ]


def measure(path: Path, asked: EngineLoad) -> Measured:
    """Measure all of it on one model.

    Raises:
        ModelError: The weights cannot be loaded.
        BackendError: A server did not start, or broke off.
    """
    measured = Measured()
    beside_a_bare_loop(path, asked, measured)
    beside_a_server(path, asked, measured)
    return measured


def beside_a_bare_loop(path: Path, asked: EngineLoad, measured: Measured) -> None:
    """Measure decoding and follow-up turns against a bare loop in this process."""
    threads = physical_cores()
    settings = EngineSettings(
        context_tokens=asked.context_tokens, num_sequences=asked.num_sequences, threads=threads
    )
    with (
        Engine(path, settings) as engine,  # first: it quiets llama.cpp's log
        closing(BareLoop(path, context_tokens=asked.context_tokens, threads=threads)) as bare,
    ):
        _decode(engine, bare, asked, measured)
        _followup(engine, bare, asked, measured)


def _decode(engine: Engine, bare: BareLoop, asked: EngineLoad, measured: Measured) -> None:
    """Short runs in turns, each pair the other way round: what else runs here bears on both."""
    ours, theirs = [], []
    num_tokens = asked.decoded_tokens
    for number in asked.rounds:
        prompt = engine.render(asked.questions.messages(number))
        for turn in range(SLICES):
            if turn % 2:
                ours.append(_decode_rate(engine, prompt, num_tokens))
            theirs.append(bare.decode_rate(prompt, num_tokens))
            if not turn % 2:
                ours.append(_decode_rate(engine, prompt, num_tokens))
    measured.compare("decode_ratio", ours, theirs)
    measured.figures["decode_tokens_per_s"] = median(ours)


def _decode_rate(engine: Engine, prompt: Sequence[int], num_tokens: int) -> float:
    """Return the tokens a second, once warm; a piece of these answers is a token."""
    sampling = Sampling(max_output_tokens=num_tokens)
    warm_s = 0.0
    for number, delta in enumerate(engine.stream(prompt, sampling), start=1):
        if number == WARM_UP_TOKENS:
            warm_s = time.perf_counter()
        if delta.usage is not None:
            num_timed = delta.usage.output_tokens - WARM_UP_TOKENS
            return num_timed / (time.perf_counter() - warm_s)
    raise BackendBroken("The engine told no usage.")


def _followup(engine: Engine, bare: BareLoop, asked: EngineLoad, measured: Measured) -> None:
    """A turn of a conversation, against the prefill of what is new in it."""
    ours, theirs, prefill = [], [], []
    text = " ".join(OWN.format(number=n, last=n + 9) for n in range(80))
    words = engine.vocabulary.tokenize(text, parse_special=False)
    for number in range(asked.limit):
        history = words[number : number + asked.history_tokens]
        new = words[-asked.followup_tokens - number :][: asked.followup_tokens]
        prefill.append(len(history) / bare.prefill(history))
        theirs.append(bare.prefill(new, kept=len(history)))
        first = list(engine.stream(history, Sampling(max_output_tokens=1)))
        assert first, "the history was read"
        ours.append(_ttft(engine, [*history, *new]))
    measured.compare("followup_ttft_ratio", ours, theirs)
    measured.figures["followup_ttft_ms"] = 1000 * median(ours)
    measured.figures["prefill_tokens_per_s"] = median(prefill)


def _ttft(engine: Engine, prompt: Sequence[int]) -> float:
    asked = time.perf_counter()
    with_one = Sampling(max_output_tokens=1)
    next(iter(engine.stream(prompt, with_one)))
    return time.perf_counter() - asked


def beside_a_server(path: Path, asked: EngineLoad, measured: Measured) -> None:
    """Measure streams at once against llama.cpp's server.

    Raises:
        BackendError: A server did not start, or broke off.
    """
    with _ours(path, asked) as ours, _theirs(path, asked) as theirs:
        for num_streams in asked.streams:
            pairs = [
                tuple(_throughput(it, path.stem, asked, num_streams, n) for it in (ours, theirs))
                for n in asked.rounds
            ]
            name = f"throughput_ratio_{num_streams}"
            measured.compare(name, [ours for ours, _ in pairs], [theirs for _, theirs in pairs])
            measured.figures[f"throughput_tokens_per_s_{num_streams}"] = median(
                ours for ours, _ in pairs
            )


@contextmanager
def _ours(path: Path, asked: EngineLoad) -> Iterator[Child]:
    settings = {
        "cloud_role.model": path,
        "device.context_tokens": asked.context_tokens,
        "device.num_sequences": asked.num_sequences,
    }
    words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    with started("jisr", *words, "cloud", "--port", "0", "--until-eof") as child:
        yield child


@contextmanager
def _theirs(path: Path, asked: EngineLoad) -> Iterator[Child]:
    arguments = {
        "--threads": physical_cores(),
        "--num-sequences": asked.num_sequences,
        "--context-tokens": asked.context_tokens,
    }
    words = [str(word) for pair in arguments.items() for word in pair]
    with started("jisr.bench.peer_server", str(path), *words) as child:
        yield child


def _throughput(
    server: Child, model: str, asked: EngineLoad, num_streams: int, number: int
) -> float:
    """Return the tokens a second of so many streams together."""
    first = number * num_streams
    questions = [asked.questions.messages(first + n) for n in range(num_streams)]
    sampling = Sampling(max_output_tokens=asked.decoded_tokens)
    requests = [Request(messages=messages, sampling=sampling) for messages in questions]
    return asyncio.run(_streams(server, model, requests))


async def _streams(server: Child, model: str, requests: Sequence[Request]) -> float:
    settings = UpstreamSettings(base_url=f"{server.url}/v1", model=model)
    upstream = Upstream(settings, None, SystemClock(), unaudited(settings.base_url))
    try:
        started_s = time.perf_counter()
        counts = await asyncio.gather(*(_answer(upstream, it) for it in requests))
        return sum(counts) / (time.perf_counter() - started_s)
    finally:
        await upstream.close()


async def _answer(upstream: Upstream, request: Request) -> int:
    """Return the number of tokens of an answer."""
    async with aclosing(upstream.stream(request)) as deltas:
        async for delta in deltas:
            if delta.usage is not None:
                return delta.usage.output_tokens
    raise BackendBroken("The server told no usage.")
