"""The device model's own view of its answer, asked in one short pass behind it.

The question follows the conversation it is about, so the engine computes only these few
tokens; nothing is generated, the logits of yes and no are read.

Source: P(True), Kadavath et al. 2022, "Language Models (Mostly) Know What They Know",
arXiv:2207.05221.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from jisr.feature_names import SELF_CHECK
from jisr.types import Message, Role

QUESTIONS = {
    "en": "Is that answer right? Reply yes or no.",
    "ar": "هل هذه الإجابة صحيحة؟ أجب بنعم أو لا.",
}
YES = ("Yes", "yes", "نعم")
NO = ("No", "no", "لا")
FEATURE = SELF_CHECK

Logits = NDArray[np.float32]
FirstToken = Callable[[str], int]
"""Returns the first token of a word that begins an answer."""


def asked(messages: Sequence[Message], answer: str, language: str) -> tuple[Message, ...]:
    """Return the conversation that asks whether its answer is right."""
    question = QUESTIONS.get(language, QUESTIONS["en"])
    return (*messages, Message(Role.ASSISTANT, answer), Message(Role.USER, question))


def yes_over_no(logits: Logits, first_token: FirstToken) -> float:
    """Return how much likelier yes is than no, as the logarithm of their ratio.

    Args:
        logits: Of the token that would come next, shape `(vocab,)`.
        first_token: Names the tokens of the words.
    """
    return _weight(logits, YES, first_token) - _weight(logits, NO, first_token)


def _weight(logits: Logits, words: tuple[str, ...], first_token: FirstToken) -> float:
    values = logits[sorted({first_token(word) for word in words})].astype(np.float64)
    most = float(values.max())
    return most + float(np.log(np.exp(values - most).sum()))
