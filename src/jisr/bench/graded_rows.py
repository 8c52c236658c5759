"""Questions whose right answer is known: how they are asked, and whether an answer is right.

Three forms of rows are read: questions with an answer (`number`, `choice`, `short`), questions
about a text, some of which it does not answer, and questions with what other models made of
them. An answer is right if the last number it names is the number, if the letter it chooses is
the letter, or if the words of a known answer stand in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from jisr.errors import BenchError
from jisr.guard.missing import is_missing
from jisr.question import Question, question_of
from jisr.types import Message, Role

TOLERANCE = 1e-6
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_BOXED = re.compile(r"\\boxed\{([^{}]*)\}")
_LETTER = re.compile(r"(?<![^\W_])([B-H]|A(?=[.):*,]|\s*$))(?![^\W_]|['’])")
_ARTICLES = re.compile(r"\b(?:the|a|an)\b")
_ARABIC_MARKS = re.compile(r"[\u064b-\u0652\u0640\u200e\u200f]")
_ARABIC_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩٫", "0123456789.")


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedRow:
    """A question, and what is known of its answer."""

    id: str
    kind: str
    """`number`, `choice`, `short` or `grounded`: as the file has it, for the tables."""
    language: str
    prompt: str
    """As it is asked."""
    answers: tuple[str, ...]
    """Each of them is right; none: the text it is about does not tell."""

    @property
    def messages(self) -> tuple[Message, ...]:
        """The turn."""
        return (Message(Role.USER, self.prompt),)

    @property
    def question(self) -> Question:
        """The turn, taken apart as any other."""
        return question_of(self.messages)

    def is_right(self, answer: str) -> bool:
        """Return whether an answer is right; where there is none, whether it says so."""
        if not self.answers:
            return is_missing(answer)
        if self.kind == "number":
            return _is_number(answer, self.answers[0])
        if self.kind == "choice":
            return chosen_letter(answer) == self.answers[0]
        said = f" {plain(answer)} "
        return any(f" {plain(known)} " in said for known in self.answers if plain(known))


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """A question that two other models have answered."""

    id: str
    question: str
    weak_correct: bool
    strong_correct: bool


AnyRow = GradedRow | OutcomeRow


def read(path: Path) -> list[AnyRow]:
    """Return the rows of a file of JSON lines, in any of the three forms.

    Raises:
        BenchError: It cannot be read, is empty, or a line is no such row.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise BenchError(f"{path} cannot be read: {error}") from None
    rows = [_row(line, f"{path}:{at}") for at, line in enumerate(lines, 1) if line.strip()]
    if not rows:
        raise BenchError(f"{path} holds no question.")
    return rows


def graded(rows: Iterable[AnyRow]) -> list[GradedRow]:
    """Return the rows that are asked here."""
    return [row for row in rows if isinstance(row, GradedRow)]


def outcomes(rows: Iterable[AnyRow]) -> list[OutcomeRow]:
    """Return the rows that others answered."""
    return [row for row in rows if isinstance(row, OutcomeRow)]


def chosen_letter(answer: str) -> str | None:
    """Return the letter that an answer chooses: its first that stands alone."""
    found = _LETTER.search(answer)
    return found.group(1) if found else None


def plain(text: str) -> str:
    """Return the words of a text in small letters, without articles, marks and vowel signs."""
    text = _ARABIC_MARKS.sub("", text).translate(_ARABIC_DIGITS).lower()
    return " ".join(re.findall(r"[^\W_]+", _ARTICLES.sub(" ", text)))


def _is_number(answer: str, known: str) -> bool:
    said = answer.translate(_ARABIC_DIGITS)
    boxed = _BOXED.findall(said)
    numbers = _NUMBER.findall(boxed[-1] if boxed else said) or _NUMBER.findall(said)
    if not numbers:
        return False
    return abs(_value(numbers[-1]) - _value(known)) <= TOLERANCE


def _value(number: str) -> float:
    return float(number.replace(",", ""))


def _row(line: str, where: str) -> AnyRow:
    try:
        row = json.loads(line)
        if not isinstance(row, dict):
            raise ValueError("it is no object")
        if "weak_correct" in row:
            outcome = (bool(row["weak_correct"]), bool(row["strong_correct"]))
            return OutcomeRow(str(row["id"]), str(row["question"]), *outcome)
        return _grounded(row) if "context" in row else _asked(row)
    except (ValueError, KeyError, TypeError) as error:
        raise BenchError(f"{where} is no row of a known form: {error!r}") from None


def _asked(row: Mapping[str, Any]) -> GradedRow:
    kind, question, answer = str(row["kind"]), str(row["question"]), str(row["answer"])
    if kind == "choice":
        choices = zip(ascii_uppercase, row["choices"], strict=False)
        listed = "\n".join(f"{letter}. {choice}" for letter, choice in choices)
        prompt = f"{question}\n{listed}\nReply with the letter of the right answer."
    elif kind == "short":
        prompt = question if row.get("as_it_is") else f"{question}\nAnswer in a few words."
    elif kind == "number":
        prompt = question
        _value(answer)
    else:
        raise ValueError(f"kind {kind!r} is none of number, choice, short")
    language = str(row.get("lang", "en"))
    return GradedRow(
        id=str(row["id"]), kind=kind, language=language, prompt=prompt, answers=(answer,)
    )


def _grounded(row: Mapping[str, Any]) -> GradedRow:
    prompt = (
        f"{row['context']}\n\nAnswer from this text alone, in a few words. If it does not say, "
        f"reply: Not in the text.\nQuestion: {row['question']}"
    )
    answers = tuple(map(str, row["answers"])) if row["answerable"] else ()
    if row["answerable"] and not answers:
        raise ValueError("it is answerable and has no answers")
    return GradedRow(
        id=str(row["id"]),
        kind="grounded",
        language=str(row.get("lang", "en")),
        prompt=prompt,
        answers=answers,
    )
