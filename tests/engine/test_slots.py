from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from jisr.engine.slots import WORTH_COPYING, Placement, Slot, Slots, common_prefix

PROMPTS = st.builds(
    lambda blocks, tail: [token for block in blocks for token in [block] * 16] + tail,
    st.lists(st.integers(0, 1), max_size=5),
    st.lists(st.integers(0, 2), min_size=1, max_size=4),
)


def is_consecutive(slots: Slots) -> bool:
    ids = [slot.seq_id for slot in slots.all if slot.is_taken]
    return not ids or ids == list(range(ids[0], ids[-1] + 1))


class SlotsMachine(RuleBasedStateMachine):
    """Turns come and go; the slots are used as the scheduler uses them."""

    running = Bundle("running")

    def __init__(self) -> None:
        super().__init__()
        self.slots = Slots(3)
        self.has_released = False

    @rule(target=running, prompt=PROMPTS, num_rows=st.integers(1, 3))
    def start(self, prompt: list[int], num_rows: int) -> Slot | None:
        before = [(list(slot.tokens), slot.is_taken) for slot in self.slots.all]
        placement = self.slots.place(prompt, num_rows)
        assert before == [(slot.tokens, slot.is_taken) for slot in self.slots.all]
        if placement is None:
            assert all(slot.is_taken for slot in self.slots.all)
            return None
        self.check(placement, prompt, num_rows)
        slot = placement.slot
        source = placement.copy_of or slot
        slot.tokens = source.tokens[: placement.num_cached] + prompt[placement.num_cached :]
        self.slots.take(slot)
        assert slot.tokens == prompt
        return slot

    def check(self, placement: Placement, prompt: list[int], num_rows: int) -> None:
        source = placement.copy_of or placement.slot
        num_cached = placement.num_cached
        assert not placement.slot.is_taken
        assert source.tokens[:num_cached] == prompt[:num_cached]
        assert 0 <= num_cached <= max(0, len(prompt) - num_rows)
        assert placement.copy_of is not placement.slot
        assert placement.copy_of is None or num_cached >= WORTH_COPYING
        usable = len(prompt) - num_rows
        best = max(common_prefix(slot.tokens, prompt, usable) for slot in self.slots.all)
        assert best < WORTH_COPYING or num_cached == best, "a long prefix is never wasted"

    @rule(slot=running, tokens=st.lists(st.integers(0, 2), max_size=5))
    def extend(self, slot: Slot | None, tokens: list[int]) -> None:
        if slot is not None and slot.is_taken:
            slot.tokens.extend(tokens)

    @rule(slot=consumes(running))
    def finish(self, slot: Slot | None) -> None:
        if slot is not None and slot.is_taken:
            self.slots.release(slot)
            self.has_released = True

    @invariant()
    def nobody_runs_beyond_a_gap(self) -> None:
        assert self.has_released or is_consecutive(self.slots)

    @invariant()
    def ids_stay(self) -> None:
        assert [slot.seq_id for slot in self.slots.all] == [0, 1, 2]


TestSlots = SlotsMachine.TestCase


def holding(*contents: Sequence[int], batch_tokens: int = 512) -> Slots:
    slots = Slots(len(contents), batch_tokens=batch_tokens)
    for slot, tokens in zip(slots.all, contents, strict=True):
        slots.take(slot)
        slot.tokens = list(tokens)
        slots.release(slot)
    return slots


@given(st.permutations(range(6)))
def test_turns_that_share_nothing_run_side_by_side_whatever_ran_before(order: list[int]) -> None:
    slots = Slots(6)
    for seq_id in order:
        slots.take(slots.all[seq_id])
        slots.all[seq_id].tokens = [seq_id] * 9
        slots.release(slots.all[seq_id])
    for number in range(6):
        placement = slots.place([10 + number] * 9)
        assert placement is not None
        slots.take(placement.slot)
        assert is_consecutive(slots)
        assert number > 0 or placement.slot.seq_id == order[0], "nobody ran: the oldest goes"


