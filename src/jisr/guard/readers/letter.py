"""Of an answer that chooses a letter: how far the letter was ahead of the others."""

from __future__ import annotations

import numpy as np

from jisr.guard.answer import Answer
from jisr.guard.readers.surety import LEAST
from jisr.question import Question
from jisr.types import TokenLogprob

NAMES = ("letter_told", "letter_share", "letter_margin", "letter_entropy")
LAST_TOKEN = 6
"""Where a letter that is not among the first tokens is not looked for."""


def read_letter(question: Question, answer: Answer) -> dict[str, float]:
    """Return share and margin of the chosen letter among those to choose from."""
    letters = {letter for letter, _ in question.choices}
    for token in answer.logprobs[:LAST_TOKEN]:
        if letters and _letter(token.token) in letters:
            return dict(zip(NAMES, _among(token, letters), strict=True))
    return dict.fromkeys(NAMES, 0.0)


def _among(token: TokenLogprob, letters: set[str]) -> tuple[float, float, float, float]:
    best: dict[str, float] = {}
    for piece, value in token.top:
        letter = _letter(piece)
        if letter in letters:
            best[letter] = max(value, best.get(letter, LEAST))
    values = np.sort([best.get(letter, LEAST) for letter in letters])[::-1]
    shares = np.exp(values - values.max())
    shares /= shares.sum()
    entropy = float(-(shares * np.log(np.maximum(shares, 1e-9))).sum())
    second = values[1] if values.size > 1 else LEAST
    return 1.0, float(shares[0]), float(values[0] - second), entropy


def _letter(piece: bytes) -> str:
    return piece.decode("utf-8", "replace").strip(" \n(*:.)").upper()
