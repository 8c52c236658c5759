import json
from pathlib import Path

import pytest

from jisr.bench.joint_questions import OWN, Question, choose, read
from jisr.errors import BenchError

FOUND = tuple(
    Question(id=str(n), category="odd" if n % 2 else "even", prompt=f"{n}?") for n in range(20)
)


def test_so_many_of_each_category_are_chosen_and_come_in_turns() -> None:
    chosen = choose(FOUND, 2, seed=0)

    assert [it.category for it in chosen] == ["even", "odd"] * 2
    assert len({it.id for it in chosen}) == 4


def test_the_seed_chooses_and_the_same_one_the_same() -> None:
    assert choose(FOUND, 3, seed=1) == choose(FOUND, 3, seed=1)
    assert choose(FOUND, 3, seed=1) != choose(FOUND, 3, seed=2)


def test_a_smaller_choice_is_the_start_of_a_larger_one() -> None:
    assert choose(FOUND, 2, seed=0) == choose(FOUND, 5, seed=0)[:4]


def test_a_category_with_few_questions_gives_those() -> None:
    few = (*FOUND, Question(id="x", category="rare", prompt="?"))

    assert sum(it.category == "rare" for it in choose(few, 5, seed=0)) == 1


def test_rows_of_a_file_have_a_category_and_an_id(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    rows = [{"id": 7, "category": "qa", "prompt": "ما هو الجسر؟"}, {"prompt": "Why?"}]
    file.write_text("\n\n".join(json.dumps(row) for row in rows))

    assert read(file) == (
        Question(id="7", category="qa", prompt="ما هو الجسر؟"),
        Question(id="1", category="other", prompt="Why?"),
    )


def test_what_is_no_question_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"id": "1", "category": "qa"}')

    with pytest.raises(BenchError, match="is no row of the form"):
        read(file)


def test_its_own_are_of_several_categories_and_of_both_languages() -> None:
    assert {"coding", "math", "qa", "arabic"} <= {it.category for it in OWN}
    assert any(not it.prompt.isascii() for it in OWN)
    assert len({it.id for it in OWN}) == len(OWN)
