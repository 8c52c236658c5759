"""How sure the model was of the tokens of its answer.

The mean over an answer is biased by its length, and one unsure token in a long answer tells
more than the mean does: low quantiles are read beside it.

Source: quantiles of token log-probabilities, Gupta et al. 2024, "Language Model Cascades:
Token-level uncertainty and beyond", arXiv:2404.10136.
"""

from __future__ import annotations

import numpy as np

from jisr.guard.answer import Answer
from jisr.question import Question
from jisr.types import TokenLogprob

LEAST = -12.0
"""Log-probability below which nothing more is told."""
NUM_LIKELIEST = 2
"""Tokens of which the entropy is: what is kept of an answer has no more of each."""
QUANTILES = (0.0, 0.1, 0.25)
NAMES = (
    *("surety_mean", "surety_first", "surety_margin_first", "surety_margin_low", "surety_entropy"),
    *(f"surety_q{round(100 * share):02}" for share in QUANTILES),
)


def read_surety(question: Question, answer: Answer) -> dict[str, float]:
    """Return means and low quantiles of log-probabilities and margins; 0 if none were told."""
    del question
    if not answer.logprobs:
        return dict.fromkeys(NAMES, 0.0)
    logprobs = np.maximum([token.logprob for token in answer.logprobs], LEAST)
    margins = np.array([margin(token) for token in answer.logprobs])
    entropies = [_entropy(token) for token in answer.logprobs]
    found = (
        *(logprobs.mean(), logprobs[0], margins[0], np.quantile(margins, 0.1), np.mean(entropies)),
        *(np.quantile(logprobs, share) for share in QUANTILES),
    )
    return dict(zip(NAMES, map(float, found), strict=True))


def margin(token: TokenLogprob) -> float:
    """Return by how much the likeliest token was likelier than the second, as logarithms."""
    if len(token.top) < 2:  # noqa: PLR2004 — a margin is between two
        return 0.0
    return min(-LEAST, token.top[0][1] - token.top[1][1])


def _entropy(token: TokenLogprob) -> float:
    """Return the part of the entropy that the likeliest tokens make up, in nats."""
    values = np.array([value for _, value in token.top[:NUM_LIKELIEST]])
    return float(-(np.exp(values) * values).sum()) if values.size else 0.0
