"""What a turn asks, taken apart: the question, what it gives to answer from, and its kind.

Rules, no model: a kind that cannot be told is `other`, of which nothing is promised.
It knows English and Arabic.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from jisr.types import Message, Role

LEAST_EVIDENCE_CHARACTERS = 160
"""Of a text before a question that is taken for something to answer from."""
MOST_QUESTION_CHARACTERS = 600
MOST_SHORT_WORDS = 45
"""Of a question for one fact."""
LEAST_CHOICES = 2
LEAST_FIGURES = 2

_CHOICE = re.compile(r"(?m)^[ \t]*[(\[]?([A-Ha-hأ-ي])[).\]:،-][ \t]+(\S.*)$")
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
_WORK_ASKED = re.compile(
    r"^\W*(?:please\s+)?(?:write|draft|translate|summari[sz]e|rewrite|explain|describe|list|"
    r"compose|create|implement|fix|edit|compare|discuss|suggest|tell me a|اكتب|ترجم|لخص|اشرح|صف)\b",
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
_ASKS = re.compile(r"[?؟]|(?im:^question\s*:)|(?m:^السؤال\s*:)")
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
    """Return what a conversation asks last; of an empty one, an empty question."""
    said = [message.text for message in messages if message.role is Role.USER]
    given = tuple(it.text for it in messages if it.role is Role.TOOL and it.text.strip())
    last = said[-1].strip() if said else ""
    evidence, text = _parted(last)
    found = tuple((letter.upper(), choice.strip()) for letter, choice in _CHOICE.findall(text))
    choices = found if len(found) >= LEAST_CHOICES else ()
    texts = (*given, *evidence)
    kind = _kind(text, has_evidence=bool(texts), has_choices=bool(choices))
    return Question(text, kind, texts, choices, max(1, len(said)), _has_background(messages))


def _has_background(messages: Sequence[Message]) -> bool:
    """Whether instructions or earlier turns say more than a greeting does."""
    turns = [it.text for it in messages if it.role is not Role.TOOL]
    return any(len(text.strip()) >= LEAST_EVIDENCE_CHARACTERS for text in turns[:-1])


def _parted(text: str) -> tuple[tuple[str, ...], str]:
    """Return the text that a message gives to answer from, if any, and what it asks.

    What is asked are the last paragraphs, as few of them as ask something.
    """
    breaks = [found.span() for found in re.finditer(r"\n\s*\n", text)]
    for start, end in reversed(breaks):
        before, after = text[:start].strip(), text[end:].strip()
        if len(after) > MOST_QUESTION_CHARACTERS or len(before) < LEAST_EVIDENCE_CHARACTERS:
            break
        if _ASKS.search(after):
            return ((), text) if _CHOICE.search(before) else ((before,), after)
    return (), text


def _kind(text: str, *, has_evidence: bool, has_choices: bool) -> TaskKind:
    if has_choices:
        return TaskKind.CHOICE
    if _WORK_ASKED.search(text) and not _ASKS.search(text):
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
