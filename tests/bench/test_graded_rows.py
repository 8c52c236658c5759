"""Rows of each form are read and asked, and answers are graded as a person would."""

import json
import re
from pathlib import Path

import pytest

from jisr.bench.graded_rows import FORMS, GradedRow, chosen_letter, graded, outcomes, read
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


PYTHON = re.compile(r"Error\b|Traceback|NoneType|\bdict\b|\b(?:str|int|float)\b|line \d+ column")


@pytest.mark.parametrize(
    ("plain", "told"),
    [
        ('{"id": "c", "kind"', "it is no JSON from column 19 on"),
        ("7" * 5_000, "it is no JSON that can be read"),
        ("[" * 100_000, "it is no JSON that can be read"),
        ("7", "it is no object. A row is as {"),
        ({"id": "c"}, 'it has no "kind" (number, choice or short)'),
        ({**CHOICE, "answer": "B"}, '"choices" is missing. One of this form is {"id": …, "kind": '),
        ({**CHOICE, "choices": ["wood", "iron"]}, '"answer" is missing'),
        ({**CHOICE, "choices": 7, "answer": "B"}, '"choices" is 7, and no list'),
        ({**CHOICE, "choices": "AB", "answer": "B"}, '"choices" is "AB", and no list'),
        ({**NUMBER, "answer": "five"}, '"answer" is "five", and no number in digits'),
        ({**NUMBER, "answer": None}, '"answer" is null, and no text'),
        ({**NUMBER, "kind": ["essay"]}, '"kind" is ["essay"], and none of number, choice and'),
        ({**NUMBER, "kind": "مقال"}, '"kind" is "مقال", and none'),
        ({"kind": "short", "question": "Who?", "answer": "Ann"}, '"id" is missing'),
        ({**TEXT, "question": "Who?", "answers": []}, '"answerable" is missing'),
        ({**TEXT, "question": "Who?", "answerable": True}, '"answers" is missing'),
        (
            {**TEXT, "question": "Who?", "answers": [], "answerable": True},
            '"answerable" is true and "answers" is empty. One of this form is {"id": …, "context"',
        ),
        ({**OUTCOME, "question": {"a": "b " * 99}}, '"question" is {"a": "b b'),
        ({"id": "o", "weak_correct": 1}, '"strong_correct" is missing'),
    ],
)
def test_what_is_missing_or_wrong_is_said_in_words_with_file_and_line(
    tmp_path: Path, plain: object, told: str
) -> None:
    path = tmp_path / "rows.jsonl"
    line = plain if isinstance(plain, str) else json.dumps(plain)
    path.write_text(json.dumps({**NUMBER, "answer": "5"}) + "\n\n" + line)

    with pytest.raises(BenchError) as caught:
        read(path)

    said = str(caught.value)
    assert said.startswith(f"{path}:3 is no row of a known form: ")
    assert told in said
    assert not PYTHON.search(said.replace(str(path), ""))
    assert len(said) < len(str(path)) + 240


@pytest.mark.parametrize("form", FORMS)
def test_the_forms_that_are_told_are_read(tmp_path: Path, form: str) -> None:
    path = tmp_path / "rows.jsonl"
    text = FORMS[form].replace("A, B, …", '"wood", "iron"').replace("[…]", '["…"]')
    path.write_text(text.replace(": …", ': "…"'), encoding="utf-8")

    assert len(read(path)) == 1


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


def test_a_fact_is_asked_as_it_stands_where_its_row_says_so(tmp_path: Path) -> None:
    row = {"id": "1", "kind": "short", "question": "Who?", "answer": "Ann"}
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps(it) for it in (row, {**row, "as_it_is": True})))

    assert [it.prompt for it in graded(read(path))] == ["Who?\nAnswer in a few words.", "Who?"]


def test_a_separator_within_a_text_ends_no_row(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    row = {"id": "1", "kind": "short", "question": "Who\u2028is\u0085it?", "answer": "Ann"}
    path.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")

    assert len(read(path)) == 1
