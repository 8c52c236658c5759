import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jisr.errors import EngineClosed, EngineError
from jisr.joint.session import MAX_PENDING
from jisr.joint.wire import (
    MAX_BLOCK,
    VERSION,
    Alone,
    Cancel,
    Close,
    Propose,
    Refused,
    Resume,
    Verdict,
    pack,
    unpack,
)
from jisr.types import Sampling
from tests.joint.scripted import (
    CONTEXT,
    END,
    TEMPLATE,
    VOCAB,
    Cloud,
    Device,
    ScriptedTarget,
    opening,
)

PROMPT = [1, 2, 3]
GREEDY = Sampling()


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def device(cloud: Cloud) -> Device:
    return Device(cloud)


@pytest.fixture
def right(cloud: Cloud) -> list[int]:
    """What the target says after the prompt."""
    return cloud.target.alone(PROMPT, 90, GREEDY, 0)


def wrong(token: int) -> int:
    return (token + 1) % END


def test_it_says_first_what_it_is(device: Device) -> None:
    hello = device.hello()

    assert (hello.version, hello.model, hello.template) == (VERSION, "scripted", TEMPLATE)
    assert (hello.vocabulary, hello.context_tokens) == ("letters", CONTEXT)
    assert (hello.strict_block, hello.pass_ms) == (3, (30.0, 40.0))


def test_nothing_runs_before_something_is_proposed(cloud: Cloud, device: Device) -> None:
    device.open()

    assert (cloud.target.tasks, device.said) == ([], [])


def test_a_prompt_is_read_before_drafts_come_where_a_device_says_so(
    cloud: Cloud, device: Device, right: list[int]
) -> None:
    device.open(until=len(PROMPT))
    assert [task.prompt for task in cloud.target.tasks] == [PROMPT[:-1]]
    cloud.work()
    assert device.said == []

    device.propose(3, right[:4])
    cloud.work()
    assert device.verdicts() == [Verdict(0, 3, pack(right[:5]), 4, 0, 1)]


def test_drafts_that_come_while_the_prompt_is_read_are_judged_behind_it(
    cloud: Cloud, device: Device, right: list[int]
) -> None:
    device.open(until=len(PROMPT))
    device.propose(3, right[:2])
    cloud.work()

    assert device.verdicts() == [Verdict(0, 3, pack(right[:3]), 2, 0, 1)]


def test_drafts_that_are_right_are_committed_with_the_targets_own(
    cloud: Cloud, device: Device, right: list[int]
) -> None:
    device.open()
    device.propose(3, right[:4])
    cloud.work()

    assert device.verdicts() == [Verdict(0, 3, pack(right[:5]), 4, 0, 1)]
    assert cloud.target.blocks == [4]


def test_from_the_first_that_is_wrong_on_drafts_are_dropped(
    cloud: Cloud, device: Device, right: list[int]
) -> None:
    device.open()
    device.propose(3, [right[0], wrong(right[1]), right[2]])
    cloud.work()

    assert device.verdicts() == [Verdict(0, 3, pack(right[:2]), 1, 2, 1)]
    assert cloud.target.blocks == [3]


def test_drafts_that_come_during_a_pass_are_the_next(
    cloud: Cloud, device: Device, right: list[int]
) -> None:
    device.open()
    device.propose(3, right[:2])
    device.propose(5, right[2:4])
    device.propose(7, right[4:6])
    cloud.work()

    assert cloud.target.blocks == [2, 3]
    assert device.committed() == right[:7]


def test_a_reject_drops_what_came_during_the_pass(
    cloud: Cloud, device: Device, right: list[int]
) -> None:
    device.open()
    device.propose(3, [wrong(right[0])])
    device.propose(4, right[1:9])
    cloud.work()

    assert cloud.target.blocks == [1]
    assert device.committed() == right[:1]


def test_a_pass_has_so_many_tokens_and_no_more(
    cloud: Cloud, device: Device, right: list[int]
) -> None:
    device.open()
    device.propose(3, right[:40])
    cloud.work()

    assert MAX_PENDING == 32
    assert cloud.target.blocks == [MAX_BLOCK - 1, MAX_BLOCK - 1]
    assert device.committed() == right[: 2 * MAX_BLOCK]


