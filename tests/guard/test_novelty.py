"""What only repeats the question is not new, and what goes round in circles repeats itself."""

import pytest

from jisr.guard.answer import Answer
from jisr.guard.readers.novelty import new_share, read_novelty, repeated_share
from jisr.question import Question, TaskKind


@pytest.mark.parametrize(
    ("asked", "answer", "share"),
    [
        ("What is the capital of Mali?", "The capital of Mali is Mali.", 0.0),
        ("What is the capital of Mali?", "Bamako", 1.0),
        ("ما عاصمة مالي؟", "عاصمة مالي هي مالي", 0.0),
        ("ما عاصمة مالي؟", "باماكو", 1.0),
        ("What?", "", 0.0),
    ],
)
def test_what_the_question_did_not_say_is_new(asked: str, answer: str, share: float) -> None:
    assert new_share(asked, answer) == pytest.approx(share)


def test_what_is_said_again_is_counted() -> None:
    assert repeated_share("one two three four") == 0
    assert repeated_share("one two three " * 20) > 0.9
    assert repeated_share("one") == 0


def test_it_reads_both_of_an_answer() -> None:
    found = read_novelty(Question("Who?", TaskKind.SHORT), Answer(text="Ann"))

    assert found == {"answer_is_new": 1.0, "answer_repeats": 0.0}
