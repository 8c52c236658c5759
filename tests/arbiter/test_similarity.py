"""How far a question lies towards what was hard is read off its vector, and said in words."""

from collections.abc import Sequence

import numpy as np
import pytest

from jisr.arbiter.embedding import DIMENSIONS, embed
from jisr.arbiter.readers import READERS, read_all
from jisr.arbiter.readers.similarity import (
    NEAR_HARD,
    NEAR_HARD_CLOUD,
    Direction,
    Vectors,
    explained,
    similarities,
)
from jisr.question import Question, TaskKind

TOPICS = ("river", "algebra", "song")


def by_topic(texts: Sequence[str]) -> Vectors:
    """A unit vector a text: of its topic, or of none."""
    found = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    for row, text in zip(found, texts, strict=True):
        row[[topic in text for topic in TOPICS].index(True)] = 1
    return found


def towards(topic: str, middle: float = 0.0) -> Direction:
    weights = by_topic([topic])[0]
    return Direction(tuple(weights.tolist()), middle)


def asked(text: str) -> Question:
    return Question(text, TaskKind.SHORT)


def test_a_question_is_as_far_towards_the_hard_ones_as_its_vector() -> None:
    (reader,) = similarities({NEAR_HARD: towards("algebra", 0.25)}, by_topic)

    assert reader.read(asked("an algebra question")) == pytest.approx(0.75)
    assert reader.read(asked("which song?")) == pytest.approx(-0.25)
    assert reader.read(asked("  ")) == 0


def test_a_text_is_embedded_once_for_both_models() -> None:
    seen: list[str] = []

    def counted(texts: Sequence[str]) -> Vectors:
        seen.extend(texts)
        return by_topic(texts)

    readers = similarities({NEAR_HARD: towards("song"), NEAR_HARD_CLOUD: towards("river")}, counted)
    found = read_all(asked("a song"), (*READERS, *readers))

    assert seen == ["a song"]
    assert list(found.items())[-2:] == [(NEAR_HARD, 1.0), (NEAR_HARD_CLOUD, 0.0)]


def test_it_is_said_of_which_model_and_on_which_side() -> None:
    (reader,) = similarities({NEAR_HARD: towards("song")}, by_topic)

    assert reader.explain(0.5) == "it is like questions that were hard for this device, by 0.50"
    assert explained(NEAR_HARD_CLOUD, -0.5).endswith("that were easy for the cloud, by 0.50")


@pytest.mark.parametrize("weights", [(), (1.0, 2.0), (float("inf"),) * DIMENSIONS])
def test_what_leads_nowhere_is_refused(weights: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="direction"):
        Direction(weights, 0.0)


def test_no_text_has_no_vector() -> None:
    assert embed([]).shape == (0, DIMENSIONS)


@pytest.mark.large
def test_a_question_and_its_translation_are_near() -> None:
    english, arabic, other = embed(
        ["How many boats are in the harbour?", "كم قاربا في الميناء؟", "Sort a list in Rust."]
    )

    assert english @ arabic > english @ other
    assert np.linalg.norm(english) == pytest.approx(1, abs=1e-3)
