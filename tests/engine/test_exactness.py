import queue
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jisr.engine.engine import Engine
from jisr.engine.exactness import MAX_BLOCK, NOT_MEASURED, _splits, measure
from jisr.engine.llama import Append, Context, Logits, Vocabulary
from jisr.engine.verification import Verification, Verified
from jisr.errors import JisrError
from jisr.types import Sampling
from tests.engine.conftest import SETTINGS
from tests.engine.exact_context import ShapedContext
from tests.engine.turns import WAIT_S, chat, complete, plain, start

STORY = "Once upon a time a small bridge stood between two places, and every evening people "


@pytest.fixture(scope="module")
def measured(model_path: Path) -> Iterator[Engine]:
    settings = replace(SETTINGS, num_sequences=3, measures_exactness=True)
    with Engine(model_path, settings) as engine:
        yield engine


@pytest.mark.parametrize("strict_block", [1, 2, 3, 8, 15, 16, 20])
@pytest.mark.parametrize("num_sequences", [1, 3])
def test_the_longest_length_up_to_which_all_are_exact_is_found(
    vocabulary: Vocabulary, strict_block: int, num_sequences: int
) -> None:
    context = ShapedContext(
        strict_block=strict_block, num_sequences=num_sequences, batch_tokens=512
    )
    exactness = measure(context, vocabulary)

    assert exactness.strict_block == min(strict_block, MAX_BLOCK)
    assert len(exactness.pass_ms) == MAX_BLOCK
    assert context.held == [[]] * num_sequences


class Mixed(ShapedContext):
    """Gives a sequence other bits where another shares its pass."""

    def decode(self, appends: "list[Append]") -> list[Logits] | None:  # type: ignore[override]
        rows = super().decode(appends)
        return rows and [row + (len(appends) > 1) for row in rows]


def test_passes_that_sequences_share_count_too(vocabulary: Vocabulary) -> None:
    exactness = measure(Mixed(strict_block=16, batch_tokens=512), vocabulary)

    assert exactness.strict_block == 1


class Deep(ShapedContext):
    """Gives passes of several tokens other bits where a text in them is long."""

    def __init__(self, *, longest: int, deep_block: int) -> None:
        super().__init__(strict_block=16, num_sequences=2, batch_tokens=512)
        self.longest, self.deep_block = longest, deep_block

    def decode(self, appends: "list[Append]") -> list[Logits] | None:  # type: ignore[override]
        rows = super().decode(appends)
        is_deep = any(len(held) > self.longest for held in self.held)
        is_long = sum(len(append.tokens) for append in appends) > self.deep_block
        return rows and [row + (is_deep and is_long) for row in rows]


@pytest.mark.parametrize("longest", [255, 256, 299, 500])
@pytest.mark.parametrize(("deep_block", "strict_block"), [(1, 1), (3, 2), (9, 4), (16, 16)])
def test_passes_behind_longer_texts_count_too(
    vocabulary: Vocabulary, longest: int, deep_block: int, strict_block: int
) -> None:
    context = Deep(longest=longest, deep_block=deep_block)

    assert measure(context, vocabulary).strict_block == strict_block
    assert context.held == [[], []]


class Beside(ShapedContext):
    """Gives a short sequence other bits beside a long one."""

    def decode(self, appends: "list[Append]") -> list[Logits] | None:  # type: ignore[override]
        rows = super().decode(appends)
        is_beside = max(append.position for append in appends) > 256 and len(appends) > 1
        return rows and [
            row + (is_beside and append.position < 256)
            for append, row in zip(appends, rows, strict=True)
        ]


def test_passes_that_are_shared_with_a_longer_sequence_count_too(vocabulary: Vocabulary) -> None:
    context = Beside(strict_block=16, batch_tokens=512)

    assert measure(context, vocabulary).strict_block == 1


def test_a_narrow_context_is_measured_as_far_as_it_goes(vocabulary: Vocabulary) -> None:
    context = ShapedContext(strict_block=16, batch_tokens=6)
    context.context_tokens = 8
    exactness = measure(context, vocabulary)

    assert (exactness.strict_block, len(exactness.pass_ms)) == (6, 6)


