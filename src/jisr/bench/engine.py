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
from jisr.bench.bare import BareLoop
from jisr.bench.children import Child, started
from jisr.clock import SystemClock
from jisr.config import UpstreamSettings
from jisr.engine.cores import physical_cores
from jisr.engine.engine import Engine, EngineSettings
from jisr.errors import BackendBroken
from jisr.types import Message, Request, Role, Sampling

CONTEXT_TOKENS = 2048
NUM_SEQUENCES = 8
DECODED_TOKENS = 128
HISTORY_TOKENS = 1000
FOLLOWUP_TOKENS = 40
STREAMS = (1, 4, 8)
QUESTION = "Count from {number} to {last} in words, one number a line, and nothing else."

Row = dict[str, Any]


@dataclass(slots=True)
class Measured:
    """What was measured."""

    figures: dict[str, float] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def compare(self, name: str, ours: Sequence[float], theirs: Sequence[float]) -> None:
        """Note a ratio of medians, and each pair behind it."""
        self.figures[name] = median(ours) / median(theirs)
        self.rows += [
            {"measure": name, "round": number, "ours": mine, "theirs": other}
            for number, (mine, other) in enumerate(zip(ours, theirs, strict=True))
        ]


def measure(path: Path, *, repeats: int, seed: int = 0) -> Measured:
    """Measure all of it on one model; the seed chooses the questions.

    Raises:
        ModelError: The weights cannot be loaded.
        BackendError: A server did not start, or broke off.
    """
    measured = Measured()
    numbers = range(seed, seed + repeats)
    _beside_a_bare_loop(path, numbers, measured)
    _beside_a_server(path, numbers, measured)
    return measured


def _beside_a_bare_loop(path: Path, numbers: range, measured: Measured) -> None:
    threads = physical_cores()
    settings = EngineSettings(
        context_tokens=CONTEXT_TOKENS, num_sequences=NUM_SEQUENCES, threads=threads
    )
    with (
        Engine(path, settings) as engine,  # first: it quiets llama.cpp's log
        closing(BareLoop(path, context_tokens=CONTEXT_TOKENS, threads=threads)) as bare,
    ):
        _decode(engine, bare, numbers, measured)
        _followup(engine, bare, numbers, measured)


def _decode(engine: Engine, bare: BareLoop, numbers: range, measured: Measured) -> None:
    ours, theirs = [], []
    for number in numbers:
        prompt = engine.render(_question(number))
        theirs.append(bare.decode_rate(prompt, DECODED_TOKENS))
        ours.append(_decode_rate(engine, prompt))
    measured.compare("decode_ratio", ours, theirs)
    measured.figures["decode_tokens_per_s"] = median(ours)


def _decode_rate(engine: Engine, prompt: Sequence[int]) -> float:
    """Return the tokens a second after the first."""
    sampling = Sampling(max_output_tokens=DECODED_TOKENS)
    first_s = 0.0
    for delta in engine.stream(prompt, sampling):
        first_s = first_s or time.perf_counter()
        if delta.usage is not None:
            return (delta.usage.output_tokens - 1) / (time.perf_counter() - first_s)
    raise BackendBroken("The engine told no usage.")


def _followup(engine: Engine, bare: BareLoop, numbers: range, measured: Measured) -> None:
    """A turn of a conversation, against the prefill of what is new in it."""
    ours, theirs, prefill = [], [], []
    text = " ".join(QUESTION.format(number=n, last=n + 9) for n in range(80))
    words = engine.vocabulary.tokenize(text, parse_special=False)
    for number in numbers:
        history = words[number : number + HISTORY_TOKENS]
        new = words[-FOLLOWUP_TOKENS - number :][:FOLLOWUP_TOKENS]
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


def _beside_a_server(path: Path, numbers: range, measured: Measured) -> None:
    with _ours(path) as ours, _theirs(path) as theirs:
        for num_streams in STREAMS:
            pairs = [
                tuple(_throughput(it, path.stem, num_streams, n) for it in (ours, theirs))
                for n in numbers
            ]
            name = f"throughput_ratio_{num_streams}"
            measured.compare(name, [ours for ours, _ in pairs], [theirs for _, theirs in pairs])
            measured.figures[f"throughput_tokens_per_s_{num_streams}"] = median(
                ours for ours, _ in pairs
            )


@contextmanager
def _ours(path: Path) -> Iterator[Child]:
    settings = {
        "cloud_role.model": path,
        "device.context_tokens": CONTEXT_TOKENS,
        "device.num_sequences": NUM_SEQUENCES,
    }
    words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    with started("jisr", *words, "cloud", "--port", "0", "--until-eof") as child:
        yield child


@contextmanager
def _theirs(path: Path) -> Iterator[Child]:
    arguments = {
        "--threads": physical_cores(),
        "--num-sequences": NUM_SEQUENCES,
        "--context-tokens": CONTEXT_TOKENS,
    }
    words = [str(word) for pair in arguments.items() for word in pair]
    with started("jisr.bench.peer_server", str(path), *words) as child:
        yield child


def _throughput(server: Child, model: str, num_streams: int, number: int) -> float:
    """Return the tokens a second of so many streams together."""
    return asyncio.run(_streams(server, model, num_streams, number))


async def _streams(server: Child, model: str, num_streams: int, number: int) -> float:
    settings = UpstreamSettings(base_url=f"{server.url}/v1", model=model)
    upstream = Upstream(settings, None, SystemClock())
    try:
        asked = time.perf_counter()
        questions = (_question(number * num_streams + n) for n in range(num_streams))
        counts = await asyncio.gather(*(_answer(upstream, it) for it in questions))
        return sum(counts) / (time.perf_counter() - asked)
    finally:
        await upstream.close()


async def _answer(upstream: Upstream, messages: tuple[Message, ...]) -> int:
    """Return the number of tokens of an answer."""
    request = Request(messages=messages, sampling=Sampling(max_output_tokens=DECODED_TOKENS))
    async with aclosing(upstream.stream(request)) as deltas:
        async for delta in deltas:
            if delta.usage is not None:
                return delta.usage.output_tokens
    raise BackendBroken("The server told no usage.")


def _question(number: int) -> tuple[Message, ...]:
    text = QUESTION.format(number=10 * number + 1, last=10 * number + 99)
    return (Message(Role.USER, text),)
