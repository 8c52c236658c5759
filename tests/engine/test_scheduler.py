import threading
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jisr.engine.llama import Logits
from jisr.engine.tasks import Scoring
from jisr.errors import EngineBusy, EngineClosed, EngineError, JisrError
from tests.engine.exact_context import ExactContext, Gate, row_of
from tests.engine.walks import WAIT_S, Walk, scheduler, settled

TOKENS = st.lists(st.integers(0, 1), min_size=1, max_size=60)
SHARED = st.builds(lambda n, tail: [7] * n + tail, st.integers(0, 50), TOKENS)
WALKS = st.builds(
    Walk,
    SHARED,
    st.integers(1, 6),
    leaves_after=st.none() | st.none() | st.integers(1, 3),
    breaks_after=st.none() | st.none() | st.integers(1, 3),
)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(WALKS, min_size=1, max_size=12),
    st.booleans(),
    st.sets(st.integers(1, 40)),
    st.integers(1, 9),
)
def test_every_task_gets_what_it_would_get_alone(
    walks: list[Walk], can_truncate: bool, aborted: set[int], batch_tokens: int
) -> None:
    context = ExactContext(batch_tokens=batch_tokens, can_truncate=can_truncate)
    context.before_pass = lambda number: context.abort() if number in aborted else None
    with scheduler(context) as made:
        for walk in walks:
            made.submit(walk)
        for walk in walks:
            if walk.leaves_after is None:
                assert walk.ended.wait(WAIT_S)
        settled(made)
    for walk in walks:
        assert walk.output == walk.expected()[: len(walk.output)]
        if walk.error is not None:
            assert len(walk.output) == walk.breaks_after
        elif walk.leaves_after is None:
            assert len(walk.output) == walk.length


@settings(deadline=None, max_examples=100)
@given(
    st.data(),
    st.lists(SHARED, min_size=1, max_size=8),
    st.booleans(),
    st.sets(st.integers(1, 60)),
)
def test_rows_of_a_scoring_are_those_of_its_sequence_whatever_runs_beside_it(
    data: st.DataObject, sequences: list[list[int]], can_truncate: bool, aborted: set[int]
) -> None:
    context = ExactContext(batch_tokens=8, can_truncate=can_truncate)
    context.before_pass = lambda number: context.abort() if number in aborted else None
    handed: list[list[Logits | JisrError]] = [[] for _ in sequences]
    num_rows = [data.draw(st.integers(1, len(tokens))) for tokens in sequences]
    walk = Walk([3], 200)
    with scheduler(context) as made:
        made.submit(walk)
        for tokens, wanted, box in zip(sequences, num_rows, handed, strict=True):
            made.submit(Scoring(tokens, wanted, box.append))
        assert walk.ended.wait(WAIT_S)
        settled(made)
    for tokens, wanted, box in zip(sequences, num_rows, handed, strict=True):
        (rows,) = box
        ends = range(len(tokens) - wanted + 1, len(tokens) + 1)
        assert isinstance(rows, np.ndarray)
        assert (rows == np.array([row_of(tokens[:end]) for end in ends])).all()


def test_what_decodes_goes_into_every_pass_and_prefill_fills_the_room() -> None:
    context = ExactContext(batch_tokens=8)
    gate = Gate(context, 2)
    first, second = Walk([1], 30), Walk([2] * 20, 1)
    with scheduler(context) as made:
        made.submit(first)
        assert gate.reached.wait(WAIT_S)
        made.submit(second)
        gate.open()
        assert second.ended.wait(WAIT_S)
    sizes = [[len(append.tokens) for append in appends] for appends in context.passes[2:5]]
    assert sizes == [[1, 7], [1, 7], [1, 6]]


def test_a_long_scoring_waits_for_nobody_and_holds_nobody_up() -> None:
    context = ExactContext(batch_tokens=512)
    gate = Gate(context, 2)
    handed: list[Logits | JisrError] = []
    decoding = Walk([1], 30)
    with scheduler(context) as made:
        made.submit(decoding)
        assert gate.reached.wait(WAIT_S)
        made.submit(Scoring([2] * 512, 512, handed.append))
        gate.open()
        assert decoding.ended.wait(WAIT_S)
        settled(made)
    sizes = [[len(append.tokens) for append in appends] for appends in context.passes[2:11]]
    assert sizes == [[1, 64]] * 8 + [[1]]
    (rows,) = handed
    assert isinstance(rows, np.ndarray)
    assert (rows == np.array([row_of([2] * end) for end in range(1, 513)])).all()


