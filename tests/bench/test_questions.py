import json
from pathlib import Path

import pytest

from jisr.bench.questions import OWN_QUESTIONS, Questions, read_questions
from jisr.errors import BenchError
from jisr.types import Message, Role


def test_no_two_of_its_own_are_the_same() -> None:
    assert len({OWN_QUESTIONS.text(number) for number in range(100)}) == 100
    assert OWN_QUESTIONS.text(1).startswith("Count from 11 to 109 in words")


def test_those_of_a_file_begin_again_after_the_last() -> None:
    questions = Questions(("one", "two"))

    assert [questions.text(number) for number in range(3)] == ["one", "two", "one"]
    assert questions.messages(1) == (Message(Role.USER, "two"),)


def test_a_file_has_a_prompt_on_each_line(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    rows = [{"prompt": "What is a bridge?"}, {"prompt": "ما هو الجسر؟", "answer": "…"}]
    file.write_text("\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n")

    assert read_questions(file).prompts == ("What is a bridge?", "ما هو الجسر؟")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "holds no question"),
        (b"\n \n", "holds no question"),
        (b'{"prompt": "a"}\nnot JSON', "questions.jsonl:2 is not JSON"),
        (b'{"question": "a"}', "questions.jsonl:1 is no row of the form"),
        (b'{"prompt": " "}', "is no row of the form"),
        (b'{"prompt": 1}', "is no row of the form"),
        (b'["a"]', "is no row of the form"),
        (b"\xff", "cannot be read"),
    ],
)
def test_what_is_no_question_is_an_error_that_says_where(
    tmp_path: Path, content: bytes, told: str
) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_bytes(content)

    with pytest.raises(BenchError, match=told):
        read_questions(file)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="cannot be read"):
        read_questions(tmp_path / "none.jsonl")
