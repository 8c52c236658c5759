"""The device of `jisr bench joint`: `python -m jisr.bench.joint_device DRAFTER.gguf`.

It loads the drafter once, on one thread, and does the turns it is told on standard
input, a line of JSON each; the answer is a line too. The turns of a line run at
once. Each was asked before with one token of room, so that both sides have read
its prompt and the connection stands: what is measured is the answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from jisr.backends.base import Backend
from jisr.backends.cloud import CloudBackend
from jisr.backends.device import DeviceBackend
from jisr.backends.joint import JointBackend
from jisr.backends.upstream import Upstream
from jisr.backends.verify_link import VerifyLink
from jisr.bench.joint_turn import BLOCK, Row, Turn, Way, timed
from jisr.clock import SystemClock
from jisr.config import JointSettings, UpstreamSettings
from jisr.door import unaudited
from jisr.engine.engine import Engine, EngineSettings
from jisr.errors import JisrError
from jisr.joint.pace import FixedPace, Outlook, Pace, WaitingPace
from jisr.privacy.redact import redact
from jisr.privacy.sight import Sight
from jisr.privacy.vault import Vault
from jisr.types import Delta, Outbound, Request

ALL_TOKENS = 2**20
PATIENCE_S = 300.0
"""Longest wait for a verdict: the first one comes after a long prompt was read on one core."""


class LonePace(WaitingPace):
    """Nothing is drafted: the verifier makes every token by itself."""

    def goes_on(self, outlook: Outlook) -> bool:
        """Return False."""
        return False

    def num_to_send(self, outlook: Outlook, *, is_drafting: bool) -> int | None:
        """Return None: there is never a block."""
        return None

    def alone_tokens(self) -> int:
        """Return more tokens than an answer has."""
        return ALL_TOKENS


PACES: dict[Way, Callable[[], Pace]] = {
    Way.STOP_AND_WAIT: lambda: FixedPace(BLOCK),
    Way.STRICT_ALONE: LonePace,
}
"""Of ways whose pace is not chosen by the turn's goal."""


class Backends(Protocol):
    """Gives the backend of a way, the same one each time: it learns from turn to turn."""

    def stream(self, turn: Turn) -> AsyncGenerator[Delta, None]:
        """Begin a turn."""
        ...

    async def read(self, turn: Turn) -> None:
        """Have the drafter read the prompt of a joint turn, as the verifier has it."""
        ...

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens of a piece of an answer."""
        ...

    def trace(self, turn: Turn) -> list[dict[str, object]]:
        """Return a row for each verdict of the last such turn; none if there were none."""
        ...

    async def close(self) -> None:
        """Close what it opened."""
        ...


class Drafting:
    """The backends of a device whose engine is the drafter."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._clock = SystemClock()
        self._device = DeviceBackend(engine)
        self._there: dict[tuple[str, str], Backend[Outbound]] = {}
        self._links: dict[tuple[str, str], VerifyLink] = {}

    def stream(self, turn: Turn) -> AsyncGenerator[Delta, None]:
        """Begin a turn."""
        request = turn.request()
        if turn.way is Way.DEVICE:
            return self._device.stream(request)
        return self._backend(turn).stream(_outbound(request))

    async def read(self, turn: Turn) -> None:
        """Have the drafter read the prompt of a joint turn, as the verifier has it."""
        link = self._links.get(_key(turn))
        if link is not None and link.hello is not None:
            template, messages = link.hello.template, turn.request().messages
            tokens = await asyncio.to_thread(self._engine.render_with, template, messages)
            await asyncio.to_thread(self._engine.score, tokens, 1)

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens of a piece of an answer."""
        return len(self._engine.vocabulary.tokenize(text, parse_special=False))

    def trace(self, turn: Turn) -> list[dict[str, object]]:
        """Return a row for each verdict of the last such turn; none if there were none."""
        backend = self._there.get(_key(turn))
        return backend.trace if isinstance(backend, JointBackend) else []

    async def close(self) -> None:
        """Close its connections."""
        for backend in self._there.values():
            await backend.close()

    def _backend(self, turn: Turn) -> Backend[Outbound]:
        key = _key(turn)
        if key not in self._there:
            service = UpstreamSettings(
                base_url=turn.url, model=turn.model, retries=0, read_timeout_s=PATIENCE_S
            )
            door = unaudited(turn.url)
            if turn.way is Way.STREAMING:
                self._there[key] = CloudBackend(Upstream(service, None, self._clock, door))
            else:
                self._links[key] = VerifyLink(service, None, self._clock, door)
                self._there[key] = self._joint(self._links[key], PACES.get(turn.way))
        return self._there[key]

    def _joint(self, link: VerifyLink, pace: Callable[[], Pace] | None) -> JointBackend:
        return JointBackend(
            link=link,
            engine=self._engine,
            settings=JointSettings(verdict_timeout_s=PATIENCE_S),
            clock=self._clock,
            pace=pace,
        )


def _key(turn: Turn) -> tuple[str, str]:
    """Return what two turns share that share a backend; one learns for all of its goals."""
    is_paced = turn.way in (Way.FAST, Way.CHEAP, Way.STRICT)
    return turn.url, "paced" if is_paced else turn.way.value


def _outbound(request: Request) -> Outbound:
    """Return a turn as it may leave; a benchmark's questions hold nothing private."""
    return redact(request, Sight(()).look(request), Vault())


async def answer(turns: Sequence[Turn], backends: Backends) -> Row:
    """Do turns at once, each asked before with room for one token, and read by the drafter.

    Returns:
        `seconds` of all of them, and their `rows` in order; that of a turn that failed
        has an `error`.
    """
    await asyncio.gather(*(_row(replace(turn, max_tokens=1), backends) for turn in turns))
    await asyncio.gather(*(backends.read(turn) for turn in turns))
    started_s = time.perf_counter()
    rows = await asyncio.gather(*(_row(turn, backends) for turn in turns))
    seconds = time.perf_counter() - started_s
    if len(turns) == 1 and (trace := backends.trace(turns[0])):
        rows[0]["trace"] = trace
    return {"seconds": seconds, "rows": rows}


async def _row(turn: Turn, backends: Backends) -> Row:
    try:
        return await timed(turn, backends.stream(turn), backends.count_tokens)
    except JisrError as error:
        return {"way": turn.way.value, "error": error.code, "message": str(error)}


async def serve(backends: Backends) -> None:
    """Answer line by line until standard input ends."""
    print(json.dumps({"is_ready": True}), flush=True)
    try:
        while line := await asyncio.to_thread(sys.stdin.readline):
            turns = [Turn.of_row(row) for row in _turns_of(line)]
            print(json.dumps(await answer(turns, backends)), flush=True)
    finally:
        await backends.close()


def _turns_of(line: str) -> Sequence[Mapping[str, Any]]:
    turns: Sequence[Mapping[str, Any]] = json.loads(line)["turns"]
    return turns


def main(arguments: Sequence[str] | None = None) -> None:
    """Load the drafter and answer."""
    parser = argparse.ArgumentParser(prog="python -m jisr.bench.joint_device", description=__doc__)
    parser.add_argument("drafter", type=Path)
    parser.add_argument("--context-tokens", type=int, default=4096)
    parser.add_argument("--num-sequences", type=int, default=8)
    chosen = parser.parse_args(arguments)
    settings = EngineSettings(
        context_tokens=chosen.context_tokens, num_sequences=chosen.num_sequences, threads=1
    )
    with Engine(chosen.drafter, settings) as engine:
        asyncio.run(serve(Drafting(engine)))


if __name__ == "__main__":
    main()
