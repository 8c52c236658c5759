import queue
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from jisr.engine.engine import Engine
from jisr.engine.llama import Logits
from jisr.engine.sampling import choose
from jisr.engine.verification import Verification, Verified
from jisr.errors import ContextOverflow, EngineClosed, InvalidRequest, JisrError
from jisr.types import Sampling
from tests.engine.turns import WAIT_S, chat

SEED = 5
SAMPLINGS = [Sampling(), Sampling(temperature=0.8)]
NUM_TOKENS = 24


def judged(drafted: Sequence[int], sampling: Sampling, rows: Logits, position: int) -> list[int]:
    """Accept what is the choice of the row; the last row has no draft."""
    tokens: list[int] = []
    for row in rows:
        tokens.append(choose(row, sampling, seed=SEED, position=position + len(tokens)))
        if len(tokens) > len(drafted) or tokens[-1] != drafted[len(tokens) - 1]:
            break
    return tokens


def verify(
    engine: Engine,
    committed: Sequence[int],
    drafted: Sequence[int],
    sampling: Sampling,
    *,
    num_alone: int = 0,
    strict_prompt: int | None = None,
) -> list[Verified]:
    """Verify a block; return what was delivered until it can have been all."""
    delivered: queue.SimpleQueue[Verified | JisrError] = queue.SimpleQueue()
    verification = Verification(
        [*committed, *drafted],
        len(drafted),
        partial(judged, drafted, sampling),
        delivered.put,
        num_alone=num_alone,
        is_end=engine.vocabulary.is_end,
        strict_prompt=strict_prompt,
    )
    engine.submit(verification)
    found: list[Verified] = []
    while not found or (len(found) <= num_alone and not found[0].num_rejected):
        piece = delivered.get(timeout=WAIT_S)
        if isinstance(piece, JisrError):
            raise piece
        found.append(piece)
        if any(engine.vocabulary.is_end(token) for token in piece.tokens):
            break
    return found


def own(engine: Engine, prompt: Sequence[int], sampling: Sampling) -> list[int]:
    """Return what the model chooses by itself, one token a pass."""
    tokens = list(prompt)
    for _ in range(NUM_TOKENS):
        rows = engine.score(tokens, 1)
        tokens.append(choose(rows[0], sampling, seed=SEED, position=len(tokens)))
    return tokens[len(prompt) :]


@pytest.mark.parametrize("sampling", SAMPLINGS, ids=["greedy", "drawn"])
def test_the_models_own_choices_are_what_it_streams(
    engine: Engine, prompt: list[int], sampling: Sampling
) -> None:
    asked = replace(sampling, seed=SEED, max_output_tokens=NUM_TOKENS)
    streamed = "".join(delta.text for delta in engine.stream(prompt, asked))
    pieces = [engine.vocabulary.piece(token) for token in own(engine, prompt, sampling)]

    assert b"".join(pieces).decode("utf-8", "ignore") == streamed


@pytest.fixture(scope="module")
def prompt(engine: Engine) -> list[int]:
    return chat(engine, "Tell me about the rivers of Egypt.")


@pytest.mark.parametrize("sampling", SAMPLINGS, ids=["greedy", "drawn"])
@pytest.mark.parametrize("num_wrong", [0, 1, 3])
def test_what_is_committed_is_the_models_own_whatever_was_drafted(
    engine: Engine, prompt: list[int], sampling: Sampling, num_wrong: int
) -> None:
    expected = own(engine, prompt, sampling)
    committed: list[int] = []
    num_passes = 0
    while len(committed) < NUM_TOKENS - 6:
        block = expected[len(committed) : len(committed) + 5]
        for at in range(1, 1 + num_wrong):
            block[-at] = (block[-at] + 1) % 1000
        (verified,) = verify(engine, [*prompt, *committed], block, sampling)
        assert verified.position == len(prompt) + len(committed)
        assert (verified.num_accepted, verified.num_rejected) == (5 - num_wrong, num_wrong)
        assert verified.pass_us > 0
        committed += verified.tokens
        num_passes += 1

    assert committed == expected[: len(committed)]
    assert num_passes < len(committed)


@pytest.mark.parametrize("sampling", SAMPLINGS, ids=["greedy", "drawn"])
def test_without_drafts_the_next_token_comes(
    engine: Engine, prompt: list[int], sampling: Sampling
) -> None:
    (verified,) = verify(engine, prompt, [], sampling)

    assert list(verified.tokens) == own(engine, prompt, sampling)[:1]
    assert (verified.num_accepted, verified.num_rejected) == (0, 0)


def test_behind_a_right_block_it_goes_on_alone_one_token_a_pass(
    engine: Engine, prompt: list[int]
) -> None:
    expected = own(engine, prompt, Sampling())
    found = verify(engine, prompt, expected[:4], Sampling(), num_alone=6)

    assert [len(verified.tokens) for verified in found] == [5, 1, 1, 1, 1, 1, 1]
    assert [token for verified in found for token in verified.tokens] == expected[:11]
    starts = [verified.position - len(prompt) for verified in found]
    assert starts == [0, 5, 6, 7, 8, 9, 10]


