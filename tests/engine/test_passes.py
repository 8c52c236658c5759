import queue
from collections import deque
from collections.abc import Sequence
from functools import partial
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jisr.engine.llama import Logits
from jisr.engine.passes import Kind, Passes, Running
from jisr.engine.scheduler import Scheduler
from jisr.engine.slots import Slot
from jisr.engine.verification import Verification, Verified
from jisr.errors import JisrError
from tests.engine.exact_context import ShapedContext, strict_output
from tests.engine.walks import WAIT_S, Walk, scheduler, settled

TAILS = st.lists(st.integers(0, 1), min_size=1, max_size=6)
PROMPTS = st.builds(lambda n, tail: [7] * n + tail, st.sampled_from([0, 5, 20, 33]), TAILS)
LIMITS = st.integers(1, 8).flatmap(lambda k: st.tuples(st.just(k), st.integers(k, 12)))
"""Tokens of a strict pass and of any pass."""


def walks(prompts: st.SearchStrategy[list[int]]) -> st.SearchStrategy[list[Walk]]:
    leaves = st.none() | st.none() | st.integers(1, 3)
    return st.lists(
        st.builds(Walk, prompts, st.integers(1, 8), leaves_after=leaves), min_size=1, max_size=6
    )


@settings(deadline=None, max_examples=300)
@given(walks(PROMPTS), walks(PROMPTS), LIMITS, st.sets(st.integers(1, 40)), st.randoms())
def test_what_is_strict_is_the_same_bit_for_bit_whatever_runs_beside_it(
    strict: list[Walk],
    free: list[Walk],
    limits: tuple[int, int],
    aborted: set[int],
    random: Random,
) -> None:
    strict_block, batch_tokens = limits
    context = ShapedContext(strict_block=strict_block, batch_tokens=batch_tokens)
    context.before_pass = lambda number: context.abort() if number in aborted else None
    for walk in strict:
        walk.strict_prompt = len(walk.prompt) - 1
    order = [*strict, *free]
    random.shuffle(order)
    with scheduler(context, strict_block=strict_block) as made:
        for walk in order:
            made.submit(walk)
        for walk in order:
            assert walk.leaves_after is not None or walk.ended.wait(WAIT_S)
        settled(made)
    for walk in strict:
        expected = strict_output(
            walk.prompt, len(walk.prompt) - 1, walk.length, batch_tokens, strict_block
        )
        assert walk.output == expected[: len(walk.output)]
        assert walk.leaves_after is not None or len(walk.output) == walk.length


def session(
    made: Scheduler, prompt: Sequence[int], drafts: Sequence[Sequence[int]], strict_prompt: int
) -> list[int]:
    """Verify block after block, right or wrong; return what was committed."""
    committed: list[int] = []
    for drafted in drafts:
        delivered: queue.SimpleQueue[Verified | JisrError] = queue.SimpleQueue()
        block = list(drafted)
        made.submit(
            Verification(
                [*prompt, *committed, *block],
                len(block),
                partial(accepted, block),
                delivered.put,
                strict_prompt=strict_prompt,
            )
        )
        verified = delivered.get(timeout=WAIT_S)
        assert isinstance(verified, Verified)
        assert verified.position == len(prompt) + len(committed)
        committed += verified.tokens
    return committed


def accepted(drafted: Sequence[int], rows: Logits, position: int) -> list[int]:
    choices: list[int] = rows.argmax(axis=1).tolist()
    wrong = (i for i, token in enumerate(drafted) if choices[i] != token)
    return choices[: next(wrong, len(drafted)) + 1]


@settings(deadline=None, max_examples=150)
@given(st.data(), PROMPTS, walks(PROMPTS), LIMITS, st.sets(st.integers(1, 60)))
def test_a_session_commits_what_single_passes_would_whatever_was_drafted_or_evicted(
    data: st.DataObject,
    prompt: list[int],
    free: list[Walk],
    limits: tuple[int, int],
    aborted: set[int],
) -> None:
    strict_block, batch_tokens = limits
    context = ShapedContext(strict_block=strict_block, batch_tokens=batch_tokens)
    context.before_pass = lambda number: context.abort() if number in aborted else None
    expected = strict_output(prompt, len(prompt) - 1, 60, batch_tokens, strict_block)
    num_committed = 0
    with scheduler(context, strict_block=strict_block) as made:
        for walk in free:
            made.submit(walk)
        while num_committed < 30:
            num_right = data.draw(st.integers(0, 7))
            num_wrong = data.draw(st.integers(0, 2))
            right = expected[num_committed : num_committed + num_right]
            following = expected[num_committed + num_right :][:num_wrong]
            block = [*right, *((token + 1) % 16 for token in following)]
            so_far = [*prompt, *expected[:num_committed]]
            committed = session(made, so_far, [block], len(prompt) - 1)
            assert committed == expected[num_committed:][: num_right + 1]
            num_committed += len(committed)
            if data.draw(st.booleans()):
                made.submit(Walk(so_far, 2))  # takes the place, and computes it otherwise
        settled(made)


