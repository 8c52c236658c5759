"""What a turn tells while it runs: its stages, in order, each with its duration.

A turn tells them to whoever gave it an `on_event`, in the order of `Stage`; the
answer's `Delta`s come between the start and the end of `GENERATE`, or after `CHECK`
where they are held until then. `RESTORE` runs piece by piece inside `GENERATE`: it
is timed and has no events. A stage that a turn has no use for is left out. Going
back to `DECIDE`, after a place failed or its answer was withdrawn, is the only
repeat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Stage(StrEnum):
    """The stages of one turn, in their order."""

    RECEIVE = "receive"
    RECALL = "recall"
    SIGHT = "sight"
    DECIDE = "decide"
    OUTBOUND = "outbound"
    GENERATE = "generate"
    RESTORE = "restore"
    CHECK = "check"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage began."""

    stage: Stage


@dataclass(frozen=True, slots=True)
class StageEnded:
    """A stage came to its end."""

    stage: Stage
    duration_ms: float
    outcome: Mapping[str, object] = field(default_factory=dict)
    """Plain data about what it found or decided; never text of the turn."""