def test_the_small_model_is_exact_up_to_the_longest_block(measured: Engine, engine: Engine) -> None:
    assert measured.exactness.strict_block == MAX_BLOCK
    assert all(pass_ms > 0 for pass_ms in measured.exactness.pass_ms)
    assert engine.exactness is NOT_MEASURED


def strictly(engine: Engine, prompt: list[int], num_tokens: int) -> str:
    sampling = Sampling(temperature=0.8, seed=4, max_output_tokens=num_tokens)
    return "".join(delta.text for delta in engine.stream(prompt, sampling, is_strict=True))


def test_a_strict_answer_beside_busy_neighbours_is_the_one_it_gets_alone(
    measured: Engine,
) -> None:
    prompt = plain(measured, STORY * 9)
    alone = strictly(measured, prompt, 24)
    complete(measured, prompt, max_output_tokens=2)  # takes its place
    neighbours = [
        start(measured, plain(measured, f"{i} {STORY * 4}"), Sampling(max_output_tokens=120))
        for i in range(2)
    ]
    beside = strictly(measured, prompt, 24)
    for turn in neighbours:
        assert turn.generation is not None
        measured.cancel(turn.generation)

    assert beside == alone


def rows_of(engine: Engine, prompt: list[int], num_rows: int, strict_prompt: int) -> Logits:
    delivered: queue.SimpleQueue[Verified | JisrError] = queue.SimpleQueue()
    kept: list[Logits] = []

    def keep(rows: Logits, position: int) -> list[int]:
        kept.append(rows.copy())
        return [0] * len(rows)

    engine.submit(
        Verification(prompt, num_rows - 1, keep, delivered.put, strict_prompt=strict_prompt)
    )
    assert isinstance(delivered.get(timeout=WAIT_S), Verified)
    return kept[0]


@pytest.fixture(scope="module")
def threaded(model_path: Path) -> Iterator[Engine]:
    settings = replace(SETTINGS, num_sequences=2, threads=2, measures_exactness=True)
    with Engine(model_path, settings) as engine:
        yield engine


@pytest.mark.parametrize(
    ("which", "threads", "num_stories"),
    [("measured", 1, 8), ("measured", 1, 18), ("threaded", 2, 18)],
)
def test_strict_rows_are_the_bits_of_a_bare_prefill_and_single_passes(
    request: pytest.FixtureRequest, which: str, threads: int, num_stories: int
) -> None:
    measured: Engine = request.getfixturevalue(which)
    prompt = chat(measured, STORY * num_stories)
    assert len(prompt) > 257 or num_stories < 18
    drafted = plain(measured, "walked over it, and nobody asked where they went.")[:9]
    wrong = [(token + 1) % 1000 for token in drafted]
    context = Context(
        measured._weights, num_sequences=1, context_tokens=512, batch_tokens=512, threads=threads
    )
    end = len(prompt) - 1
    for begin in range(0, end, 512):
        piece = prompt[begin : min(begin + 512, end)]
        assert context.decode([Append(0, begin, piece, 0)]) is not None
    expected = []
    for at, token in enumerate([prompt[-1], *drafted], end):
        decoded = context.decode([Append(0, at, [token], 1)])
        assert decoded is not None
        expected.append(decoded[0].copy())
    context.close()

    at_once = rows_of(measured, [*prompt, *drafted], 10, end)
    rows_of(measured, [*prompt, *drafted[:4], *wrong], 14, end)
    after_a_reject = rows_of(measured, [*prompt, *drafted], 10, end)
    measured.score([*prompt, *drafted], 2)  # takes its place
    rebuilt = rows_of(measured, [*prompt, *drafted], 10, end)
    for found in (at_once, after_a_reject, rebuilt):
        assert np.array_equal(found, np.concatenate(expected))


@pytest.mark.parametrize(
    ("length", "num_sequences", "splits"),
    [
        (1, 8, [(1,)]),
        (2, 8, [(2,), (1, 1)]),
        (5, 1, [(5,)]),
        (5, 2, [(5,), (3, 2)]),
        (5, 8, [(5,), (3, 2), (1, 1, 1, 1, 1)]),
        (16, 3, [(16,), (8, 8), (6, 5, 5)]),
    ],
)
def test_a_pass_is_split_among_one_two_and_all_sequences(
    length: int, num_sequences: int, splits: list[tuple[int, ...]]
) -> None:
    assert list(_splits(length, num_sequences)) == splits