def test_a_strict_pass_is_no_longer_than_where_logits_are_the_same(
    cloud: Cloud, device: Device, right: list[int]
) -> None:
    device.open(is_strict=True)
    device.propose(3, right[:6])
    assert cloud.target.tasks[0].strict_prompt == len(PROMPT) - 1
    cloud.work()

    assert cloud.target.blocks == [2, 2]
    assert device.committed() == right[:6]


@pytest.mark.parametrize("is_sent_twice", [True, False])
def test_a_proposal_that_comes_late_or_twice_changes_nothing(
    cloud: Cloud, device: Device, right: list[int], is_sent_twice: bool
) -> None:
    device.open()
    for _ in range(1 + is_sent_twice):
        device.propose(3, right[:2])
        device.propose(5, right[2:4])
    cloud.work()
    device.propose(3, right[:4])
    cloud.work()

    assert device.committed() == right[:5]


def test_what_agrees_with_the_committed_is_trimmed_and_the_rest_is_verified(
    cloud: Cloud, device: Device, right: list[int]
) -> None:
    device.open()
    device.propose(3, right[:2])
    cloud.work()
    device.propose(4, right[1:5])
    cloud.work()

    assert device.verdicts()[1] == Verdict(0, 6, pack(right[3:6]), 2, 0, 1)


@pytest.mark.parametrize(
    ("position", "tokens"), [(7, [0, 1]), (40, [0]), (4, [0, 0, 0]), (0, [9, 9, 9, 9, 9, 9, 9, 9])]
)
def test_a_proposal_with_a_gap_or_against_what_is_committed_is_dropped(
    cloud: Cloud, device: Device, right: list[int], position: int, tokens: list[int]
) -> None:
    device.open()
    device.propose(3, right[:2])
    cloud.work()
    device.propose(position, tokens)

    assert cloud.target.tasks == []
    assert device.committed() == right[:3]


def test_the_newer_guess_takes_the_place_of_the_older(
    cloud: Cloud, device: Device, right: list[int]
) -> None:
    device.open()
    device.propose(3, right[:1])
    device.propose(4, [wrong(right[1]), wrong(right[2])])
    device.propose(5, right[2:4])
    device.propose(4, right[1:4])
    cloud.work()

    assert cloud.target.blocks == [1, 2]
    assert device.committed() == right[:5]


def test_it_decodes_alone_as_far_as_it_is_let_one_verdict_each(
    cloud: Cloud, device: Device, right: list[int]
) -> None:
    device.open(until=6)
    cloud.work()
    device.send(Alone(0, 8))
    cloud.work()

    assert device.verdicts() == [
        Verdict(0, 3 + number, pack([token]), 0, 0, 1) for number, token in enumerate(right[:5])
    ]


def test_drafts_end_its_decoding_alone_at_the_next_token(
    cloud: Cloud, device: Device, right: list[int]
) -> None:
    device.open(until=90)
    cloud.target.step()
    cloud.hand_over()
    device.propose(4, right[1:5])
    cloud.target.step()
    cloud.hand_over()
    cloud.target.step()
    cloud.hand_over()

    assert cloud.target.blocks == [0, 0, 3]
    assert device.committed() == right[:6]
    assert len(cloud.target.tasks) == 1  # and it goes on alone


def test_it_is_told_to_wait_for_drafts(cloud: Cloud, device: Device, right: list[int]) -> None:
    device.open(until=90)
    cloud.target.step()
    cloud.hand_over()
    device.send(Alone(0, 0))
    cloud.work()

    assert device.committed() == right[:2]


def test_a_block_that_is_wrong_is_followed_alone_all_the_same(
    cloud: Cloud, device: Device, right: list[int]
) -> None:
    device.open()
    device.propose(3, [wrong(right[0]), 0])
    device.send(Alone(0, 6))
    cloud.work()

    assert device.committed() == right[:3]


def test_it_catches_up_with_a_device_that_knows_more(
    cloud: Cloud, device: Device, right: list[int]
) -> None:
    device.open()
    device.send(Resume(0, 7))
    device.send(Alone(0, 0))
    device.propose(7, right[4:6])
    cloud.work()
    assert device.committed() == right[:4]

    device.propose(7, right[4:6])
    cloud.work()
    assert device.committed() == right[:7]


