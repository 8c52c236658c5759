"""How many numbers a question tells, how large they are, and whether parts of a whole are told."""

from __future__ import annotations

import re
from math import expm1, log1p

from jisr.question import Question

_NUMBER = re.compile(r"\d+(?:[.,٫٬]\d+)*")
_WORD = re.compile(r"[^\W\d_]+")
_TOLD = """
one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand
million billion dozen dozens once twice thrice double doubled doubles triple tripled triples half
halves third thirds quarter quarters fifth fifths
واحد واحدة اثنان اثنين اثنتان اثنتين ثلاث ثلاثة أربع أربعة اربعة خمس خمسة ست ستة سبع سبعة
ثماني ثمانية تسع تسعة عشر عشرة عشرون عشرين ثلاثون ثلاثين أربعون أربعين خمسون خمسين ستون ستين
سبعون سبعين ثمانون ثمانين تسعون تسعين مئة مائة مئتان مئتين ألف الف ألفا آلاف مليون مليار
نصف نصفها نصفه ضعف ضعفا ضعفي ثلث ثلثا ثلثي ربع مرتين مرتان
"""
_NUMBER_WORDS = frozenset(_TOLD.split())
_CLITIC = re.compile(r"^(?:[وبلف]?ال|[وبلف])(?=\w{2})")
_PART = re.compile(
    r"\d\s*/\s*\d|\d\s*[%٪]|\b(?:per ?cent(?:age)?|half|halves|thirds?|quarters?|fifths?|tenths?"
    r"|ratio|fraction|discount|interest|average)\b"
    r"|نصف|ثلث|ربع|خُمس|بالمئة|بالمائة|في المئة|في المائة|نسبة|متوسط|معدل|خصم|كسر",
    re.IGNORECASE,
)
MOST_DIGITS = 12


class Figures:
    """Logarithm of one more than the numbers that are told, in digits or in words."""

    name = "figures"

    def read(self, question: Question) -> float:
        """Return the logarithm."""
        text = question.text
        num_words = sum(map(_is_number, _WORD.findall(text.lower())))
        return log1p(len(_NUMBER.findall(text)) + num_words)

    def explain(self, value: float) -> str:
        """Return the count in words."""
        return f"it tells {expm1(value):.0f} numbers"


class LargestFigure:
    """Digits, before any comma, of the longest number that is told; 0 where there is none."""

    name = "largest_figure"

    def read(self, question: Question) -> float:
        """Return the count, to a most."""
        found = (_whole_digits(figure) for figure in _NUMBER.findall(question.text))
        return float(min(MOST_DIGITS, max(found, default=0)))

    def explain(self, value: float) -> str:
        """Return the count in words."""
        return f"its longest number has {value:.0f} digits" if value else "it tells no number"


class Parts:
    """Logarithm of one more than the fractions, shares and averages that are told."""

    name = "parts"

    def read(self, question: Question) -> float:
        """Return the logarithm."""
        return log1p(len(_PART.findall(question.text)))

    def explain(self, value: float) -> str:
        """Return the count in words."""
        return f"it tells {expm1(value):.0f} fractions, shares or averages"


def _is_number(word: str) -> bool:
    return word in _NUMBER_WORDS or (word[0] in "وبلفا" and _CLITIC.sub("", word) in _NUMBER_WORDS)


def _whole_digits(figure: str) -> int:
    """Return the digits before a decimal point; a comma or a point before three parts thousands."""
    whole = re.sub(r"[.,٫٬](?=\d{3}(?!\d))", "", figure)
    return len(re.split(r"[.,٫٬]", whole)[0])