def test_a_follow_up_prefills_only_what_is_new() -> None:
    context = ExactContext()
    first = Walk([5] * 40, 3)
    with scheduler(context) as made:
        made.submit(first)
        assert first.ended.wait(WAIT_S)
        follow_up = Walk([*first.prompt, *first.output, 9, 9], 2)
        made.submit(follow_up)
        assert follow_up.ended.wait(WAIT_S)
    assert follow_up.num_cached == 42  # the last token of an answer is never decoded
    assert follow_up.output == follow_up.expected()


def test_a_running_sequence_can_be_copied() -> None:
    context = ExactContext(batch_tokens=64)
    gate = Gate(context, 3)
    first = Walk([5] * 50, 9)
    second = Walk([5] * 50 + [1], 3)
    with scheduler(context) as made:
        made.submit(first)
        assert gate.reached.wait(WAIT_S)
        made.submit(second)
        gate.open()
        assert first.ended.wait(WAIT_S)
        assert second.ended.wait(WAIT_S)
    assert second.num_cached == 50
    assert first.output == first.expected()
    assert second.output == second.expected()


def test_a_long_pass_is_aborted_for_a_task_that_left_and_the_others_lose_nothing() -> None:
    context = ExactContext(batch_tokens=64)
    gate = Gate(context, 1)
    leaving, staying = Walk([5] * 40, 3), Walk([6] * 20, 3)
    with scheduler(context) as made:
        made.submit(leaving)
        assert gate.reached.wait(WAIT_S)
        made.submit(staying)
        leaving.is_cancelled = True
        made.left(leaving)  # the gate stays shut: only the abort ends the pass
        assert staying.ended.wait(WAIT_S)
    assert context.num_aborted == 1
    assert leaving.output == []
    assert staying.output == staying.expected()


def test_a_task_that_left_another_pass_aborts_nothing() -> None:
    context = ExactContext(batch_tokens=64)
    gate = Gate(context, 1)
    staying, waiting = Walk([5] * 40, 3), Walk([6] * 20, 3)
    with scheduler(context) as made:
        made.submit(staying)
        assert gate.reached.wait(WAIT_S)
        made.submit(waiting)
        waiting.is_cancelled = True
        made.left(waiting)
        made.left(waiting)
        gate.open()
        assert staying.ended.wait(WAIT_S)
        settled(made)
    assert context.num_aborted == 0
    assert waiting.num_cached is None  # it was never placed


def test_a_task_that_left_while_it_waited_is_dropped() -> None:
    context = ExactContext(num_sequences=1)
    gate = Gate(context, 1)
    running, waiting = Walk([5] * 4, 2), Walk([6], 1)
    with scheduler(context) as made:
        made.submit(running)
        assert gate.reached.wait(WAIT_S)
        made.submit(waiting)
        waiting.is_cancelled = True
        made.left(waiting)
        gate.open()
        settled(made)
    assert waiting.output == []


def test_tasks_that_left_during_a_long_pass_take_no_place_among_those_that_wait() -> None:
    context = ExactContext(num_sequences=1)
    gate = Gate(context, 1)
    running, last = Walk([5] * 4, 2), Walk([6], 1)
    with scheduler(context, max_waiting=2) as made:
        made.submit(running)
        assert gate.reached.wait(WAIT_S)
        for _ in range(9):
            leaving = Walk([6], 1)
            made.submit(leaving)
            leaving.is_cancelled = True
            made.left(leaving)
        assert made.num_waiting == 0
        made.submit(last)  # equal to those that left, and still another
        gate.open()
        assert last.ended.wait(WAIT_S)
    assert last.output == last.expected()


def test_too_many_that_wait_are_refused() -> None:
    context = ExactContext(num_sequences=1)
    gate = Gate(context, 1)
    walks = [Walk([i], 1) for i in range(4)]
    with scheduler(context, max_waiting=2) as made:
        made.submit(walks[0])
        assert gate.reached.wait(WAIT_S)
        made.submit(walks[1])
        made.submit(walks[2])
        with pytest.raises(EngineBusy, match="2 turns wait"):
            made.submit(walks[3])
        gate.open()
        assert all(walk.ended.wait(WAIT_S) for walk in walks[:3])


