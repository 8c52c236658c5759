"""The device model's own view, asked in one short pass: yes or no.

Of an answer it is asked whether that is right, behind the conversation it is about. Of a question
about a text it is asked whether the text answers it, behind the text and in place of the answer:
asked behind its own answer a small model holds to that. Either way the engine computes only these
few tokens; nothing is generated, the logits of yes and no are read.

Source: P(True) and P(IK), Kadavath et al. 2022, "Language Models (Mostly) Know What They Know",
arXiv:2207.05221.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from jisr.question import Question, TaskKind
from jisr.types import Message, Role

QUESTIONS = {
    "en": "Is that answer right? Reply yes or no.",
    "ar": "هل هذه الإجابة صحيحة؟ أجب بنعم أو لا.",
}
ABOUT_TEXTS = {
    "en": "Question: {}\nCan this question be answered from the text? Reply yes or no.",
    "ar": "السؤال: {}\nهل يمكن الإجابة عن هذا السؤال من النص؟ أجب بنعم أو لا.",
}
YES = ("Yes", "yes", "نعم")
NO = ("No", "no", "لا")

Logits = NDArray[np.float32]
FirstToken = Callable[[str], int]
"""Returns the first token of a word that begins an answer."""


def asked(messages: Sequence[Message], answer: str, question: Question) -> tuple[Message, ...]:
    """Return the conversation that asks for its view.

    Args:
        messages: The turn; its last message asks.
        answer: What the model said.
        question: What the turn asks.
    """
    if question.kind is TaskKind.GROUNDED:
        given = [text for text in question.evidence if text in messages[-1].text]
        form = ABOUT_TEXTS.get(question.language, ABOUT_TEXTS["en"])
        text = "\n\n".join([*given, form.format(question.bare)])
        return (*messages[:-1], Message(Role.USER, text))
    view = QUESTIONS.get(question.language, QUESTIONS["en"])
    return (*messages, Message(Role.ASSISTANT, answer), Message(Role.USER, view))


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
