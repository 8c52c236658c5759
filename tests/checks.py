"""Turns whose answers are checked, and what is read of them."""

import asyncio
from collections.abc import Sequence
from typing import Any

from jisr.backends.scripted import Line
from jisr.guard.verdicts import Action, Verdict
from jisr.places import Limits
from jisr.scripted_checker import ScriptedChecker
from jisr.turn import Output, TurnDecided, TurnEnded
from jisr.types import Request, TurnRecord
from tests.runtimes import asked, outputs, runtime, saying

QUESTION = "Who wrote the song that my neighbour hums?"
ABSTAIN = Verdict(action=Action.ABSTAIN, reason="unsure", confidence=0.2, said="I cannot know.")
ESCALATE = Verdict(
    action=Action.ESCALATE, reason="unsure", confidence=0.2, said="Nobody could answer."
)
SHOWN = Limits(shows_unchecked=True)


def told(
    *verdicts: Verdict | Exception,
    request: Request | None = None,
    device: Sequence[Line] = (["wrong ", "answer"],),
    **more: Any,
) -> list[Output]:
    checker = more.pop("checker", None) or ScriptedChecker(verdicts)
    jisr = runtime(device=saying(*device, model="small"), checker=checker, **more)
    return asyncio.run(outputs(jisr, request or asked(QUESTION)))


def record_of(outputs: list[Output]) -> TurnRecord:
    ended = outputs[-1]
    assert isinstance(ended, TurnEnded)
    return ended.record


def kinds(outputs: list[Output]) -> list[str]:
    return [type(output).__name__ for output in outputs]


def places(outputs: list[Output]) -> list[str]:
    return [it.decision.place.value for it in outputs if isinstance(it, TurnDecided)]
