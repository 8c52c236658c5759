"""Verification: a drafted block in one pass of the target, then on alone if nothing was wrong.

A verification is one task: its prompt is what is committed and the drafts behind
it, and the prefix cache makes it cost the block alone. What is committed is for
its `judge` to say; here is no rule of acceptance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from jisr.engine.llama import Logits
from jisr.errors import JisrError

Judge = Callable[[Logits, int], list[int]]
"""Takes rows `(n, vocab)` and the position of the token that the first one chooses; returns 1 to
n tokens, all but the last of which were drafted, and the last one only if it ends the turn. The
rows are valid until it returns."""


@dataclass(frozen=True, slots=True)
class Verified:
    """Tokens that a pass committed."""

    position: int
    """Place of the first of them in the sequence, prompt included, from 0."""
    tokens: tuple[int, ...]
    num_accepted: int
    """How many of them were drafted; the last one was not, unless it ends the turn."""
    num_rejected: int
    """Drafted tokens that the pass refused or never came to."""
    pass_us: int
    """Microseconds of the passes that computed their rows; no waiting, no prefill."""


def never(token: int) -> bool:
    """Say of every token that it ends no turn."""
    return False


class Verification:
    """The task that has a drafted block judged, and then decodes alone for a while."""

    def __init__(
        self,
        prompt: Sequence[int],
        num_drafted: int,
        judge: Judge,
        deliver: Callable[[Verified | JisrError], None],
        *,
        num_alone: int = 0,
        is_end: Callable[[int], bool] = never,
        strict_prompt: int | None = None,
    ) -> None:
        """Prepare the verification of the last tokens of a sequence.

        Args:
            prompt: Committed tokens, at least one, and the drafted block behind them.
            num_drafted: Length of the block; 0 has the next token chosen only.
            judge: Says what is committed.
            deliver: Takes what each pass committed, or the error that ended it; called on the
                engine's thread, must not block.
            num_alone: How many tokens to decode alone behind a block that was right, one a
                pass. Fewer come where the context or the turn ends.
            is_end: Whether a token ends the turn, so that nothing is decoded behind it.
            strict_prompt: As in `Task`.
        """
        self.prompt = prompt
        self.num_rows = num_drafted + 1
        self.strict_prompt = strict_prompt
        self.is_cancelled = False
        self._judge = judge
        self._deliver = deliver
        self._is_end = is_end
        self._num_alone = num_alone
        self._position = len(prompt) - num_drafted
        """Place of the next token to be committed."""
        self._drafted = tuple(prompt[self._position :])

    def fit(self, context_tokens: int) -> None:
        """Take note of the longest sequence that can be computed."""
        self._num_alone = min(self._num_alone, context_tokens - len(self.prompt))

    def begin(self, num_cached: int) -> None:
        """Take no note: nobody asks."""

    def advance(self, rows: Logits, pass_us: int) -> int | None:
        """Have the rows judged and deliver what is committed; return what to go on from alone."""
        if self.is_cancelled:
            return None
        tokens = self._judge(rows, self._position)
        pairs = zip(tokens, self._drafted, strict=False)
        num_accepted = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        num_rejected = len(self._drafted) - num_accepted
        self._drafted = ()
        goes_on = (
            self._num_alone > 0
            and num_rejected == 0
            and not any(self._is_end(token) for token in tokens)
        )
        verified = Verified(
            self._position,
            tuple(tokens),
            num_accepted=num_accepted,
            num_rejected=num_rejected,
            pass_us=pass_us,
        )
        self._position += len(tokens)
        self._num_alone -= 1
        self._deliver(verified)
        return tokens[-1] if goes_on else None

    def fail(self, error: JisrError) -> None:
        """Deliver the error that ends it."""
        self._deliver(error)

    def cancel(self) -> None:
        """Say that nothing more of it is wanted."""
        self.is_cancelled = True
