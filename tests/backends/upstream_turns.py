"""A turn that is asked of an upstream: what came, and how it failed."""

import asyncio

from jisr.backends.upstream import Upstream
from jisr.errors import JisrError
from jisr.types import Delta, Outbound, Sampling
from tests.contracts.backend import LIMIT_S, MESSAGES

SHORT = Outbound(messages=MESSAGES, sampling=Sampling(max_output_tokens=16))


async def told(upstream: Upstream, turn: Outbound = SHORT) -> tuple[list[Delta], JisrError | None]:
    """Return what came, and how it failed."""
    deltas: list[Delta] = []
    try:
        async with asyncio.timeout(LIMIT_S):
            async for delta in upstream.stream(turn):
                deltas.append(delta)
    except JisrError as error:
        return deltas, error
    return deltas, None
