"""Joint answers of a verifier that says what none should, too often, or nothing."""

import asyncio
import time
from collections.abc import Callable, Iterable

import pytest

from jisr.engine.engine import Engine
from jisr.errors import BackendBroken, BackendRefused
from jisr.joint.wire import (
    Alone,
    FromCloud,
    FromDevice,
    Hello,
    Open,
    Propose,
    Refused,
    Resume,
    Verdict,
    encode,
    pack,
)
from jisr.types import Delta
from tests.backends.failing_links import QUICKLY_S, STORY, fallback_of, pair_of, told_with
from tests.backends.verifiers import outbound
from tests.contracts.backend import complete, joined

GARBAGE = [
    b"",
    b"garbage",
    encode(Verdict(0, -1, pack([1]), 0, 0, 1)),
    encode(Verdict(0, 0, b"ab", 0, 0, 1)),
    encode(Verdict(0, 0, pack([2**24 - 1]), 0, 0, 1)),
    encode(Verdict(0, 0, pack([1]), -99, 0, 1)),
    encode(Verdict(0, 0, pack([1]), 0, -99, 1)),
    encode(Verdict(0, 0, pack([1]), 0, 0, -1)),
]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_what_no_verifier_says_ends_in_text_all_the_same(
    drafting_engine: Engine, garbage: bytes
) -> None:
    async def run() -> list[Delta]:
        async with pair_of(drafting_engine) as pair:
            num_said = 0

            def spoiled(message: FromCloud) -> Iterable[bytes]:
                nonlocal num_said
                num_said += isinstance(message, Verdict)
                return [garbage] if num_said == 6 else [encode(message)]

            pair.server.says = spoiled
            return await complete(pair.backend, outbound(max_output_tokens=40))

    deltas = asyncio.run(run())
    text = joined(deltas)
    assert text == STORY or fallback_of(deltas) == "device"
    assert text.startswith(STORY[:8])


@pytest.mark.parametrize(
    "first",
    [
        b"garbage",
        encode(Refused(0, "busy", "no")),
        encode(Hello(99, "m", "v", "t", 9, 1, (1.0, 1.0))),
        encode(Hello(1, "m", "v", "t", 9, 1, ())),
        encode(Hello(1, "m", "v", "t", 9, 1, (0.0, 0.0))),
        encode(Hello(1, "m", "v", "t", 9, 99, (1.0, 1.0))),
        encode(Hello(1, "m", "v", "t", 0, 1, (1.0, 1.0))),
    ],
)
def test_a_greeting_that_cannot_be_is_a_backend_that_is_broken(
    drafting_engine: Engine, first: bytes
) -> None:
    async def run() -> None:
        async with pair_of(drafting_engine, says=lambda _: [first]) as pair:
            with pytest.raises(BackendBroken):
                await complete(pair.backend, outbound())
            assert not pair.backend.is_healthy()
            assert not pair.link.is_open

    asyncio.run(run())


PASSING = ["idle", "invalid", "busy", "sessions"]


@pytest.mark.parametrize("code", [*PASSING, "engine", "too_long", "tokenizer", "new"])
def test_a_session_that_was_refused_midway_is_opened_again_or_finished_here(
    drafting_engine: Engine, code: str
) -> None:
    async def run() -> tuple[list[Delta], int]:
        async with pair_of(drafting_engine) as pair:

            def refuse() -> None:
                for session in pair.link._sessions:
                    pair.server.says = once(encode(Refused(session, code, "because")))

            deltas = await told_with(pair, refuse)
            return deltas, sum(isinstance(it, Open) for it in pair.server.heard)

    deltas, num_opened = asyncio.run(run())
    if code in PASSING:
        assert (joined(deltas), num_opened, fallback_of(deltas)) == (STORY, 2, None)
    else:
        use = deltas[-1].joint
        assert use and use.fallback_reason
        assert (use.fallback, num_opened) == ("device", 1)
        assert code in use.fallback_reason
        assert "because" in use.fallback_reason


def once(frame: bytes) -> Callable[[FromCloud], Iterable[bytes]]:
    """Say a frame in place of the next verdict."""
    frames = [frame]

    def says(message: FromCloud) -> Iterable[bytes]:
        return [frames.pop()] if frames else [encode(message)]

    return says


