"""What a device has learned of a link, a drafter and a verifier: what the pace is chosen from.

It outlives turns, so that the second one need not learn what the first one did.
Times are running means in which the last ten or so measurements count; how often a
guess is right is counted by how sure the drafter was of it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from jisr.joint.base import Drafted
from jisr.joint.repeats import Repeats
from jisr.types import Goal

WEIGHT = 0.15
"""Of the newest measurement in a running mean."""
RTT_WEIGHT = 0.6
"""The same of a round trip, of which there are few."""
EDGES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.998)
"""Confidences where the next bucket begins."""
PRIOR_COUNT = 6.0
"""Guesses that the prior of a bucket stands for."""
FORGET_AT = 400.0
"""Guesses in a bucket from which old ones fade."""
FIRST_DRAFT_MS = 15.0
FIRST_RTT_MS = 30.0
FIRST_ACCEPTANCE = 0.75
MOST_RISE = 1.6
"""How much more a token may add to a pass than it was measured to: a drafter on the same machine
slows passes down by less, and that others share them is counted by itself."""
MOST_ACCEPTANCE = 0.999
LEAST_MS = 0.01
"""Both so that no formula divides by zero."""


@dataclass(slots=True)
class Mean:
    """A running mean; the first measurement replaces what was assumed."""

    value: float
    is_measured: bool = False

    def add(self, measured: float, weight: float = WEIGHT) -> None:
        """Take a measurement in, by so much of the difference."""
        self.value += (measured - self.value) * (weight if self.is_measured else 1.0)
        self.is_measured = True


class Acceptance:
    """How often guesses are right, by who guessed and how sure it was."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, int], list[float]] = {}
        self.overall = Mean(FIRST_ACCEPTANCE)
        """Of all guesses that came to be judged."""

    def of(self, drafted: Drafted) -> float:
        """Return the probability that a guess is right if all before it are, 0 to 1."""
        right, judged = self._counts.get(_bucket(drafted), (0.0, 0.0))
        return (right + PRIOR_COUNT * _prior(drafted)) / (judged + PRIOR_COUNT)

    def tokens_per_pass(self, num_drafted: int) -> float:
        """Return the tokens expected of a pass over so many drafted ones."""
        alpha = min(self.overall.value, MOST_ACCEPTANCE)
        return (1 - alpha ** (num_drafted + 1)) / (1 - alpha)

    def add(self, drafted: Drafted, is_right: bool) -> None:
        """Take in that a guess was right or wrong, all before it being right."""
        counts = self._counts.setdefault(_bucket(drafted), [0.0, 0.0])
        counts[0] += is_right
        counts[1] += 1
        if counts[1] > FORGET_AT:
            counts[0], counts[1] = counts[0] / 2, counts[1] / 2
        self.overall.value += (is_right - self.overall.value) * WEIGHT / 5
        self.overall.is_measured = True


@dataclass(slots=True)
class Statistics:
    """All of it, for one verifier."""

    pass_ms: Sequence[float]
    """Time of a pass over 1, 2 … tokens while nothing else runs, as the verifier says."""
    draft_ms: Mean = field(default_factory=lambda: Mean(FIRST_DRAFT_MS))
    """Time of one guess of the drafting model."""
    rtt_ms: Mean = field(default_factory=lambda: Mean(FIRST_RTT_MS))
    """From a question that is answered at once to its answer: measured once a turn."""
    load: Mean = field(default_factory=lambda: Mean(1.0))
    """Time of a pass relative to `pass_ms`."""
    num_sessions: Mean = field(default_factory=lambda: Mean(1.0))
    """Sessions of the verifier, of this device and of others."""
    alone_ms: Mean = field(init=False)
    """Time of a token that the verifier makes alone."""
    acceptance: Acceptance = field(default_factory=Acceptance)
    repeats: Repeats = field(default_factory=Repeats)
    """How often n-gram guesses would have been right."""
    joint_ms: dict[Goal, Mean] = field(default_factory=dict)
    """Time of a token of joint turns, by their goal."""
    passes_per_token: dict[Goal, Mean] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Lay a line through the times of passes over more than one token: each is noisy."""
        self.pass_ms = _smoothed(self.pass_ms)
        self.alone_ms = Mean(self.pass_ms[0])

    def verify_ms(self, num_tokens: int) -> float:
        """Return the expected time of a pass over so many tokens, 1 or more."""
        return self.pass_ms[min(num_tokens, len(self.pass_ms)) - 1] * self.load.value

    def step_ms(self, num_drafted: int) -> float:
        """Return what one more drafted token costs all who wait for a pass that has so many."""
        here = min(num_drafted, len(self.pass_ms) - 2)
        rise = self.pass_ms[here + 1] - self.pass_ms[here]
        return rise * min(self.load.value, MOST_RISE) * max(1.0, self.num_sessions.value)

    def shared_ms(self, num_rows: int) -> float:
        """Return the time of a pass over so many tokens of all sessions, on an idle verifier."""
        beyond = max(0, num_rows - len(self.pass_ms))
        rise = self.pass_ms[-1] - self.pass_ms[-2] if len(self.pass_ms) > 1 else self.pass_ms[0]
        return self.pass_ms[num_rows - beyond - 1] + beyond * rise

    def expected_alone_ms(self) -> float:
        """Return the time of a token that the verifier makes alone."""
        if self.alone_ms.is_measured:
            return max(LEAST_MS, self.alone_ms.value)
        return self.pass_ms[0] * min(1.0, self.load.value)


def _smoothed(pass_ms: Sequence[float]) -> tuple[float, ...]:
    """Return times that rise by the same for every token behind the second."""
    first, rest = pass_ms[0], np.array(pass_ms[1:])
    if rest.size <= 1:
        return (first, *(max(first, ms) for ms in pass_ms[1:]))
    slope, start = np.polyfit(np.arange(rest.size), rest, 1)
    line = start + max(0.0, slope) * np.arange(rest.size)
    return (first, *np.maximum(line, first).tolist())


def _bucket(drafted: Drafted) -> tuple[str, int]:
    return drafted.source, bisect_right(EDGES, drafted.confidence)


def _prior(drafted: Drafted) -> float:
    return 0.1 + 0.87 * drafted.confidence
