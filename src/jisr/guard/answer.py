"""An answer of the device, as far as the guard looks at it."""

from __future__ import annotations

from dataclasses import dataclass

from jisr.types import FinishReason, TokenLogprob


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the device said, and how sure it was of each token."""

    text: str
    logprobs: tuple[TokenLogprob, ...] = ()
    """Of its tokens, in order, each with the likeliest ones beside it; empty: not told."""
    finish_reason: FinishReason | None = None
