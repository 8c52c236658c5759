"""What a question gives to choose from, and whether it is turned round."""

from __future__ import annotations

import re
from math import expm1, log1p

from jisr.question import Question

_TURNED = re.compile(
    r"\b(?:not|except|least|never|without|false|incorrect|unlikely|cannot)\b|n't\b"
    r"|(?<!\w)(?:ليس|ليست|لا|لم|لن|ما عدا|باستثناء|غير|خطأ|الخاطئة|عدا)(?!\w)",
    re.IGNORECASE,
)


class Choices:
    """How many answers there are to choose from."""

    name = "choices"

    def read(self, question: Question) -> float:
        """Return the count."""
        return float(len(question.choices))

    def explain(self, value: float) -> str:
        """Return the count in words."""
        return f"there are {value:.0f} answers to choose from" if value else "it names no answers"


class ChoiceLength:
    """Logarithm of one more than the mean characters of an answer to choose from."""

    name = "choice_length"

    def read(self, question: Question) -> float:
        """Return the logarithm."""
        lengths = [len(text) for _, text in question.choices]
        return log1p(sum(lengths) / len(lengths)) if lengths else 0.0

    def explain(self, value: float) -> str:
        """Return the length in words."""
        if not value:
            return "it names no answers"
        return f"an answer it names has {expm1(value):.0f} characters on average"


class Negation:
    """1 if a question asks what is not so, or says so of what it asks about; else 0."""

    name = "negation"

    def read(self, question: Question) -> float:
        """Return 1 or 0."""
        return float(_TURNED.search(question.text) is not None)

    def explain(self, value: float) -> str:
        """Return it in words."""
        return "it says of something that it is not so" if value else "it denies nothing"
