"""What a turn asks, taken apart: the question, what it gives to answer from, and its kind.

Rules, no model: a kind that cannot be told is `other`, of which nothing is promised.
It knows English and Arabic.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from jisr.question_evidence import (
    ASKS,
    CHOICE,
    LEAST_CHARACTERS,
    WORK_ASKED,
    evidence_of,
    refers_back,
    related,
)
from jisr.types import Message, Role

MOST_SHORT_WORDS = 45
"""Of a question for one fact."""
LEAST_CHOICES = 2
LEAST_FIGURES = 2

_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_FIGURE = re.compile(
    r"\d+(?:[.,/]\d+)*%?|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"fifteen|twenty|thirty|forty|fifty|hundred|dozens?|twice|thrice|double|triple|half|halves|"
    r"thirds?|quarters?|fourths?|fifths?|times|an? day|per)\b"
    r"|نصف|ضعف|ثلث|ربع|اثنان|ثلاثة|أربعة|خمسة|ستة|سبعة|ثمانية|تسعة|عشرة",
    re.IGNORECASE,
)
_NUMBER_ASKED = re.compile(
    r"\b(?:how (?:many|much|old|long|far|tall|fast|often|big|heavy|high|deep|wide)"
    r"|what (?:is|was|are|were|will be) (?:the|his|her|their|its) (?:\w+ ){0,4}?"
    r"(?:number|total|amount|cost|price|sum|average|"
    r"percentage|percent|difference|ratio|profit|speed|area|perimeter|volume|age|salary|weight|"
    r"length|distance|time|probability)|what (?:percent(?:age)?|fraction|size|year|score|age)"
    r"|calculate|compute|find the)\b"
    r"|\d\s*[-+*/×÷^]\s*\d|(?:كم|احسب|ما (?:عدد|مجموع|ثمن|سعر|نسبة|معدل))",
    re.IGNORECASE,
)
_FACT_ASKED = re.compile(
    r"\b(?:who|whom|whose|when|where|which|what|in what|on what|at what|how (?:many|much|old|long|"
    r"tall|far))\b|(?:من|متى|أين|ما|ماذا|كم|أي|في أي)\s",
    re.IGNORECASE,
)
_EXPLANATION_ASKED = re.compile(
    r"(?:^\W*|[:,]\s+)(?:why|how (?:do|does|did|can|could|should|to|is|are)|"
    r"what(?:'s| is| are| was| were) an?|"
    r"what (?:does|do) .{1,60} (?:mean|do)|what(?:'s| is| are) .{1,60} (?:for|like)\W*$"
    r"|لماذا|كيف|ما (?:هو|هي|معنى) \w+\W*$)"
    r"(?:\b|\s|$)",
    re.IGNORECASE,
)
_MARKER = re.compile(r"(?:^|\n)[ \t]*(?:question|السؤال)\s*:\s*", re.IGNORECASE)
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_LETTER = re.compile(r"[^\W\d_]")


class TaskKind(StrEnum):
    """What kind of answer is wanted."""

    NUMBER = "number"
    """A quantity that must be worked out."""
    CHOICE = "choice"
    """One of the answers that the question names by letters."""
    SHORT = "short"
    """One fact, from what a model knows."""
    GROUNDED = "grounded"
    """What a text that is given says."""
    OTHER = "other"
    """Anything else: talk, texts, code."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a turn asks."""

    text: str
    """The question itself, without what is given to answer from."""
    kind: TaskKind
    evidence: tuple[str, ...] = ()
    """Texts to answer from, in the order they were given."""
    choices: tuple[tuple[str, str], ...] = ()
    """Letter and text of each answer to choose from."""
    num_turns: int = 1
    """What the user has said in this conversation, this included."""
    has_background: bool = False
    """Whether something of length was said before that it may refer to."""

    @property
    def bare(self) -> str:
        """What is asked, without the instructions before a mark such as `Question:`."""
        return _MARKER.split(self.text)[-1].strip() or self.text

    @property
    def is_arabic(self) -> bool:
        """Whether most letters of what is asked are."""
        return 2 * len(_ARABIC.findall(self.bare)) > len(_LETTER.findall(self.bare))

    @property
    def language(self) -> str:
        """`ar` or `en`, for what is said about it."""
        return "ar" if self.is_arabic else "en"


def question_of(messages: Sequence[Message]) -> Question:
    """Return what a conversation asks last; of an empty one, an empty question.

    A question that refers back to what was said, and not to a text, is of no kind of which
    anything is known: those that are have no turn before them.
    """
    evidence, text = evidence_of(messages)
    num_turns = sum(message.role is Role.USER for message in messages)
    found = tuple((letter.upper(), choice.strip()) for letter, choice in CHOICE.findall(text))
    choices = found if len(found) >= LEAST_CHOICES else ()
    kind = _kind(text, has_evidence=bool(evidence), has_choices=bool(choices))
    if num_turns > 1 and not evidence and not choices and refers_back(text):
        kind = TaskKind.OTHER
    return Question(
        text, kind, evidence, choices, max(1, num_turns), _has_background(messages, text)
    )


def _has_background(messages: Sequence[Message], asked: str) -> bool:
    """Whether something of length was said before that what is asked may refer to.

    What the model said counts only where the question shares a word with it, or refers back.
    """
    earlier = [it for it in messages if it.role is not Role.TOOL][:-1]
    long = [it for it in earlier if len(it.text.strip()) >= LEAST_CHARACTERS]
    return any(
        it.role is not Role.ASSISTANT or refers_back(asked) or related(asked, it.text) > 0
        for it in long
    )


def _kind(text: str, *, has_evidence: bool, has_choices: bool) -> TaskKind:
    if has_choices:
        return TaskKind.CHOICE
    if WORK_ASKED.search(text) and not ASKS.search(text):
        return TaskKind.OTHER
    if has_evidence:
        return TaskKind.GROUNDED
    if _is_worked_out(text):
        return TaskKind.NUMBER
    is_fact = _FACT_ASKED.search(text) and not _EXPLANATION_ASKED.search(text)
    return TaskKind.SHORT if is_fact and len(text.split()) <= MOST_SHORT_WORDS else TaskKind.OTHER


def _is_worked_out(text: str) -> bool:
    """Whether a quantity is asked for, and figures to reckon with are told; years are none."""
    num_figures = len(_FIGURE.findall(_YEAR.sub("", text)))
    return num_figures >= LEAST_FIGURES and _NUMBER_ASKED.search(text) is not None