class Line:
    """Sequences that go on for ever, and the passes that they are in."""

    def __init__(self, passes: Passes) -> None:
        self.passes = passes
        self.running: list[Running] = []

    def add(self, num_pending: int, *, num_rows: int = 1, strict_prompt: int | None = None) -> None:
        walk = Walk([5] * num_pending, 1, num_rows, strict_prompt=strict_prompt)
        slot = Slot(len(self.running))
        self.running.append(Running(walk, slot, deque(walk.prompt), num_rows))

    def step(self) -> dict[int, int]:
        """Do a pass; return of each sequence in it how many tokens."""
        kinds = {it.slot.seq_id: it.kind for it in self.running}
        sizes = {}
        for it, append in self.passes.choose(self.running):
            sizes[append.seq_id] = len(append.tokens)
            if it.appended(append, np.zeros((append.num_rows, 1), np.float32)) is not None:
                it.go_on(5)
        if any(kinds[seq_id] is Kind.STRICT for seq_id in sizes):
            assert sum(sizes.values()) <= self.passes.strict_block
        if any(kinds[seq_id] is Kind.PROMPT for seq_id in sizes):
            assert len(sizes) == 1
        assert list(sizes) == sorted(sizes)
        return sizes

    def steps(self, count: int) -> list[dict[int, int]]:
        return [self.step() for _ in range(count)]


@given(
    st.lists(st.tuples(st.integers(1, 40), st.none() | st.integers(0, 40)), min_size=1, max_size=8),
    LIMITS,
)
def test_nobody_waits_longer_than_all_others_together_need(
    shapes: list[tuple[int, int | None]], limits: tuple[int, int]
) -> None:
    strict_block, batch_tokens = limits
    line = Line(Passes(batch_tokens, strict_block))
    for num_pending, strict_prompt in shapes:
        longest = num_pending - 1
        line.add(
            num_pending,
            strict_prompt=None if strict_prompt is None else min(strict_prompt, longest),
        )
    num_prefill = sum(num_pending for num_pending, _ in shapes)
    line.steps(3 * num_prefill)  # until all prompts are done, even token by token
    afterwards = line.steps(3 * len(shapes))
    if len(shapes) <= batch_tokens:
        assert {seq_id for sizes in afterwards for seq_id in sizes} == set(range(len(shapes)))


def test_free_and_strict_take_turns_where_they_do_not_fit_together() -> None:
    line = Line(Passes(batch_tokens=64, strict_block=3))
    line.add(1)
    line.add(1)
    line.add(1, strict_prompt=0)
    line.add(1, strict_prompt=0)

    assert line.steps(4) == [{0: 1, 1: 1}, {0: 1, 2: 1, 3: 1}] * 2


def test_free_and_strict_share_every_pass_where_they_fit() -> None:
    line = Line(Passes(batch_tokens=64, strict_block=4))
    line.add(1)
    line.add(1, strict_prompt=0)
    line.add(3, num_rows=2, strict_prompt=1)

    assert line.steps(4) == [{0: 1, 1: 1}, {2: 1}, {0: 1, 1: 1, 2: 2}, {0: 1, 1: 1, 2: 1}]


def test_a_prompt_is_prefilled_in_whole_pieces_while_the_others_go_on() -> None:
    line = Line(Passes(batch_tokens=8, strict_block=2))
    line.add(21, strict_prompt=20)
    line.add(1)
    line.add(1, strict_prompt=0)

    assert line.steps(6) == [{1: 1, 2: 1}, {0: 8}] * 2 + [{1: 1, 2: 1}, {0: 4}]


def test_blocks_that_do_not_fit_together_are_not_cut_but_wait_their_turn() -> None:
    line = Line(Passes(batch_tokens=64, strict_block=8))
    line.add(6, num_rows=6, strict_prompt=0)
    line.add(5, num_rows=5, strict_prompt=0)
    line.add(2, num_rows=2, strict_prompt=0)

    assert line.steps(2) == [{0: 6, 2: 2}, {0: 1, 1: 5, 2: 1}]


def test_what_fits_into_no_pass_is_cut() -> None:
    line = Line(Passes(batch_tokens=64, strict_block=4))
    line.add(10, num_rows=10, strict_prompt=0)
    line.add(1, strict_prompt=0)

    assert line.steps(4) == [{0: 4}, {0: 3, 1: 1}, {0: 3, 1: 1}, {0: 1, 1: 1}]


def test_a_rider_that_does_not_fit_is_left_for_a_free_pass() -> None:
    line = Line(Passes(batch_tokens=64, strict_block=4))
    line.add(4, num_rows=4)
    line.add(2, num_rows=2, strict_prompt=0)

    assert line.steps(3) == [{0: 4}, {0: 1, 1: 2}, {0: 1, 1: 1}]
