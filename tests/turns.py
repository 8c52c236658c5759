"""Turns of a runtime run to their end, and what is told of them."""

import asyncio
from collections.abc import Iterable

from jisr.backends.scripted import Line
from jisr.errors import BackendUnavailable
from jisr.privacy.base import Span
from jisr.runtime import Runtime
from jisr.turn import Output, TurnDecided, TurnEnded
from jisr.types import Request, TurnRecord
from tests.runtimes import outputs

EMAIL = "layla@example.com"
PRIVATE = f"Write to {EMAIL} or +1 202 555 0143, card 4111 1111 1111 1111, DE89370400440532013000."
STAYING = "My IBAN is DE89370400440532013000."
VALUES = (EMAIL, "202 555 0143", "4111 1111 1111 1111", "DE89370400440532013000")
DOWN: Line = [BackendUnavailable("switched off")]


def told(jisr: Runtime, request: Request) -> list[Output]:
    return asyncio.run(outputs(jisr, request))


def record_of(outputs: list[Output]) -> TurnRecord:
    ended = outputs[-1]
    assert isinstance(ended, TurnEnded)
    return ended.record


def places(outputs: list[Output]) -> list[tuple[str, str]]:
    """Where a turn was to run, and why, each time it was decided."""
    return [
        (output.decision.place.value, output.decision.reason.value)
        for output in outputs
        if isinstance(output, TurnDecided)
    ]


class Broken:
    """A recognizer that fails."""

    def find(self, text: str) -> Iterable[Span]:
        raise RuntimeError(text)
