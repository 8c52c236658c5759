"""What the formulas say that a token of joint decoding takes.

Source: tokens a pass, Leviathan, Kalman, Matias 2022, arXiv:2211.17192, equation 1;
the time of a round across a link is what the round is made of.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST_ALPHA = 0.999
HALVINGS = 40


@dataclass(frozen=True, slots=True)
class Predicted:
    """Milliseconds per token."""

    stop_and_wait_ms: float
    pipelined_ms: float
    """Drafting ahead, if passes took no time but to whom waits for one."""
    limit_ms: float
    """Least that a token takes where passes follow each other without a pause."""
    alone_ms: float

    @property
    def ahead_ms(self) -> float:
        """Drafting ahead, at a verifier that does one pass at a time."""
        return max(self.pipelined_ms, self.limit_ms)

    @property
    def speedup(self) -> float:
        """How many times as fast as the target alone it is to draft ahead."""
        return self.alone_ms / self.ahead_ms


def tokens_per_pass(alpha: float, block: float) -> float:
    """Return how many tokens a pass over `block` drafts gives: each is right at rate `alpha`."""
    alpha = min(alpha, MOST_ALPHA)
    missed: float = alpha ** (block + 1)
    return (1 - missed) / (1 - alpha)


def alpha_of(tokens: float, block: float) -> float:
    """Return the acceptance rate at which a pass over `block` drafts gives so many tokens.

    Args:
        tokens: 1 to `block + 1`; what lies outside counts as the nearest.
        block: Drafted tokens of a pass.
    """
    low, high = 0.0, MOST_ALPHA
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if tokens_per_pass(middle, block) < tokens else (low, middle)
    return low


def predicted_ms_per_token(
    *, alpha: float, g: float, t_d: float, t_v: float, t_t: float, rtt: float
) -> Predicted:
    """Return the time of a token, with and without drafting ahead.

    Args:
        alpha: How often a draft is right if those before it are, 0 to 1.
        g: Drafted tokens of a block.
        t_d: Milliseconds of a draft step.
        t_v: Of a verify pass.
        t_t: Of a token that the target makes alone and streams.
        rtt: Of a round trip.
    """
    expected = tokens_per_pass(alpha, g)
    return Predicted(
        stop_and_wait_ms=(g * t_d + rtt + t_v) / expected,
        pipelined_ms=t_d + (1 - alpha) * (rtt + t_v),
        limit_ms=t_v / expected,
        alone_ms=t_t,
    )


def pays_above(*, t_d: float, t_v: float, t_t: float, rtt: float) -> float:
    """Return the acceptance rate above which drafting ahead beats the target alone."""
    return 1 - (t_t - t_d) / (rtt + t_v)
