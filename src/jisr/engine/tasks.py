"""What the scheduler runs: a prompt, and what is to be done with the logits behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from jisr.engine.llama import Logits
from jisr.errors import JisrError


class Task(Protocol):
    """One sequence's work. All methods but `cancel` run on the scheduler's thread."""

    @property
    def prompt(self) -> Sequence[int]:
        """Tokens to prefill; at least one."""
        ...

    @property
    def num_rows(self) -> int:
        """Of how many of the prompt's last tokens the logits are wanted; at least 1."""
        ...

    @property
    def strict_prompt(self) -> int | None:
        """None: its logits may differ in their last bits with what runs beside it.

        A number: its logits are bit for bit those of a prefill of the first `strict_prompt`
        tokens in passes of their own, and single-token passes from there on. At most
        `len(prompt) - num_rows`; the same number each time the same prompt goes on.
        """
        ...

    @property
    def is_cancelled(self) -> bool:
        """Whether nobody wants the result any more."""
        ...

    def begin(self, num_cached: int) -> None:
        """Take note that it was placed, with `num_cached` tokens of the prompt at hand."""
        ...

    def advance(self, rows: Logits, pass_us: int) -> int | None:
        """Take the logits `(num_rows, vocab)`, later `(1, vocab)`; return the next token.

        Args:
            rows: Valid until this returns.
            pass_us: Microseconds of the passes that computed them.

        Returns:
            The token to append, or None when the task is done.
        """
        ...

    def fail(self, error: JisrError) -> None:
        """Take note that it will not be completed."""
        ...


@dataclass(slots=True)
class Scoring:
    """Computes the logits behind the last tokens of a sequence: what a verify pass needs.

    The prefix cache makes it incremental: of a sequence that was scored or
    generated before, only the tokens after the common prefix are computed, and
    tokens that were rejected since are truncated away.
    """

    prompt: Sequence[int]
    num_rows: int
    deliver: Callable[[Logits | JisrError], None]
    is_cancelled: bool = False
    num_cached: int = field(default=0, init=False)
    strict_prompt: int | None = field(default=None, init=False)

    def begin(self, num_cached: int) -> None:
        """Note how much of the sequence was at hand."""
        self.num_cached = num_cached

    def advance(self, rows: Logits, pass_us: int = 0) -> int | None:
        """Hand over a copy of the rows; there is no next token."""
        self.deliver(np.array(rows))
        return None

    def fail(self, error: JisrError) -> None:
        """Hand over the error."""
        self.deliver(error)

    def cancel(self) -> None:
        """Say that the rows are not wanted any more."""
        self.is_cancelled = True
