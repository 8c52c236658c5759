"""Joint turns over a verifier whose answers are known, run to their end."""

import asyncio
from typing import Any

from jisr.engine.engine import Engine
from jisr.joint.pace import FixedPace, Pace
from jisr.types import Delta, JointUse, Outbound
from tests.backends.verifiers import SayingTarget, both
from tests.contracts.backend import complete

STORY = "one two three four one two three four one two three four"


def fixed(block: int) -> Pace:
    return FixedPace(block)


def told(
    target: SayingTarget | Engine,
    engine: Engine,
    turn: Outbound,
    pace: Pace | None = None,
    **settings: Any,
) -> list[Delta]:
    async def run() -> list[Delta]:
        async with both(target, engine, pace=(lambda: pace) if pace else None, **settings) as pair:
            deltas = await complete(pair.backend, turn)
            await pair.until_quiet()
            return deltas

    return asyncio.run(run())


def use_of(deltas: list[Delta]) -> JointUse:
    use = deltas[-1].joint
    assert use is not None
    return use
