"""Whether a question is about programs."""

from __future__ import annotations

import re

from jisr.question import Question

_WORD = re.compile(r"\w+[+#]*")
_TOLD = """
python java javascript typescript rust golang kotlin bash sql html css regex c++ c# json api docker
git numpy pandas django code compiler traceback segfault refactor debug recursive algorithm
كود الكود شيفرة الشيفرة برمجة البرمجة برمجي برمجية بايثون جافا خوارزمية الخوارزمية دالة
"""
_WORDS = frozenset(_TOLD.split())
_FORM = re.compile(
    r"```|\b(?:def|import|class) \w+[(:\n]|\bSELECT\b.{1,200}\bFROM\b|[{};][ \t]*$|=>|\w\(\)|[=!]="
    r"|\bunit tests?\b|\bstack ?trace\b|\bfunction (?:that|which|to)\b"
    r"|برنامج(?:ا|ًا)? (?:يحسب|يطبع)",
    re.MULTILINE,
)


class Code:
    """1 if a question is about programs, else 0."""

    name = "code"

    def read(self, question: Question) -> float:
        """Return 1 or 0."""
        text = question.text
        has_word = not _WORDS.isdisjoint(_WORD.findall(text.lower()))
        return float(has_word or _FORM.search(text) is not None)

    def explain(self, value: float) -> str:
        """Return it in words."""
        return "it is about programs" if value else "it is not about programs"
