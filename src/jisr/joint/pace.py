"""How far to draft, what to send and when to leave the verifier alone.

A guess is worth the time it saves if it is right: with reach, the probability that
it and all before it are right, one more guess pays while reach x (time of a token)
exceeds what it costs to make and to verify. That is the block length, chosen anew
with every guess from how sure the drafter is, the measured draft and pass times and
the round trip. While blocks are under way guessing costs no waiting, so it goes on
for as long as it is likely enough to be of use.

Where joint decoding takes longer than the verifier alone, the pace says so: the
verifier then decodes by itself, inside the same session, and after a while joint is
tried again.

Source: block length by expected gain, after Leviathan, Kalman, Matias 2022,
arXiv:2211.17192, section 3.3; stopping at what the drafter is not sure of, as in
llama.cpp's `--draft-p-min` and Huang et al. 2024, "SpecDec++", arXiv:2405.19715.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, inf, prod
from typing import Protocol

from jisr.joint.statistics import Statistics
from jisr.types import Goal

AHEAD_REACH = 0.3
"""Reach below which nothing is drafted ahead of a verdict in `fast`: it would seldom be of use."""
LIKE_LAST = 0.5
"""How much the next guess is expected to be like the last one."""
CHEAP_REACH = 0.05
"""Reach below which nothing is drafted in `cheap`: it would cost bytes and save few passes."""
RACING_CHUNK = 3
"""Guesses that are sent together while the verifier does not wait for them."""
FIRST_DRAFTS = 5
"""Guesses that a block is made of, where nothing is known better."""
MOST_AHEAD = 30
"""Drafted tokens that are not judged yet."""
TRIAL_TOKENS = 12
"""Tokens made jointly before it is judged whether joint pays."""
READING_MS = 10_000.0
"""Longest wait for a first guess where passes are dearer than time: the prompt is read for it."""
LEAST_PATIENCE_MS = 100.0
FADE = 0.85
"""Of what was measured, at each round."""
FIRST_ALONE_TOKENS = 16
MOST_ALONE_TOKENS = 128
HOPELESS = 1.2
"""How much slower it may be by the formula, which knows nothing of how sure a drafter is of what,
before it is not even tried."""
MARGIN = 1.03
"""How much slower than the verifier alone joint may be before it is left."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a pace decides from: the guesses that are not judged yet."""

    under_way: Sequence[float]
    """Acceptance of each guess that was sent."""
    open: Sequence[float]
    """Of each guess that was not."""
    is_waiting: bool
    """A verdict must come before another block can be run: guessing costs no time now."""
    is_racing: bool = False
    """The verifier decodes alone meanwhile, until guesses reach it."""

    @property
    def reach(self) -> float:
        """Probability that all of them are right."""
        return prod((*self.under_way, *self.open))

    def chance(self, usual: float) -> float:
        """Return the probability that they and the next guess are right.

        Sure guesses follow sure ones: the next is expected to be half like the last, and
        half as guesses are all in all (`usual`).
        """
        last = [usual, *self.under_way, *self.open][-1]
        return self.reach * (LIKE_LAST * last + (1 - LIKE_LAST) * usual)


class Pace(Protocol):
    """Decides for one turn."""

    def goes_on(self, outlook: Outlook) -> bool:
        """Return whether to make one more guess."""
        ...

    def num_to_send(self, outlook: Outlook, *, is_drafting: bool) -> int | None:
        """Return how many of the open guesses to send now as a block.

        Returns:
            None to wait; 0 to let the verifier make the next token alone.
        """
        ...

    def alone_tokens(self) -> int:
        """Return how many tokens the verifier should make alone from here on; 0 is joint."""
        ...

    def races(self) -> bool:
        """Return whether the verifier should decode alone wherever no guess has reached it."""
        ...

    def begins_alone(self) -> bool:
        """Return whether the first token is the verifier's own, made while guesses are."""
        ...

    def patience_ms(self) -> float:
        """Return how long the verifier may wait for a guess before it makes a token alone."""
        ...

    def note_round(self, elapsed_ms: float, num_tokens: int) -> None:
        """Take in what a verdict of a block brought, and since when."""
        ...


