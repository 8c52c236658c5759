"""Rows of each form are read and asked, and answers are graded as a person would."""

import json
from pathlib import Path

import pytest

from jisr.bench.graded_rows import GradedRow, chosen_letter, graded, outcomes, read
from jisr.errors import BenchError
from jisr.question import TaskKind

NUMBER = {"id": "n", "lang": "en", "kind": "number", "question": "2 + 3 hens, how many?"}
CHOICE = {"id": "c", "lang": "en", "kind": "choice", "question": "Which is a metal?"}
SHORT = {"id": "s", "lang": "en", "kind": "short", "question": "Who dug the well of Brask?"}
TEXT = {"id": "g", "lang": "en", "context": "The well of Brask was dug by two sisters. " * 6}
OUTCOME = {"id": "o", "question": "What?", "weak_correct": False, "strong_correct": True}


def row(plain: dict[str, object], path: Path) -> GradedRow:
    path.write_text(json.dumps(plain))
    return graded(read(path))[0]


@pytest.mark.parametrize(
    ("plain", "answer", "is_right"),
    [
        ({**NUMBER, "answer": "1200"}, "So it is 3 x 400 = 1,200.", True),
        ({**NUMBER, "answer": "1200"}, "She has 1,200 of them, and 3 left.", False),
        ({**NUMBER, "answer": "5"}, r"Thus \boxed{5} in 2 days.", True),
        ({**NUMBER, "answer": "5"}, "الجواب ٥", True),
        ({**NUMBER, "answer": "0.5"}, "0.50", True),
        ({**NUMBER, "answer": "5"}, "", False),
        ({**CHOICE, "choices": ["wood", "iron"], "answer": "B"}, "B. iron", True),
        ({**CHOICE, "choices": ["wood", "iron"], "answer": "B"}, "The answer is (B).", True),
        ({**CHOICE, "choices": ["wood", "iron"], "answer": "B"}, "A metal is iron", False),
        ({**SHORT, "answer": "The two Sisters"}, "It was the two sisters.", True),
        ({**SHORT, "answer": "Ann"}, "Annabel did.", False),
        ({**SHORT, "answer": "مريم"}, "حفرته مَرْيَم.", True),
        (
            {**TEXT, "question": "Who?", "answers": ["two sisters"], "answerable": True},
            "Two sisters.",
            True,
        ),
        ({**TEXT, "question": "When?", "answers": [], "answerable": False}, "In 1870.", False),
        (
            {**TEXT, "question": "When?", "answers": [], "answerable": False},
            "Not in the text.",
            True,
        ),
    ],
)
def test_an_answer_is_graded(
    tmp_path: Path, plain: dict[str, object], answer: str, is_right: bool
) -> None:
    assert row(plain, tmp_path / "rows.jsonl").is_right(answer) is is_right


def test_rows_are_asked_so_that_their_kind_can_be_told(tmp_path: Path) -> None:
    asked: dict[TaskKind, dict[str, object]] = {
        TaskKind.CHOICE: {**CHOICE, "choices": ["wood", "iron"], "answer": "B"},
        TaskKind.SHORT: {**SHORT, "answer": "Ann"},
        TaskKind.GROUNDED: {**TEXT, "question": "Who?", "answers": ["x"], "answerable": True},
    }
    for kind, plain in asked.items():
        assert row(plain, tmp_path / "rows.jsonl").question.kind is kind


def test_a_question_about_a_text_gives_the_text_as_evidence(tmp_path: Path) -> None:
    plain = {**TEXT, "question": "Who?", "answers": ["x"], "answerable": True}

    found = row(plain, tmp_path / "rows.jsonl")

    assert found.question.evidence == (str(TEXT["context"]).strip(),)


def test_forms_may_be_mixed(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, [OUTCOME, {**NUMBER, "answer": "5"}])) + "\n\n")

    rows = read(path)

    assert [it.id for it in graded(rows)] == ["n"]
    assert [it.strong_correct for it in outcomes(rows)] == [True]


@pytest.mark.parametrize(
    "text",
    [
        *("", "nonsense", "[]", '{"id": 1}'),
        json.dumps({**NUMBER, "answer": "five"}),
        json.dumps({**NUMBER, "kind": "essay", "answer": "5"}),
        json.dumps(CHOICE),
    ],
)
def test_what_is_no_row_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(text)

    with pytest.raises(BenchError, match=r"rows\.jsonl"):
        read(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="cannot be read"):
        read(tmp_path / "none.jsonl")


@pytest.mark.parametrize(
    ("answer", "letter"),
    [
        ("A", "A"),
        ("A. wood", "A"),
        ("A good one is B.", "B"),
        ("C", "C"),
        ("**D**", "D"),
        ("I'd say B", "B"),
        ("Cats", None),
        ("", None),
        ("A's", None),
    ],
)
def test_the_letter_that_stands_alone_is_chosen(answer: str, letter: str | None) -> None:
    assert chosen_letter(answer) == letter