def test_only_the_block_is_computed_when_the_rest_is_at_hand(
    engine: Engine, prompt: list[int]
) -> None:
    expected = own(engine, prompt, Sampling())
    verify(engine, prompt, expected[:4], Sampling())
    begun: queue.SimpleQueue[int] = queue.SimpleQueue()

    class Begun(Verification):
        def begin(self, num_cached: int) -> None:
            begun.put(num_cached)

    block = expected[5:9]
    judge = partial(judged, block, Sampling())
    engine.submit(Begun([*prompt, *expected[:9]], 4, judge, lambda verified: None))

    num_cached = begun.get(timeout=WAIT_S)
    assert num_cached == len(prompt) + 4  # the last token committed is computed with the block


class Heard:
    """A verification over rows somebody wrote, and what it delivered."""

    def __init__(self, drafted: Sequence[int], *, num_alone: int = 9) -> None:
        self.found: list[Verified | JisrError] = []
        self.verification = Verification(
            [1, 2, *drafted],
            len(drafted),
            partial(judged, drafted, Sampling()),
            self.found.append,
            num_alone=num_alone,
            is_end=lambda token: token == 0,
        )

    def advance(self, *tokens: int) -> int | None:
        return self.verification.advance(np.eye(8, dtype=np.float32)[list(tokens)], 7)


@pytest.mark.parametrize(
    ("drafted", "chosen", "next_token"),
    [
        ([3, 4], [3, 4, 5], 5),
        ([3, 4], [3, 5, 5], None),  # a draft was wrong
        ([3, 4], [3, 4, 0], None),  # the turn ended
        ([3, 0], [3, 0, 5], None),  # it ended within the block
        ([], [6], 6),
    ],
)
def test_it_goes_on_alone_only_where_nothing_was_wrong_and_the_turn_goes_on(
    drafted: list[int], chosen: list[int], next_token: int | None
) -> None:
    assert Heard(drafted).advance(*chosen) == next_token
    assert Heard(drafted, num_alone=0).advance(*chosen) is None


def test_alone_it_ends_with_the_turn_the_count_or_the_context() -> None:
    ends = Heard([3])
    counts = Heard([3], num_alone=2)
    fits = Heard([3])
    fits.verification.fit(context_tokens=4)  # two tokens, a draft, and one more

    assert [ends.advance(3, 4), ends.advance(5), ends.advance(0)] == [4, 5, None]
    assert [counts.advance(3, 4), counts.advance(5), counts.advance(6)] == [4, 5, None]
    assert [fits.advance(3, 4), fits.advance(5)] == [4, None]
    last = counts.found[-1]
    assert last == Verified(5, (6,), num_accepted=0, num_rejected=0, pass_us=7)


@pytest.mark.parametrize(
    ("drafted", "tokens", "counts"),
    [
        ([3, 0], [3, 0], (2, 0)),  # the end was drafted, and nothing behind it
        ([3, 0, 5], [3, 0], (2, 1)),
        ([3, 4], [3, 0], (1, 1)),  # the end was the target's own
        ([3, 4], [3, 4, 0], (2, 0)),
        ([], [0], (0, 0)),
    ],
)
def test_an_end_that_was_drafted_and_right_is_an_accepted_draft(
    drafted: list[int], tokens: list[int], counts: tuple[int, int]
) -> None:
    found: list[Verified] = []

    def take(piece: Verified | JisrError) -> None:
        assert isinstance(piece, Verified)
        found.append(piece)

    verification = Verification([1, *drafted], len(drafted), lambda rows, at: tokens, take)
    verification.advance(np.zeros((len(drafted) + 1, 8), np.float32), 7)

    assert (found[0].num_accepted, found[0].num_rejected) == counts


def test_cancelled_it_delivers_nothing_more_and_its_error_is_told() -> None:
    heard = Heard([3])
    error = EngineClosed("over")
    heard.verification.fail(error)
    heard.verification.cancel()

    assert heard.advance(3, 4) is None
    assert heard.found == [error]


@pytest.mark.parametrize(
    ("prompt", "num_drafted", "strict_prompt", "told"),
    [
        ([], 0, None, "empty"),
        ([5, 49_152], 1, None, "Token ids"),
        ([5, 6], 2, None, "num_drafted must be from 0 to 1"),
        ([5] * 600, 1, None, "more than fit"),
        ([5, 6], -1, None, "num_drafted"),
        ([5, 6, 7], 1, 2, "strict_prompt must be from 0 to 1"),
        ([5, 6, 7], 1, -1, "strict_prompt"),
    ],
)
def test_what_cannot_be_verified_is_refused_before_it_waits(
    engine: Engine, prompt: list[int], num_drafted: int, strict_prompt: int | None, told: str
) -> None:
    found: list[Verified | JisrError] = []
    verification = Verification(
        prompt,
        num_drafted,
        partial(judged, [], Sampling()),
        found.append,
        strict_prompt=strict_prompt,
    )

    with pytest.raises((InvalidRequest, ContextOverflow), match=told):
        engine.submit(verification)
    assert not found