class WaitingPace:
    """What paces have in common whose verifier always waits for drafts."""

    def alone_tokens(self) -> int:
        """Return 0: it never gives up."""
        return 0

    def races(self) -> bool:
        """Return False: what the verifier makes alone is a pass each."""
        return False

    def begins_alone(self) -> bool:
        """Return True."""
        return True

    def patience_ms(self) -> float:
        """Return a long time: that of reading a prompt."""
        return READING_MS

    def note_round(self, elapsed_ms: float, num_tokens: int) -> None:
        """Take no notice: time is no matter."""


@dataclass(frozen=True)
class FixedPace(WaitingPace):
    """Blocks of one length, one at a time, nothing ahead: plain stop-and-wait."""

    block: int

    def goes_on(self, outlook: Outlook) -> bool:
        """Return whether the block is not full yet; nothing is drafted while one is under way."""
        return not outlook.under_way and len(outlook.open) < self.block

    def num_to_send(self, outlook: Outlook, *, is_drafting: bool) -> int | None:
        """Return the length of the block once it is full, or can grow no more."""
        if outlook.under_way or (is_drafting and len(outlook.open) < self.block):
            return None
        return min(self.block, len(outlook.open))


@dataclass
class CheapPace(WaitingPace):
    """Few cloud passes: long blocks, one at a time."""

    statistics: Statistics
    most: int
    """Drafted tokens of a pass."""

    def begins_alone(self) -> bool:
        """Return False: the pass that reads the prompt may as well judge a block."""
        return False

    def goes_on(self, outlook: Outlook) -> bool:
        """Return whether the next guess still has a chance; the next block is made meanwhile."""
        chance = outlook.chance(self.statistics.acceptance.overall.value)
        return len(outlook.open) < self.most and chance >= CHEAP_REACH

    def num_to_send(self, outlook: Outlook, *, is_drafting: bool) -> int | None:
        """Return all that is open, once the block before was judged and drafting has ended."""
        if outlook.under_way or (is_drafting and self.goes_on(outlook)):
            return None
        return min(self.most, len(outlook.open))


@dataclass(slots=True)
class FastPace:
    """Little time per token."""

    statistics: Statistics
    most: int
    """Drafted tokens of a pass."""
    _ms: float = field(default=0.0, init=False)
    _tokens: float = field(default=0.0, init=False)
    _num_tried: int = field(default=0, init=False)
    _next_alone: int = field(default=FIRST_ALONE_TOKENS, init=False)

    @property
    def token_ms(self) -> float:
        """What a token takes at the moment: what a right guess is worth."""
        if self._tokens >= 1:
            return self._ms / self._tokens
        return min(predicted_ms(self.statistics, self.most), self.statistics.expected_alone_ms())

    def goes_on(self, outlook: Outlook) -> bool:
        """Return whether one more guess is expected to save more than it costs."""
        num_open = len(outlook.open)
        if num_open >= self.most or num_open + len(outlook.under_way) >= MOST_AHEAD:
            return False
        if not (outlook.open or outlook.under_way):
            return True
        statistics = self.statistics
        chance = outlook.chance(statistics.acceptance.overall.value)
        if outlook.is_waiting:
            return chance >= AHEAD_REACH
        cost_ms = statistics.draft_ms.value + statistics.step_ms(num_open)
        return chance * self.token_ms > cost_ms

    def num_to_send(self, outlook: Outlook, *, is_drafting: bool) -> int | None:
        """Return the guesses that are worth their place in the pass.

        While a block is under way the next one is sent only once it is as long as it
        would be by itself: the verifier starts it as soon as it can.
        """
        if outlook.is_racing:
            if is_drafting and len(outlook.open) < RACING_CHUNK:
                return None
            return self._worth_sending(outlook) or None
        if outlook.under_way:
            if len(outlook.open) < min(self.most, self._usual_length()):
                return None
            return self._worth_sending(outlook) or None
        if is_drafting and self.goes_on(outlook):
            return None
        return self._worth_sending(outlook)

    def alone_tokens(self) -> int:
        """Return how many tokens to leave to the verifier, because it is faster alone."""
        alone_ms = self.statistics.expected_alone_ms()
        if not pays_in_crowd(self.statistics, self.most):
            is_slow = True
        elif self._tokens < 1:
            # even without a link between them
            is_slow = best_length(self.statistics, self.most, 0.0)[1] > alone_ms * HOPELESS
        elif self._num_tried < TRIAL_TOKENS:
            is_slow = False
        else:
            is_slow = self.token_ms > alone_ms * MARGIN
        if not is_slow:
            return 0
        span, self._next_alone = self._next_alone, min(2 * self._next_alone, MOST_ALONE_TOKENS)
        self._ms = self._tokens = 0.0
        self._num_tried = 0
        return span

    def races(self) -> bool:
        """Return whether a verifier that waited for guesses would lose more than a pass by it."""
        statistics = self.statistics
        idle_ms = statistics.rtt_ms.value + FIRST_DRAFTS * statistics.draft_ms.value
        return idle_ms > statistics.expected_alone_ms()

    def begins_alone(self) -> bool:
        """Return True: it costs no time."""
        return True

    def patience_ms(self) -> float:
        """Return the time of a token: a slow drafter must not be slower than none."""
        return max(LEAST_PATIENCE_MS, self.statistics.expected_alone_ms())

    def note_round(self, elapsed_ms: float, num_tokens: int) -> None:
        """Take in what a round took."""
        self._ms = self._ms * FADE + elapsed_ms
        self._tokens = self._tokens * FADE + num_tokens
        self._num_tried += num_tokens

    def _worth_sending(self, outlook: Outlook) -> int:
        """Return how many open guesses make the pass worth most: none, where it is best short."""
        reach = prod(outlook.under_way)
        value_ms, best_ms, num_best = 0.0, 0.0, 0
        for number, acceptance in enumerate(outlook.open[: self.most]):
            reach *= acceptance
            value_ms += reach * self.token_ms - self.statistics.step_ms(number)
            if value_ms > best_ms:
                best_ms, num_best = value_ms, number + 1
        return num_best

    def _usual_length(self) -> int:
        return best_length(self.statistics, self.most, self.statistics.rtt_ms.value)[0]