def test_what_is_committed_can_be_asked_for_again(
    cloud: Cloud, device: Device, right: list[int]
) -> None:
    device.open()
    device.propose(3, right[:4])
    cloud.work()
    device.send(Resume(0, 5))
    device.send(Resume(0, 8))

    assert device.verdicts()[1:] == [
        Verdict(0, 5, pack(right[2:5]), 0, 0, 0),
        Verdict(0, 8, b"", 0, 0, 0),
    ]
    assert cloud.target.tasks == []


def test_cancel_forgets_what_is_proposed_and_the_pass(
    cloud: Cloud, device: Device, right: list[int]
) -> None:
    device.open(until=90)
    device.propose(3, right[:4])
    cloud.target.step()  # what it puts out is on its way
    device.send(Cancel(0))
    cloud.work()
    assert (device.said, cloud.target.tasks) == ([], [])

    device.propose(3, right[:4])
    cloud.work()
    assert device.committed() == right[:5]


def test_close_ends_a_session_and_its_pass(cloud: Cloud, device: Device, right: list[int]) -> None:
    device.open(until=90)
    device.send(Close(0))
    device.propose(3, right[:4])
    cloud.work()

    assert (device.said, cloud.target.tasks) == ([], [])
    assert cloud.verifier.num_sessions == 0


def test_a_session_goes_on_over_another_connection(
    cloud: Cloud, device: Device, right: list[int]
) -> None:
    device.open(until=90)
    cloud.target.step()
    cloud.target.step()  # neither is told any more
    device.connection.close()
    cloud.hand_over()
    again = Device(cloud)
    again.open(output=pack(right[:2]))
    again.propose(5, right[2:6])
    cloud.work()

    assert (device.said, cloud.verifier.num_sessions) == ([], 1)
    assert again.verdicts() == [Verdict(0, 5, pack(right[2:7]), 4, 0, 1)]


def test_a_number_in_use_begins_anew(cloud: Cloud, device: Device, right: list[int]) -> None:
    device.open(until=90)
    cloud.target.step()
    device.open([1, 2])
    device.propose(2, [3])
    cloud.work()

    assert len(cloud.target.blocks) == 2
    assert [verdict.position for verdict in device.verdicts()] == [2]
    assert cloud.verifier.num_sessions == 1


def test_two_sessions_do_not_mix(cloud: Cloud, device: Device, right: list[int]) -> None:
    other = cloud.target.alone([4, 5], 9, GREEDY, 0)
    device.open()
    device.open([4, 5], session=1)
    device.propose(3, right[:2])
    device.propose(2, other[:3], session=1)
    cloud.work()
    device.send(Close(0))
    device.propose(6, [0, 0], session=1)
    cloud.work()

    assert device.committed(0) == right[:3]
    assert device.committed(1) == other[:5]


def test_nothing_follows_the_end_of_the_turn() -> None:
    cloud = Cloud(ScriptedTarget(ends=True))
    seed = next(s for s in range(99) if len(cloud.target.alone([s], 80, GREEDY, 0)) in range(3, 12))
    said = cloud.target.alone([seed], 80, GREEDY, 0)
    device = Device(cloud)

    device.open([seed])
    device.propose(1, [*said, 5, 6])
    cloud.work()
    device.propose(1 + len(said), [7])
    device.send(Alone(0, 90))
    device.open([seed], session=1, until=90)
    device.open([seed], session=2, output=pack(said), until=90)
    cloud.work()

    assert said[-1] == END
    (verdict,) = device.verdicts(0)
    assert (verdict.num_accepted, verdict.num_rejected) == (len(said), 2)
    assert device.committed(0) == device.committed(1) == said
    assert device.committed(2) == []


@pytest.mark.parametrize("way", ["alone", "drafts"])
def test_it_never_holds_more_than_was_asked_for(
    cloud: Cloud, device: Device, right: list[int], way: str
) -> None:
    device.open(max_tokens=3 + 7, until=90 if way == "alone" else 0)
    device.propose(3, right[:30] if way == "drafts" else [])
    cloud.work()

    assert device.committed() == right[:7]
    assert max(cloud.target.blocks) <= 6