def test_with_no_waiting_room_a_free_slot_still_takes_a_turn() -> None:
    walk = Walk([1], 1)
    with scheduler(ExactContext(), max_waiting=0) as made:
        made.submit(walk)
        assert walk.ended.wait(WAIT_S)


def test_a_failed_pass_is_told_to_who_runs_and_who_waits_starts_anew() -> None:
    context = ExactContext(num_sequences=1)
    error = EngineError("llama.cpp could not decode")

    def fail_once(number: int) -> None:
        if number == 1:
            gate_reached.set()
            assert may_fail.wait(WAIT_S)
            raise error

    gate_reached, may_fail = threading.Event(), threading.Event()
    context.before_pass = fail_once
    walks, after = [Walk([0] * 5, 2) for _ in range(3)], Walk([0] * 5, 2)
    with scheduler(context) as made:
        made.submit(walks[0])
        assert gate_reached.wait(WAIT_S)
        made.submit(walks[1])
        made.submit(walks[2])
        may_fail.set()
        assert all(walk.ended.wait(WAIT_S) for walk in walks)
        made.submit(after)
        assert after.ended.wait(WAIT_S)
    assert [walk.error for walk in walks] == [error, None, None]
    assert [walk.output for walk in walks[1:]] == [walk.expected() for walk in walks[1:]]
    assert walks[1].num_cached == 0  # what the failed pass left behind is not trusted
    assert after.output == after.expected()


def test_a_bug_stops_the_engine_and_everybody_is_told() -> None:
    context = ExactContext(num_sequences=1)
    gate = Gate(context, 1)
    walks = [Walk([i], 2) for i in range(3)]
    with scheduler(context) as made:
        made.submit(walks[0])
        assert gate.reached.wait(WAIT_S)
        made.submit(walks[1])
        made.submit(walks[2])
        context.held = []  # the context falls apart
        gate.open()
        assert all(walk.ended.wait(WAIT_S) for walk in walks)
        assert all(isinstance(walk.error, EngineError) for walk in walks)
        with pytest.raises(EngineClosed):
            made.submit(Walk([1], 1))


def test_closing_in_the_middle_of_a_pass_fails_what_runs_and_what_waits() -> None:
    context = ExactContext(num_sequences=1)
    gate = Gate(context, 1)
    walks = [Walk([i] * 5, 2) for i in range(3)]
    with scheduler(context) as made:
        made.submit(walks[0])
        assert gate.reached.wait(WAIT_S)
        made.submit(walks[1])
        made.submit(walks[2])
        assert made.close()
        assert all(isinstance(walk.error, EngineClosed) for walk in walks)
        with pytest.raises(EngineClosed):
            made.submit(Walk([1], 1))
        assert made.close(), "closing twice is harmless"


def test_closing_from_the_engines_own_thread_does_not_wait_for_itself() -> None:
    closed: list[bool] = []

    class Closing(Walk):
        def advance(self, rows: Logits, pass_us: int = 0) -> int | None:
            closed.append(made.close())
            return super().advance(rows, pass_us)

    walk = Closing([1], 2)
    with scheduler(ExactContext()) as made:
        made.submit(walk)
        assert walk.ended.wait(WAIT_S)
    assert closed == [False]


def test_many_threads_may_come_and_go_at_once() -> None:
    context = ExactContext(num_sequences=4, batch_tokens=16)
    walks = [Walk([i % 5] * (1 + i % 37), 1 + i % 7) for i in range(240)]
    with scheduler(context) as made:

        def serve(mine: Sequence[Walk]) -> None:
            for i, walk in enumerate(mine):
                made.submit(walk)
                if i % 3 == 0:
                    walk.is_cancelled = True
                    made.left(walk)

        threads = [threading.Thread(target=serve, args=(walks[i::8],)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT_S)
        assert all(walk.is_cancelled or walk.ended.wait(WAIT_S) for walk in walks)
        settled(made)
    assert all(walk.output == walk.expected() for walk in walks if not walk.is_cancelled)