def best_length(statistics: Statistics, most: int, rtt_ms: float) -> tuple[int, float]:
    """Return the block length with the least time per token, and that time, by the formula.

    Stop-and-wait with `g` guesses a block takes (g t_d + R + t_v) / E, with
    E = (1 - alpha^(g + 1)) / (1 - alpha) tokens a pass.
    """
    best = (1, inf)
    for num_drafted in range(1, most + 1):
        waited_ms = num_drafted * statistics.draft_ms.value + rtt_ms
        block_ms = waited_ms + statistics.verify_ms(num_drafted + 1)
        ms = block_ms / statistics.acceptance.tokens_per_pass(num_drafted)
        if ms < best[1]:
            best = (num_drafted, ms)
    return best


def pays_in_crowd(statistics: Statistics, most: int) -> bool:
    """Return whether drafts save time where several sessions share every pass; True for one.

    Each row of a pass is then waited for by all: what is cheap for one session, a row more
    beside the weights that are read anyway, is dear where streaming has filled the pass.
    """
    num_sessions = round(statistics.num_sessions.value)
    if num_sessions <= 1:
        return True
    alone_ms = statistics.shared_ms(num_sessions)
    for num_drafted in range(1, most + 1):
        waited_ms = num_drafted * statistics.draft_ms.value + statistics.rtt_ms.value
        block_ms = waited_ms + statistics.shared_ms(num_sessions * (num_drafted + 1))
        if block_ms < alone_ms * statistics.acceptance.tokens_per_pass(num_drafted):
            return True
    return False


def racing_ms(statistics: Statistics, most: int) -> float:
    """Return the time per token where the verifier does not wait for guesses.

    It makes `m` tokens alone while a verdict and the first guess are on their way;
    if all were guessed right, the block behind them is verified.
    """
    alone_ms = statistics.expected_alone_ms()
    lead = ceil((statistics.rtt_ms.value + statistics.draft_ms.value) / alone_ms)
    survives = statistics.acceptance.overall.value**lead
    return min(
        (lead * alone_ms + survives * statistics.verify_ms(num + 1))
        / (lead + survives * statistics.acceptance.tokens_per_pass(num))
        for num in range(1, most + 1)
    )


def predicted_ms(statistics: Statistics, most: int) -> float:
    """Return the time per token that joint decoding is expected to take; `most` drafted a pass."""
    if not most:
        return statistics.expected_alone_ms()
    waiting_ms = best_length(statistics, most, statistics.rtt_ms.value)[1]
    return min(waiting_ms, racing_ms(statistics, most))


def pace_for(goal: Goal, statistics: Statistics, most: int) -> Pace:
    """Return the pace of a turn, with at most so many drafted tokens a pass."""
    if goal is Goal.CHEAP:
        return CheapPace(statistics, most)
    return FastPace(statistics, most)
