from collections.abc import Sequence

import numpy as np
import pytest

from jisr.arbiter.embedding import DIMENSIONS, embed
from jisr.arbiter.readers import READERS, read_all
from jisr.arbiter.readers.similarity import NEAREST, Vectors, similarities
from jisr.question import Question, TaskKind

TOPICS = ("river", "algebra", "song")


def by_topic(texts: Sequence[str]) -> Vectors:
    """A unit vector a text: of its topic, or of none."""
    rows = [[float(topic in text) for topic in TOPICS] + [0.001] for text in texts]
    vectors = np.array(rows, dtype=np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


HARD = by_topic(["algebra"] * NEAREST)
EASY = by_topic(["river", *["song"] * NEAREST])


def asked(text: str) -> Question:
    return Question(text, TaskKind.SHORT)


def test_a_question_is_near_to_those_of_its_kind() -> None:
    hard, easy = similarities(HARD, EASY, by_topic)

    assert hard.read(asked("an algebra question")) == pytest.approx(1, abs=0.01)
    assert easy.read(asked("an algebra question")) == pytest.approx(0, abs=0.01)
    assert easy.read(asked("which song?")) == pytest.approx(1, abs=0.01)
    # one known question alone does not make it near
    assert easy.read(asked("a river")) == pytest.approx(1 / NEAREST, abs=0.01)


def test_without_known_questions_or_text_nothing_is_near() -> None:
    hard, easy = similarities(np.zeros((0, 4), dtype=np.float32), EASY, by_topic)

    assert hard.read(asked("an algebra question")) == 0
    assert easy.read(asked("  ")) == 0


def test_a_text_is_embedded_once() -> None:
    seen: list[str] = []

    def counted(texts: Sequence[str]) -> Vectors:
        seen.extend(texts)
        return by_topic(texts)

    read_all(asked("a song"), similarities(HARD, EASY, counted))

    assert seen == ["a song"]


def test_they_are_read_beside_the_others_under_names_of_their_own() -> None:
    readers = similarities(HARD, EASY, by_topic)
    found = read_all(asked("a song"), (*READERS, *readers))

    assert list(found)[-2:] == ["near_hard", "near_easy"]
    assert all("for this device" in reader.explain(0.5) for reader in readers)


def test_no_text_has_no_vector() -> None:
    assert embed([]).shape == (0, DIMENSIONS)


@pytest.mark.large
def test_a_question_and_its_translation_are_near() -> None:
    english, arabic, other = embed(
        ["How many boats are in the harbour?", "كم قاربا في الميناء؟", "Sort a list in Rust."]
    )

    assert english @ arabic > english @ other
    assert np.linalg.norm(english) == pytest.approx(1, abs=1e-3)
