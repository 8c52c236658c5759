"""Joint turns with little patience, over links to which something happens."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from jisr.engine.engine import Engine
from jisr.joint.pace import FixedPace, Pace
from jisr.types import Delta
from tests.backends.verifiers import Both, both, outbound, saying

STORY = "one two three four five six seven eight nine ten eleven twelve."
SHORT = {"verdict_timeout_s": 0.15, "give_up_s": 1.0, "connect_timeout_s": 1.0}
QUICKLY_S = 3.0


def fixed() -> Pace:
    return FixedPace(3)


@asynccontextmanager
async def pair_of(engine: Engine, **more: Any) -> AsyncIterator[Both]:
    target = saying(engine, STORY, pass_s=0.004)
    async with both(target, engine, **{"pace": fixed, **SHORT, **more}) as pair:
        yield pair


async def told_with(pair: Both, fault: Callable[[], object], after: int = 3) -> list[Delta]:
    """Return an answer at whose third piece something happens."""
    deltas: list[Delta] = []
    async for delta in pair.backend.stream(outbound(max_output_tokens=40)):
        deltas.append(delta)
        if len(deltas) == after:
            done = fault()
            if asyncio.iscoroutine(done):
                await done
    await pair.until_quiet()
    return deltas


def fallback_of(deltas: list[Delta]) -> str | None:
    assert deltas[-1].joint
    return deltas[-1].joint.fallback
