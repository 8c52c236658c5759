from collections.abc import Sequence
from pathlib import Path

import pytest

from jisr.bench.cache import Cache
from jisr.bench.privacy_finders import Jisr
from jisr.bench.privacy_quality import (
    Answers,
    EngineAnswerer,
    ask,
    chosen,
    figures,
    key_words_kept,
    overlap,
    table,
)
from jisr.bench.privacy_rows import StringRow
from jisr.config import PrivacySettings
from jisr.engine.engine import Engine
from jisr.types import Message, Sampling
from tests.weights import small_model

ROW = StringRow(id="1", text="Write to ali@example.com", private=("ali@example.com",))


class Echo:
    """Answers with the prompt, in capitals when sampled."""

    model = "echo"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def answer(self, messages: Sequence[Message], sampling: Sampling) -> str:
        self.asked.append(messages[-1].text)
        return messages[-1].text + (" again" if sampling.temperature else "")


def answers_of(tmp_path: Path, echo: Echo, *rows: StringRow) -> list[Answers]:
    finder, cache = Jisr(PrivacySettings()), Cache(tmp_path / "cache.jsonl")
    return ask(rows, finder, echo, cache=cache, seed=0, tell=lambda done, total: None)


def test_a_prompt_is_asked_as_written_and_redacted_and_its_answer_restored(tmp_path: Path) -> None:
    echo = Echo()

    (answers,) = answers_of(tmp_path, echo, ROW)

    assert "Write to <EMAIL_ADDRESS_1>" in echo.asked
    assert answers.greedy == answers.redacted == ROW.text
    assert (answers.num_strings, answers.num_left) == (1, 0)
    assert (answers.num_in_answer, answers.num_back) == (1, 1)


def test_nothing_is_asked_twice(tmp_path: Path) -> None:
    first, second = Echo(), Echo()

    assert answers_of(tmp_path, first, ROW) == answers_of(tmp_path, second, ROW)
    assert len(first.asked) == 3 and not second.asked


def test_what_was_kept_is_relative_to_another_answer_to_the_same_prompt(tmp_path: Path) -> None:
    measured = figures(answers_of(tmp_path, Echo(), ROW))

    assert measured["quality_overlap"] == 1
    assert measured["quality_overlap_sampled"] == 10 / 11  # five words, and the same with "again"
    assert measured["quality_ratio"] == 1.1
    assert measured["quality_strings_left_share"] == 0
    assert measured["quality_strings_back_share"] == 1


def test_quality_and_leakage_stand_in_one_table(tmp_path: Path) -> None:
    as_written, redacted = table(answers_of(tmp_path, Echo(), ROW))

    assert (as_written["strings_left_share"], as_written["quality_ratio"]) == (1, 1)
    assert (redacted["strings_left_share"], redacted["quality_ratio"]) == (0, 1.1)


def test_a_row_of_the_result_holds_no_text(tmp_path: Path) -> None:
    (answers,) = answers_of(tmp_path, Echo(), ROW)

    assert "ali@" not in repr(answers.as_row())


def test_without_prompts_there_are_no_figures() -> None:
    assert figures([]) == {} and table([]) == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("The old bridge", "the OLD bridge!", 1),
        ("a b", "c d", 0),
        ("a a b", "a", 0.5),
        ("", "", 1),
        ("جسر قديم", "جسر جديد", 0.5),
    ],
)
def test_overlap_is_the_f1_of_words(one: str, other: str, expected: float) -> None:
    assert overlap(one, other) == expected


def test_key_words_are_the_long_ones_each_once() -> None:
    assert key_words_kept("A bridge, a bridge over water", "the Bridge is old") == 0.5
    assert key_words_kept("a b", "c") == 1


def test_prompts_are_short_and_hold_something_private() -> None:
    rows = [
        ROW,
        StringRow(id="2", text="x" * 801 + " ali", private=("ali",)),
        StringRow(id="3", text="Nothing here", private=("ali",)),
    ]

    assert chosen(rows, 5, seed=0) == [ROW]
    assert chosen(rows, 0, seed=0) == []


def test_an_engine_answers_and_is_loaded_at_the_first_question_only(tmp_path: Path) -> None:
    loaded: list[Engine] = []

    def load() -> Engine:
        loaded.append(Engine(small_model()))
        return loaded[-1]

    answerer = EngineAnswerer("small", load)
    assert not loaded
    messages = Jisr(PrivacySettings()).outbound("Say yes.")[0].messages
    try:
        told = [answerer.answer(messages, Sampling(max_output_tokens=4)) for _ in range(2)]
    finally:
        answerer.close()

    assert len(loaded) == 1 and told[0] == told[1] and told[0]
    assert not loaded[0].is_alive