def test_the_context_can_be_filled_to_its_last_token(cloud: Cloud, device: Device) -> None:
    prompt = [1] * (CONTEXT - 2)
    device.open(prompt, max_tokens=CONTEXT, until=CONTEXT)
    device.open(prompt, session=1, max_tokens=CONTEXT)
    device.propose(CONTEXT - 2, [0, 0, 0, 0], session=1)
    cloud.work()

    assert len(device.committed(0)) == 2
    assert len(device.committed(1)) == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"vocabulary": "another"}, "tokenizer"),
        ({"template": "another"}, "template"),
        ({"prompt": b""}, "invalid"),
        ({"prompt": b"ab"}, "invalid"),
        ({"prompt": pack([VOCAB])}, "invalid"),
        ({"output": pack([1, VOCAB])}, "invalid"),
        ({"session": -1}, "invalid"),
        ({"until": -1}, "invalid"),
        ({"temperature": -0.1}, "invalid"),
        ({"temperature": math.nan}, "invalid"),
        ({"top_p": 0.0}, "invalid"),
        ({"top_k": -1}, "invalid"),
        ({"min_p": 2.0}, "invalid"),
        ({"seed": -1}, "invalid"),
        ({"seed": 2**63}, "invalid"),
        ({"max_tokens": CONTEXT + 1}, "too_long"),
        ({"max_tokens": 0}, "too_long"),
        ({"max_tokens": 3}, "too_long"),  # no room for an answer
        ({"max_tokens": 5, "output": pack([1, 1, 1])}, "too_long"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(
    cloud: Cloud, device: Device, fields: dict[str, Any], code: str
) -> None:
    device.send(opening(**{"until": 90, **fields}))

    assert device.refusals() == [(fields.get("session", 0), code)]
    assert (cloud.target.tasks, cloud.verifier.num_sessions) == ([], 0)


@pytest.mark.parametrize(
    "message",
    [
        Propose(0, 3, pack([VOCAB])),
        Propose(0, 3, b"ab"),
        Propose(0, -1, pack([1])),
        Alone(0, -1),
        Resume(0, -1),
    ],
)
def test_a_message_that_cannot_be_ends_its_session(
    cloud: Cloud, device: Device, message: Any
) -> None:
    device.open(until=90)
    device.send(message)
    cloud.work()

    assert device.refusals() == [(0, "invalid")]
    assert (cloud.target.blocks, cloud.verifier.num_sessions) == ([], 0)


def test_who_asks_about_a_session_that_is_not_open_is_told(device: Device) -> None:
    for message in (Propose(7, 0, b""), Alone(7, 1), Cancel(7), Close(7), Resume(7, 0)):
        device.send(message)

    assert device.refusals() == [(7, "invalid")]


def test_sessions_are_counted_by_client_and_in_all() -> None:
    cloud = Cloud(max_sessions=3, max_sessions_per_client=2)
    one, two = Device(cloud, "one"), Device(cloud, "two")
    same = Device(cloud, "one")
    for number in range(2):
        one.open(session=number)
    one.open(session=1)  # it takes its own place
    same.open(session=5)
    two.open()
    two.open(session=1)

    assert (one.refusals(), same.refusals()) == ([], [(5, "sessions")])
    assert two.refusals() == [(1, "sessions")]
    one.connection.close()
    two.open(session=1)
    same.open()
    assert cloud.verifier.num_sessions == 3
    assert len(two.refusals()) == 1


def test_a_session_for_which_nothing_comes_is_forgotten() -> None:
    cloud = Cloud(session_idle_s=10)
    device = Device(cloud)
    device.open()
    device.open([2], session=1)
    cloud.clock.advance(6)
    device.send(Resume(1, 1))
    cloud.clock.advance(6)
    device.connection.expire()

    assert device.refusals() == [(0, "idle")]
    assert cloud.verifier.num_sessions == 1
    assert device.connection.idle_s == 0
    device.send(Close(1))
    cloud.clock.advance(3)
    assert device.connection.idle_s == 3


def test_a_session_that_waits_for_its_pass_is_not_idle() -> None:
    cloud = Cloud(session_idle_s=10)
    device = Device(cloud)
    device.open(until=4)
    cloud.clock.advance(11)
    device.connection.expire()
    cloud.work()
    device.connection.expire()

    assert (device.refusals(), len(device.committed())) == ([], 1)


def test_an_engine_whose_queue_is_full_refuses() -> None:
    cloud = Cloud(ScriptedTarget(room=1))
    device = Device(cloud)
    device.open(until=9)
    device.open(session=1, until=9)

    assert device.refusals() == [(1, "busy")]
    assert cloud.verifier.num_sessions == 1


@pytest.mark.parametrize("error", [EngineError("broken"), EngineClosed("shut down")])
def test_what_goes_wrong_in_the_engine_ends_the_session(
    cloud: Cloud, device: Device, error: EngineError
) -> None:
    device.open(until=9)
    cloud.target.break_down(error)
    cloud.hand_over()

    assert device.said == [Refused(0, "engine", str(error))]
    assert cloud.verifier.num_sessions == 0


def test_numbers_that_are_not_finite_are_a_fault_of_the_engine(
    cloud: Cloud, device: Device
) -> None:
    device.open(until=9)
    rows = cloud.target.row([0])[None] * math.nan

    with pytest.raises(EngineError, match="not finite"):
        cloud.target.tasks[0].advance(rows, 1)


class Unruly:
    """A device that sends what it likes, over a link that repeats and breaks."""

    def __init__(self, cloud: Cloud, target: list[int], fields: dict[str, Any]) -> None:
        self.cloud, self.target, self.fields = cloud, target, fields
        self.known = 0
        self.sent: list[Propose] = []
        self.device = Device(cloud)
        self.device.open(**fields)

    def listen(self) -> None:
        """Check what verdicts said, and take note of how much of the output is known."""
        for verdict in self.device.verdicts():
            tokens, start = unpack(verdict.tokens), verdict.position - len(PROMPT)
            assert tokens == self.target[start : start + len(tokens)]
            if tokens:
                self.known = max(self.known, start + len(tokens))
        assert self.device.refusals() == []

    def propose(self, at: int, are_right: list[bool]) -> None:
        drafted = [
            token if is_right else (token + 1) % VOCAB
            for token, is_right in zip(self.target[at:], are_right, strict=False)
        ]
        self.sent.append(Propose(0, len(PROMPT) + at, pack(drafted)))
        self.device.send(self.sent[-1])

    def send_again(self, at: int, _: list[bool]) -> None:
        if self.sent:
            self.device.send(self.sent[at % len(self.sent)])

    def set_alone(self, at: int, _: list[bool]) -> None:
        self.device.send(Alone(0, len(PROMPT) + at))

    def resume(self, at: int, _: list[bool]) -> None:
        self.device.send(Resume(0, len(PROMPT) + at))

    def cancel(self, *_: object) -> None:
        self.device.send(Cancel(0))

    def reconnect(self, *_: object) -> None:
        self.device.connection.close()
        self.device = Device(self.cloud)
        self.device.open(output=pack(self.target[: self.known]), **self.fields)

    def let_run(self, *_: object) -> None:
        self.cloud.target.step()

    def let_hear(self, *_: object) -> None:
        self.cloud.hand_over()


ACTIONS = [
    Unruly.propose,
    Unruly.propose,
    Unruly.send_again,
    Unruly.set_alone,
    Unruly.resume,
    Unruly.cancel,
    Unruly.reconnect,
    Unruly.let_run,
    Unruly.let_hear,
]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    actions=st.lists(
        st.tuples(
            st.sampled_from(ACTIONS), st.integers(-4, 6), st.lists(st.booleans(), max_size=18)
        ),
        max_size=40,
    ),
    sampling=st.builds(Sampling, temperature=st.sampled_from([0.0, 1.0]), top_k=st.integers(0, 9)),
    seed=st.integers(0, 2**63 - 1),
    is_strict=st.booleans(),
)
def test_whatever_is_sent_lost_or_repeated_what_comes_out_is_the_targets_own(
    actions: list[tuple[Any, int, list[bool]]], sampling: Sampling, seed: int, is_strict: bool
) -> None:
    cloud = Cloud(ScriptedTarget(ends=True))
    target = cloud.target.alone(PROMPT, 60, sampling, seed)
    fields = {
        "temperature": sampling.temperature,
        "top_k": sampling.top_k,
        "seed": seed,
        "is_strict": is_strict,
        "max_tokens": len(PROMPT) + 60,
    }
    unruly = Unruly(cloud, target, fields)

    for act, offset, are_right in actions:
        act(unruly, max(0, unruly.known + offset), are_right)
        unruly.listen()
    unruly.set_alone(99, [])
    cloud.work()
    unruly.listen()

    assert unruly.known == len(target)
    assert max(cloud.target.blocks, default=0) < (3 if is_strict else MAX_BLOCK)
