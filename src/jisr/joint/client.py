"""One joint answer from the device's side: guesses and verdicts in, blocks and tokens out.

A state machine without clocks, sockets or threads: whoever drives it tells it the
time. Its state is what is committed, the guesses ahead of that, and how many of
them were sent. A verdict says which tokens stand where; what agrees with the
guesses ahead is taken from them, and at the first that differs they are dropped. So
a lost, doubled or late message can cost time and never changes a token.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from jisr.errors import BackendBroken
from jisr.joint.base import Drafted
from jisr.joint.pace import Outlook, Pace
from jisr.joint.statistics import Statistics
from jisr.joint.wire import Verdict, unpack

ALONE_LOOKAHEAD = 3
"""Tokens before the end of a stretch alone at which it is decided whether it goes on."""
RACE_TOKENS = 64
"""How far ahead the verifier may go alone while guesses race it; said again at half of that."""


@dataclass(slots=True)
class Counts:
    """What a turn took so far."""

    drafted: int = 0
    accepted: int = 0
    passes: int = 0
    rounds: int = 0
    alone: int = 0
    block_lengths: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Received:
    """What a verdict brought."""

    tokens: tuple[int, ...]
    """Tokens that are new, in order."""
    is_off_path: bool
    """The guesses ahead were dropped: what is drafted from them is of no use."""
    is_gap: bool = False
    """It speaks of what comes after something that is missing: ask for that again."""


@dataclass(frozen=True, slots=True)
class Block:
    """Guesses to be verified together."""

    position: int
    tokens: tuple[int, ...]


class Client:
    """The state of one joint answer."""

    def __init__(
        self,
        num_prompt: int,
        *,
        most_tokens: int,
        is_end: Callable[[int], bool],
        pace: Pace,
        statistics: Statistics,
    ) -> None:
        """Begin after a prompt.

        Args:
            num_prompt: Tokens of the prompt.
            most_tokens: Longest answer.
            is_end: Whether a token ends the model's turn.
            pace: Decides how far to draft.
            statistics: Takes in what is measured.
        """
        self.output: list[int] = []
        self.counts = Counts()
        self._least_until = num_prompt + pace.begins_alone()
        self.until = self._least_until
        """How far the verifier may go alone."""
        self._num_prompt = num_prompt
        self._most = most_tokens
        self._is_end = is_end
        self._pace = pace
        self._statistics = statistics
        self._ahead: list[tuple[Drafted, float]] = []
        self._num_sent = 0
        self._verdict_ms = 0.0
        self._has_begun = False
        self.is_stretch = False
        """The verifier was left alone for more than a token, so nothing is guessed."""
        self._num_in_stretch = 0
        self._is_dry = False
        self._is_racing = False
        self._is_cold = True
        """There was no guess yet: what tokens take says nothing of joint decoding."""
        self._is_left = False
        """It waited too long for a guess, and does not wait until there is one."""
        self._plan()

    @property
    def position(self) -> int:
        """Length of the sequence that is committed, prompt included."""
        return self._num_prompt + len(self.output)

    @property
    def is_done(self) -> bool:
        """Whether the answer is whole."""
        has_ended = bool(self.output) and self._is_end(self.output[-1])
        return has_ended or len(self.output) >= self._most

    @property
    def is_alone(self) -> bool:
        """Whether the verifier is making tokens by itself now."""
        return self.position < self.until and not self._num_sent

    @property
    def is_waiting(self) -> bool:
        """Whether a verdict must come."""
        return self._num_sent > 0 or self.position < self.until

    @property
    def drafted_ahead(self) -> list[int]:
        """Tokens that are guessed ahead of the committed ones."""
        return [drafted.token for drafted, _ in self._ahead]

    def wants_drafts(self) -> bool:
        """Return whether another guess should be made now."""
        if self.is_done or self._is_dry or self.is_stretch:
            return False
        if self._ahead and self._is_end(self._ahead[-1][0].token):
            return False
        if len(self.output) + len(self._ahead) >= self._most - 1:
            return False  # the last token is the verifier's own
        return self._pace.goes_on(self._outlook())

    def take(self, drafted: Drafted) -> bool:
        """Take a guess of what follows all others; return whether to make another."""
        self._is_left = self._is_cold = False
        self._ahead.append((drafted, self._statistics.acceptance.of(drafted)))
        return self.wants_drafts()

    def no_draft(self) -> None:
        """Take note that there is no guess of what follows, until a verdict brings more."""
        self._is_dry = True

    def leave_alone(self) -> None:
        """Let a verifier that waits go on by itself until there is a guess."""
        if not (self.is_waiting or self._ahead or self.is_done):
            self._is_left = True
            self.until = self.position + RACE_TOKENS

    def block(self, *, is_drafting: bool) -> Block | None:
        """Return the block to send now, if it is time for one; it counts as sent."""
        if self.is_done or self.is_stretch or (self.is_alone and not self._is_racing):
            return None
        num = self._pace.num_to_send(self._outlook(), is_drafting=is_drafting)
        if num is None:
            return None
        if num == 0:
            if self._is_dry:
                self.leave_alone()
            elif not (is_drafting or self.wants_drafts()):
                self.until = self.position + 1
            return None
        guesses = self._ahead[self._num_sent : self._num_sent + num]
        block = Block(self.position + self._num_sent, tuple(it.token for it, _ in guesses))
        self._num_sent += num
        self.counts.drafted += num
        return block

    def receive(self, verdict: Verdict, now_ms: float) -> Received:
        """Take a verdict in, whichever it is and whenever it comes."""
        tokens = unpack(verdict.tokens)
        known = self.position - verdict.position
        if known < 0:
            return Received((), is_off_path=False, is_gap=True)
        new = tokens[known:]
        if not new:
            return Received((), is_off_path=False)
        new = self._cut(new)
        self._measure(verdict, len(new), now_ms)
        is_off_path = self._take_from_ahead(new)
        self.output += new
        self._is_dry = False
        self._plan()
        return Received(tuple(new), is_off_path)

    def resend(self) -> None:
        """Count what was sent as not sent: it, or its verdict, was lost."""
        self._num_sent = 0

    def _cut(self, tokens: list[int]) -> list[int]:
        """Return tokens up to the end of the turn or of the room."""
        tokens = tokens[: self._most - len(self.output)]
        ends = (number for number, token in enumerate(tokens) if self._is_end(token))
        return tokens[: next(ends, len(tokens)) + 1]

    def _take_from_ahead(self, new: Sequence[int]) -> bool:
        """Move the guesses that came true out of those ahead; return whether the rest is void."""
        for token in new:
            if not self._ahead:
                return True
            drafted, _ = self._ahead[0]
            is_right = drafted.token == token
            self._statistics.acceptance.add(drafted, is_right)
            if not is_right:
                self._ahead.clear()
                self._num_sent = 0
                return True
            self._ahead.pop(0)
            self.counts.accepted += self._num_sent > 0
            self._num_sent = max(0, self._num_sent - 1)
        return False

    def _measure(self, verdict: Verdict, num_new: int, now_ms: float) -> None:
        """Learn from a verdict; what `Resume` brought tells nothing."""
        since_ms, self._verdict_ms = now_ms - self._verdict_ms, now_ms
        is_first, self._has_begun = not self._has_begun, True
        if not verdict.service_ms:
            return  # an answer to `Resume`
        num_block = verdict.num_accepted + verdict.num_rejected
        self.counts.passes += 1
        if num_block:
            self.counts.rounds += 1
            self.counts.block_lengths.append(num_block)
        else:
            self.counts.alone += 1
        if is_first:  # the prompt was in it
            return
        statistics = self._statistics
        usual_ms = statistics.pass_ms[min(num_block, len(statistics.pass_ms) - 1)]
        statistics.load.add(verdict.service_ms / usual_ms)
        statistics.num_sessions.add(verdict.num_sessions)
        if not (self.is_stretch or self._is_cold):
            self._pace.note_round(since_ms, num_new)
        elif self.is_stretch and self._num_in_stretch:
            statistics.alone_ms.add(since_ms)
        self._num_in_stretch += self.is_stretch

    def _plan(self) -> None:
        """Let the verifier go on alone where that is faster, or race the guesses to it."""
        if self.is_stretch and self.position + ALONE_LOOKAHEAD < self.until:
            return
        more = self._pace.alone_tokens()
        if more:
            self._ahead.clear()
            self._num_sent = 0
            self._num_in_stretch *= self.is_stretch
            self.is_stretch, self._is_racing = True, False
            self.until = max(self.until, self.position) + more
        elif not self.is_stretch or self.position >= self.until:
            self.is_stretch = False
            self._is_racing = self._pace.races()
            if not (self._is_racing or self._is_left):
                self.until = max(self._least_until, min(self.until, self.position))
            elif self.position + RACE_TOKENS // 2 >= self.until:
                self.until = self.position + RACE_TOKENS

    def _outlook(self) -> Outlook:
        acceptances = [acceptance for _, acceptance in self._ahead]
        num = self._num_sent
        return Outlook(
            acceptances[:num],
            acceptances[num:],
            is_waiting=self.is_waiting,
            is_racing=self._is_racing,
        )


def check(verdict: Verdict, num_tokens: int) -> None:
    """Refuse what no verifier says, before anything is reckoned from it.

    Args:
        verdict: As it came.
        num_tokens: Token ids are below it.

    Raises:
        BackendBroken: It cannot be.
    """
    counts = (verdict.num_accepted, verdict.num_rejected, verdict.num_sessions)
    numbers = (verdict.position, verdict.service_ms, *counts)
    if min(numbers) < 0 or max(unpack(verdict.tokens), default=0) >= num_tokens:
        raise BackendBroken("The verifier sent a verdict that cannot be.")