def test_a_turn_beside_one_that_runs_fills_the_gap_that_was_used_longest_ago() -> None:
    slots = holding([1], [2], [3], [4], [5])
    slots.take(slots.all[3])
    placement = slots.place([9, 9])

    assert placement is not None
    assert placement.slot.seq_id == 2


SYSTEM = list(range(100))


@pytest.mark.parametrize(
    ("contents", "prompt", "seq_id", "num_cached", "copy_of"),
    [
        ([[], []], SYSTEM, 0, 0, None),
        ([[1], []], SYSTEM, 1, 0, None),  # an empty one goes first
        ([[1], [2]], SYSTEM, 0, 0, None),  # else the one used longest ago
        ([[1], SYSTEM], [*SYSTEM, 7], 1, 100, None),  # a follow-up comes home
        ([[1], SYSTEM], SYSTEM, 1, 99, None),  # the last token's logits are needed
        ([[1], [*SYSTEM, *[5] * 50]], [*SYSTEM, 7], 0, 100, 1),  # a fork keeps both
        ([[1], [*SYSTEM, 5, 5]], [*SYSTEM, 7], 1, 100, None),  # a few tokens lost are no loss
        ([[1], [0, 1, 9, *[5] * 50]], SYSTEM, 0, 0, None),  # nor a few shared a gain
    ],
)
def test_a_turn_goes_where_least_is_lost(
    contents: list[list[int]], prompt: list[int], seq_id: int, num_cached: int, copy_of: int | None
) -> None:
    placement = holding(*contents).place(prompt)

    assert placement is not None
    assert placement.slot.seq_id == seq_id
    assert placement.num_cached == num_cached
    assert (placement.copy_of and placement.copy_of.seq_id) == copy_of


@given(st.lists(st.integers(0, 1)), st.lists(st.integers(0, 1)), st.integers(-3, 12))
def test_a_common_prefix_is_common_and_cannot_be_longer(a: list[int], b: list[int], n: int) -> None:
    length = common_prefix(a, tuple(b), n)

    assert a[:length] == b[:length]
    assert length == max(0, min(n, len(a), len(b))) or a[length] != b[length]


@pytest.mark.parametrize(
    ("marks", "contents", "strict_prompt", "seq_id", "num_cached"),
    [
        ([90, None], [SYSTEM, []], 90, 0, 99),
        ([39, None], [SYSTEM, [1]], 80, 0, 0),  # prefilled in other pieces
        ([None, None], [SYSTEM, []], 90, 1, 0),  # not strictly
        ([90, 90], [SYSTEM[:89], SYSTEM[:95]], 90, 1, 95),
        ([90, 90], [SYSTEM[:39], [7]], 90, 0, 0),  # a prompt that was not finished
        ([0, None], [[], SYSTEM], 0, 0, 0),
        ([90, 70], [SYSTEM, SYSTEM], 80, 0, 80),  # two pieces of 40
        ([79, 120], [SYSTEM, SYSTEM[:60]], 80, 0, 40),
        ([120, 120], [SYSTEM[:30], SYSTEM[:90]], 80, 1, 80),
    ],
)
def test_a_strict_turn_finds_only_what_was_computed_as_it_would_compute_it(
    marks: list[int | None],
    contents: list[list[int]],
    strict_prompt: int,
    seq_id: int,
    num_cached: int,
) -> None:
    slots = holding(*contents, batch_tokens=40)
    for slot, mark in zip(slots.all, marks, strict=True):
        slot.strict_prompt = mark
    placement = slots.place(SYSTEM, 1, strict_prompt)

    assert placement is not None
    assert (placement.slot.seq_id, placement.num_cached) == (seq_id, num_cached)
    assert placement.copy_of is None
    for slot in slots.all:
        slots.take(slot)
    assert slots.place(SYSTEM, 1, strict_prompt) is None
