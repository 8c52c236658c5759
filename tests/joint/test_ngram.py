import time
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.joint.base import Drafted
from jisr.joint.ngram import (
    LONGEST_DRAFT,
    LONGEST_MATCH,
    SHORTEST_MATCH,
    NgramDrafter,
    confidence,
    drafts,
)
from jisr.types import Sampling

MANY = 100_000


def guessed(tokens: Sequence[int]) -> list[int]:
    return [drafted.token for drafted in drafts(tokens)]


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ([], []),
        ([1], []),
        ([1, 1], []),
        ([1, 2, 3, 4], []),  # no repetition
        ([2, 9, 1, 2], []),  # one token is too little
        ([1, 2, 3, 1, 2], [3, 1, 2]),
        ([5, 1, 2, 3, 7, 1, 2, 4, 5, 1, 2], [3, 7, 1, 2, 4, 5, 1, 2]),  # the longest wins
        ([1, 2, 3, 9, 1, 2, 4, 8, 1, 2], [4, 8, 1, 2]),  # of equals the latest
        ([1, 1, 1], [1]),
        ([1, 2, 1, 2], [1, 2]),
    ],
)
def test_what_followed_the_same_end_is_guessed(tokens: list[int], expected: list[int]) -> None:
    assert guessed(tokens) == expected


def plainly(tokens: Sequence[int]) -> list[int]:
    """Return the same, found by trying everything."""
    best_length, best_start = 0, 0
    for start in range(1, len(tokens)):
        length = 0
        while length < min(start, LONGEST_MATCH) and (
            tokens[start - 1 - length] == tokens[len(tokens) - 1 - length]
        ):
            length += 1
        if length and length >= best_length:
            best_length, best_start = length, start
    if best_length < SHORTEST_MATCH:
        return []
    return list(tokens[best_start : best_start + LONGEST_DRAFT])


@given(st.lists(st.integers(0, 2), max_size=80))
def test_it_finds_what_trying_everything_finds(tokens: list[int]) -> None:
    assert guessed(tokens) == plainly(tokens)


def test_a_longer_match_is_surer_and_each_further_guess_too() -> None:
    confidences = [drafted.confidence for drafted in drafts([1, 2, 3, 4, 1, 2, 3])]

    assert confidences[0] == confidence(3)
    assert confidences == sorted(confidences)
    assert all(0 < it < 1 for it in confidences)
    assert len(drafts([1, 2] * 200)) <= LONGEST_DRAFT


@pytest.mark.parametrize("kind", ["random", "same", "pairs", "almost"])
def test_a_long_text_takes_no_time_to_speak_of(kind: str) -> None:
    random = Random(1)
    tokens = {
        "random": [random.randrange(40_000) for _ in range(MANY)],
        "same": [7] * MANY,
        "pairs": [random.randrange(2) for _ in range(MANY)],
        "almost": ([3] * (LONGEST_MATCH - 2) + [4]) * (MANY // 11) + [5] + [3] * 10,
    }[kind]
    took_s = []
    for _ in range(3):
        begun = time.perf_counter()
        drafts(tokens)
        took_s.append(time.perf_counter() - begun)

    assert min(took_s) < 0.05


def test_the_drafter_gives_all_at_once_until_it_is_told_to_stop() -> None:
    given_all: list[Drafted | None] = []
    given_two: list[Drafted | None] = []

    def take_all(drafted: Drafted | None) -> bool:
        given_all.append(drafted)
        return True

    def take_two(drafted: Drafted | None) -> bool:
        given_two.append(drafted)
        return len(given_two) < 2

    for take in (take_all, take_two):
        NgramDrafter().start([1, 2, 3, 1, 2], Sampling(), 0, take)
    NgramDrafter().stop()

    assert [it and it.token for it in given_all] == [3, 1, 2, None]
    assert [it and it.token for it in given_two] == [3, 1]