def always(code: str) -> Callable[[FromCloud], Iterable[bytes]]:
    def says(message: FromCloud) -> Iterable[bytes]:
        if isinstance(message, Hello):
            return [encode(message)]
        return [encode(Refused(message.session, code, "because"))]

    return says


@pytest.mark.parametrize("code", PASSING)
def test_a_session_that_is_always_refused_is_given_up(drafting_engine: Engine, code: str) -> None:
    async def run() -> tuple[list[Delta], int]:
        async with pair_of(drafting_engine, give_up_s=0.4) as pair:

            def refuse() -> None:
                pair.server.says = always(code)

            deltas = await told_with(pair, refuse)
            return deltas, sum(isinstance(it, Open) for it in pair.server.heard)

    deltas, num_opened = asyncio.run(run())
    assert fallback_of(deltas) == "device"
    assert num_opened <= 8


@pytest.mark.parametrize("code", ["busy", "sessions", "invalid", "tokenizer", "engine"])
def test_a_session_that_is_refused_at_first_is_for_another_place(
    drafting_engine: Engine, code: str
) -> None:
    async def run() -> None:
        async with pair_of(drafting_engine, says=always(code)) as pair:
            with pytest.raises(BackendRefused, match=code):
                await complete(pair.backend, outbound())

    asyncio.run(run())


@pytest.mark.parametrize("drafter", ["ngram", "both"])
def test_doubled_and_late_verdicts_change_nothing(drafting_engine: Engine, drafter: str) -> None:
    said: list[bytes] = []

    def again(message: FromCloud) -> Iterable[bytes]:
        frame = encode(message)
        if not isinstance(message, Verdict):
            return [frame]
        said.append(frame)
        return [frame, frame, said[len(said) // 2]]

    async def run() -> list[Delta]:
        async with pair_of(drafting_engine, says=again, drafter=drafter, pace=None) as pair:
            return await complete(pair.backend, outbound(max_output_tokens=40))

    assert joined(asyncio.run(run())) == STORY


def test_verdicts_that_are_lost_are_asked_for_again(drafting_engine: Engine) -> None:
    """No link that works loses messages; but then nothing depends on that."""
    num_said = 0

    def lossy(message: FromCloud) -> Iterable[bytes]:
        nonlocal num_said
        num_said += 1
        return [] if num_said % 7 == 5 else [encode(message)]

    async def run() -> list[Delta]:
        async with pair_of(drafting_engine, says=lossy, verdict_timeout_s=0.05) as pair:
            return await complete(pair.backend, outbound(max_output_tokens=40))

    assert joined(asyncio.run(run())) == STORY


def test_proposals_that_are_lost_are_made_again(drafting_engine: Engine) -> None:
    num_heard = 0

    def lossy(message: FromDevice) -> Iterable[FromDevice]:
        nonlocal num_heard
        num_heard += isinstance(message, Propose | Alone | Resume)
        return [] if isinstance(message, Propose | Alone) and num_heard % 6 == 5 else [message]

    async def run() -> list[Delta]:
        async with pair_of(drafting_engine, hears=lossy, verdict_timeout_s=0.05) as pair:
            return await complete(pair.backend, outbound(max_output_tokens=40))

    assert joined(asyncio.run(run())) == STORY


def test_a_verifier_that_answers_and_never_brings_a_token_is_not_waited_for_for_ever(
    drafting_engine: Engine,
) -> None:
    async def run() -> list[Delta]:
        async with pair_of(drafting_engine, read_timeout_s=0.3, give_up_s=15.0) as pair:

            def hang() -> None:
                pair.server.says = empty

            return await told_with(pair, hang)

    begun = time.perf_counter()
    deltas = asyncio.run(run())
    assert fallback_of(deltas) == "device"
    assert time.perf_counter() - begun < QUICKLY_S


def empty(message: FromCloud) -> Iterable[bytes]:
    """Answer questions, and commit nothing."""
    if not isinstance(message, Verdict):
        return [encode(message)]
    return [] if message.service_ms else [encode(Verdict(message.session, 0, b"", 0, 0, 0))]
