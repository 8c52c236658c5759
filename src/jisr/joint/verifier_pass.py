"""One pass of a verifier over a block of drafts, as the engine's thread sees it.

A block that was right may be followed by tokens that the target decodes alone,
until drafts come: the pass is then over with the token that is being computed.
"""

from __future__ import annotations

from collections.abc import Callable

from jisr.engine.llama import Logits
from jisr.engine.sampling import refuse_not_finite
from jisr.engine.verification import Verification, Verified
from jisr.errors import JisrError
from jisr.joint.coupling import judge
from jisr.joint.session import Session

Outcome = Verified | JisrError | None
"""None: the prompt was read, and nothing is committed."""
Report = Callable[["Pass", Outcome, bool], None]
"""Takes a pass, what came out of it, and whether nothing more will; called on the engine's
thread, must not block."""


class Pass:
    """A block of a session under way."""

    def __init__(self, session: Session, is_end: Callable[[int], bool], report: Report) -> None:
        """Take the block that is to be run next, or the prompt where that is to be read.

        The session is not changed.

        Args:
            session: Whose it is.
            is_end: Whether a token ends the model's turn.
            report: Is given what comes out.
        """
        self.session = session.number
        self._is_reading = session.is_to_be_read
        tokens = session.tokens[:-1] if self._is_reading else session.tokens
        self._drafted = session.block()
        self._position = len(tokens)
        self._sampling, self._seed = session.sampling, session.seed
        self._is_end, self._report = is_end, report
        self._num_alone = 0 if self._is_reading else session.num_alone(len(self._drafted))
        self._is_wanted = True
        self._has_ended = False
        self.task = Verification(
            tokens + self._drafted,
            len(self._drafted),
            self._judge,
            self._deliver,
            num_alone=self._num_alone,
            is_end=self._ends,
            strict_prompt=session.num_prompt - 1 if session.is_strict else None,
        )

    def stop_alone(self) -> None:
        """Let it be over with the token that is being computed; any thread may."""
        self._is_wanted = False

    def _judge(self, rows: Logits, position: int) -> list[int]:
        drafted = self._drafted if position == self._position else []
        tokens = judge(rows, drafted, self._sampling, seed=self._seed, position=position)
        refuse_not_finite(rows[: len(tokens)])
        ends = (number for number, token in enumerate(tokens) if self._is_end(token))
        return tokens[: next(ends, len(tokens)) + 1]

    def _ends(self, token: int) -> bool:
        """Say whether nothing is to be decoded behind a token: the turn ends, or drafts came."""
        self._has_ended = self._has_ended or not self._is_wanted or self._is_end(token)
        return self._has_ended

    def _deliver(self, outcome: Verified | JisrError) -> None:
        is_over = (
            isinstance(outcome, JisrError)
            or outcome.num_rejected > 0
            or self._num_alone <= 0
            or self._has_ended
        )
        self._num_alone -= 1
        is_read = self._is_reading and isinstance(outcome, Verified)
        self._report(self, None if is_read else outcome, is_over)
