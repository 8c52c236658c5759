"""Questions whose right answer is known: how they are asked, and whether an answer is right.

Three forms of rows are read: questions with an answer (`number`, `choice`, `short`), questions
about a text, some of which it does not answer, and questions with what other models made of
them. An answer is right if the last number it names is the number, if the letter it chooses is
the letter, or if the words of a known answer stand in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase
from textwrap import shorten
from typing import Any

from jisr.errors import BenchError
from jisr.guard.missing import is_missing
from jisr.question import Question, question_of
from jisr.types import Message, Role

TOLERANCE = 1e-6
MOST_SHOWN = 40
"""Characters of a value that is wrong."""
FORMS = {
    "number": '{"id": …, "kind": "number", "question": …, "answer": "5"}',
    "choice": '{"id": …, "kind": "choice", "question": …, "choices": [A, B, …], "answer": "B"}',
    "short": '{"id": …, "kind": "short", "question": …, "answer": …}',
    "grounded": '{"id": …, "context": …, "question": …, "answers": […], "answerable": true}',
    "outcome": '{"id": …, "question": …, "weak_correct": false, "strong_correct": true}',
}
"""One row of each, for who wrote one that is none."""
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
        lines = path.read_text(encoding="utf-8").split("\n")
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


class _Unfit(ValueError):
    """What is missing in a row, or wrong, in words that go on after "it is no row: "."""


def _row(line: str, where: str) -> AnyRow:
    try:
        return _row_of(line)
    except _Unfit as error:
        raise BenchError(f"{where} is no row of a known form: {error}") from None


def _row_of(line: str) -> AnyRow:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise _Unfit(
            f"it is no JSON from column {error.colno} on ({error.msg}). A row is one line, as "
            f"{FORMS['short']}"
        ) from None
    except (ValueError, RecursionError):
        raise _Unfit(
            "it is no JSON that can be read: a number has too many digits, or lists are "
            "too deep in each other"
        ) from None
    form = _form_of(row)
    try:
        return _READERS[form](row)
    except _Unfit as error:
        raise _Unfit(f"{error}. One of this form is {FORMS[form]}") from None


def _form_of(row: Any) -> str:
    if not isinstance(row, dict):
        raise _Unfit(f"it is no object. A row is as {FORMS['short']}")
    for name, form in (("weak_correct", "outcome"), ("context", "grounded")):
        if name in row:
            return form
    if "kind" not in row:
        raise _Unfit(
            'it has no "kind" (number, choice or short), nor the "context" that a question about '
            'a text has, nor the "weak_correct" of one that others answered'
        )
    if row["kind"] not in ("number", "choice", "short"):
        raise _Unfit(f'"kind" is {_shown(row["kind"])}, and none of number, choice and short')
    return str(row["kind"])


def _field(row: Mapping[str, Any], name: str) -> Any:
    if name not in row:
        raise _Unfit(f'"{name}" is missing')
    return row[name]


def _text(row: Mapping[str, Any], name: str) -> str:
    value = _field(row, name)
    if value is None or isinstance(value, list | dict):
        raise _Unfit(f'"{name}" is {_shown(value)}, and no text')
    return str(value)


def _list(row: Mapping[str, Any], name: str) -> list[Any]:
    value = _field(row, name)
    if not isinstance(value, list):
        raise _Unfit(f'"{name}" is {_shown(value)}, and no list')
    return value


def _shown(value: Any) -> str:
    return shorten(json.dumps(value, ensure_ascii=False), MOST_SHOWN, placeholder=" …")


def _outcome(row: Mapping[str, Any]) -> OutcomeRow:
    outcome = bool(_field(row, "weak_correct")), bool(_field(row, "strong_correct"))
    return OutcomeRow(_text(row, "id"), _text(row, "question"), *outcome)


def _number(row: Mapping[str, Any]) -> GradedRow:
    answer = _text(row, "answer")
    try:
        _value(answer)
    except ValueError:
        raise _Unfit(f'"answer" is {_shown(answer)}, and no number in digits') from None
    return _asked(row, _text(row, "question"))


def _choice(row: Mapping[str, Any]) -> GradedRow:
    choices = zip(ascii_uppercase, _list(row, "choices"), strict=False)
    listed = "\n".join(f"{letter}. {choice}" for letter, choice in choices)
    question = _text(row, "question")
    return _asked(row, f"{question}\n{listed}\nReply with the letter of the right answer.")


def _short(row: Mapping[str, Any]) -> GradedRow:
    question = _text(row, "question")
    is_whole = row.get("as_it_is")
    return _asked(row, question if is_whole else f"{question}\nAnswer in a few words.")


def _asked(row: Mapping[str, Any], prompt: str) -> GradedRow:
    return _graded(row, str(row["kind"]), prompt, (_text(row, "answer"),))


def _grounded(row: Mapping[str, Any]) -> GradedRow:
    prompt = (
        f"{_text(row, 'context')}\n\nAnswer from this text alone, in a few words. If it does not "
        f"say, reply: Not in the text.\nQuestion: {_text(row, 'question')}"
    )
    is_answerable = _field(row, "answerable")
    answers = tuple(map(str, _list(row, "answers"))) if is_answerable else ()
    if is_answerable and not answers:
        raise _Unfit('"answerable" is true and "answers" is empty')
    return _graded(row, "grounded", prompt, answers)


def _graded(row: Mapping[str, Any], kind: str, prompt: str, answers: tuple[str, ...]) -> GradedRow:
    return GradedRow(
        id=_text(row, "id"),
        kind=kind,
        language=str(row.get("lang", "en")),
        prompt=prompt,
        answers=answers,
    )


_READERS: Mapping[str, Callable[[Mapping[str, Any]], AnyRow]] = {
    "number": _number,
    "choice": _choice,
    "short": _short,
    "grounded": _grounded,
    "outcome": _outcome,
}
