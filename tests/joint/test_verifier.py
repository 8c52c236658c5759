"""What a verifier makes of drafts: what is committed, what is dropped, and where it ends."""

import pytest

from jisr.joint.session import MAX_PENDING
from jisr.joint.wire import MAX_BLOCK, VERSION, Alone, Resume, Verdict, pack
from tests.joint.scripted import (
    CONTEXT,
    END,
    GREEDY,
    PROMPT,
    TEMPLATE,
    Cloud,
    Device,
    ScriptedTarget,
    wrong,
)


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
