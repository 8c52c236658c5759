"""Sessions of a verifier: how they begin, go on, are refused, and end."""

import math
from typing import Any

import pytest

from jisr.errors import EngineClosed, EngineError
from jisr.joint.wire import Alone, Cancel, Close, Propose, Refused, Resume, Verdict, pack
from tests.joint.scripted import CONTEXT, GREEDY, VOCAB, Cloud, Device, ScriptedTarget, opening


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
