import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any, cast

import pytest

from jisr.backends.base import Backend
from jisr.backends.joint import JointBackend
from jisr.clock import SystemClock
from jisr.config import JointSettings
from jisr.engine.engine import Engine
from jisr.errors import BackendRefused, ContextOverflow, InvalidRequest, PrivacyError
from jisr.joint.pace import CheapPace, FixedPace, Pace
from jisr.joint.statistics import Statistics
from jisr.joint.wire import Close, Open
from jisr.types import Delta, Exact, FinishReason, Goal, JointOptions, JointUse, Outbound, Sampling
from tests.backends.verifiers import (
    LIMIT_S,
    PROMPT,
    SayingTarget,
    both,
    link_to,
    outbound,
    prompt_of,
    saying,
    tokens_of,
)
from tests.contracts.backend import REQUEST, BackendContract, complete, first_of, joined
from tests.joint.models import exact_engine
from tests.joint.scripted import Measured

STORY = "one two three four one two three four one two three four"
MIXED = "مرحبا يا 🙂👩‍👩‍👧 عالم naïve"


@pytest.fixture
def target_engine() -> Engine:
    return exact_engine()


def fixed(block: int) -> Pace:
    return FixedPace(block)


class TestJointBackend(BackendContract[Outbound]):
    """The contract, with a verifier whose answers are known."""

    turn = outbound()

    @pytest.fixture(autouse=True)
    def _drafting(self, drafting_engine: Engine) -> None:
        self.engine = drafting_engine

    @asynccontextmanager
    async def serving(self, *pieces: str) -> AsyncIterator[Backend[Outbound]]:
        target = saying(self.engine, "".join(pieces), pass_s=0.002)
        async with both(target, self.engine, drafter="both") as self.pair:
            yield self.pair.backend

    @asynccontextmanager
    async def failing(self) -> AsyncIterator[Backend[Outbound]]:
        async with both(saying(self.engine, "a"), self.engine) as pair:
            await pair.server.kill()
            yield pair.backend

    async def until_stopped(self) -> None:
        await self.pair.until_quiet()


def told(
    target: SayingTarget | Engine,
    engine: Engine,
    turn: Outbound,
    pace: Pace | None = None,
    **settings: Any,
) -> list[Delta]:
    async def run() -> list[Delta]:
        async with both(target, engine, pace=(lambda: pace) if pace else None, **settings) as pair:
            deltas = await complete(pair.backend, turn)
            await pair.until_quiet()
            return deltas

    return asyncio.run(run())


def use_of(deltas: list[Delta]) -> JointUse:
    use = deltas[-1].joint
    assert use is not None
    return use


@pytest.mark.parametrize("block", [0, 1, 3, 15])
def test_characters_that_tokens_cut_come_whole(drafting_engine: Engine, block: int) -> None:
    target = saying(drafting_engine, MIXED)
    deltas = told(target, drafting_engine, outbound(), fixed(block) if block else None)

    assert joined(deltas) == MIXED
    assert "\ufffd" not in "".join(delta.text for delta in deltas)
    assert deltas[-1].finish_reason is FinishReason.STOP


def test_what_it_took_adds_up(drafting_engine: Engine) -> None:
    async def run() -> tuple[list[Delta], int]:
        async with both(
            saying(drafting_engine, STORY), drafting_engine, pace=lambda: fixed(4)
        ) as pair:
            deltas = await complete(pair.backend, outbound())
            return deltas, sum(int(str(row["accepted"])) for row in pair.backend.trace)

    deltas, num_verified = asyncio.run(run())
    use, usage = use_of(deltas), deltas[-1].usage

    num = len(tokens_of(drafting_engine, STORY))
    assert usage
    assert (usage.input_tokens, usage.output_tokens) == (len(prompt_of(drafting_engine)), num)
    assert use.rounds + use.alone == use.passes
    assert num_verified + use.passes == num + 1  # with the token that ends the turn
    # the verifier may have made one alone before the right guess of it came
    assert 0 < num_verified <= use.accepted <= use.drafted
    assert len(use.block_lengths) == use.rounds
    assert max(use.block_lengths) <= 4
    assert (use.goal, use.exact, use.fallback) == (Goal.FAST, Exact.FAST, None)
    assert use.strict_block == 16
    assert use.bytes_up > 3 * len(prompt_of(drafting_engine))
    assert use.bytes_down > 3 * num
    assert use.rtt_ms is not None
    assert deltas[-1].model == "saying"


def test_an_answer_ends_with_the_room_that_was_given_inside_a_verdict_too(
    drafting_engine: Engine,
) -> None:
    said = tokens_of(drafting_engine, STORY)
    for most in range(1, 12):
        turn = outbound(max_output_tokens=most)
        deltas = told(saying(drafting_engine, STORY), drafting_engine, turn, fixed(15))
        pieces = b"".join(map(drafting_engine.vocabulary.piece, said[:most]))

        assert joined(deltas) == pieces.decode()
        assert deltas[-1].finish_reason is FinishReason.LENGTH
        assert deltas[-1].usage and deltas[-1].usage.output_tokens == most


@pytest.mark.parametrize("block", [1, 3, 15])
@pytest.mark.parametrize("stop", ["four one", "three", "e", " two three four one two"])
def test_a_stop_string_ends_it_wherever_verdicts_cut_the_text(
    drafting_engine: Engine, stop: str, block: int
) -> None:
    turn = outbound(stop=(stop,))
    deltas = told(saying(drafting_engine, STORY), drafting_engine, turn, fixed(block))

    assert joined(deltas) == STORY[: STORY.index(stop)]
    assert deltas[-1].finish_reason is FinishReason.STOP


def test_a_request_that_was_not_redacted_is_refused_before_anything_is_sent(
    drafting_engine: Engine,
) -> None:
    async def run() -> int:
        async with both(saying(drafting_engine, "a"), drafting_engine) as pair:
            with pytest.raises(PrivacyError):
                await complete(pair.backend, cast(Any, REQUEST))
            return pair.server.num_connections

    assert asyncio.run(run()) == 0


@pytest.mark.parametrize("form", [{"json_schema": {"type": "object"}}, {"grammar": 'root ::= "a"'}])
def test_a_form_is_refused(drafting_engine: Engine, form: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="schema or grammar"):
        told(saying(drafting_engine, "a"), drafting_engine, outbound(**form))


def test_a_prompt_that_does_not_fit_there_says_by_how_much(drafting_engine: Engine) -> None:
    num = len(prompt_of(drafting_engine))
    target = saying(drafting_engine, STORY, context_tokens=num)
    with pytest.raises(ContextOverflow, match=f"has {num} tokens, 1 more") as raised:
        told(target, drafting_engine, outbound())
    assert "device.context_tokens on the machine that serves that model" in str(raised.value)

    target = saying(drafting_engine, STORY, context_tokens=num + 3)
    deltas = told(target, drafting_engine, outbound())
    assert deltas[-1].finish_reason is FinishReason.LENGTH
    assert deltas[-1].usage and deltas[-1].usage.output_tokens == 3


class Foreign:
    """Another tokenizer."""

    num_tokens = 9

    def is_end(self, token: int) -> bool:
        return token == 0

    def fingerprint(self) -> str:
        return "another"


def test_another_tokenizer_is_refused_and_not_asked_again(drafting_engine: Engine) -> None:
    target = saying(drafting_engine, "a")
    target.vocabulary = Foreign()  # type: ignore[assignment]

    async def run() -> None:
        async with both(target, drafting_engine) as pair:
            assert pair.backend.is_healthy()
            with pytest.raises(BackendRefused, match="another tokenizer"):
                await complete(pair.backend, outbound())
            assert not pair.backend.is_healthy()
            assert pair.backend.offer(JointOptions()) is None
            assert pair.server.heard == []

    asyncio.run(run())


def test_what_it_would_take_is_known_once_it_was_asked_in_the_background(
    drafting_engine: Engine,
) -> None:
    async def run() -> None:
        async with both(saying(drafting_engine, STORY), drafting_engine) as pair:
            assert (pair.backend.model, pair.backend.offer(JointOptions())) == ("joint", None)
            while (offer := pair.backend.offer(JointOptions())) is None:
                await asyncio.sleep(0.002)
            assert (offer.model, offer.alone_ms, offer.strict_block) == ("saying", 100.0, 16)
            assert pair.server.num_connections == 1
            await complete(pair.backend, outbound())
            after = pair.backend.offer(JointOptions())
            assert after is not None
            assert after.joint_ms < offer.joint_ms
            assert 0 < after.passes_per_token <= 1.1

    asyncio.run(run())


def test_nothing_is_offered_where_nobody_verifies(drafting_engine: Engine) -> None:
    async def run() -> None:
        async with both(saying(drafting_engine, "a"), drafting_engine) as pair:
            await pair.server.kill()
            assert pair.backend.offer(JointOptions()) is None
            while pair.backend.is_healthy():
                await asyncio.sleep(0.002)
            assert pair.backend.offer(JointOptions()) is None

    asyncio.run(run())


def test_closing_early_frees_the_session_there_and_stops_the_drafter(
    drafting_engine: Engine,
) -> None:
    target = saying(drafting_engine, STORY * 4, pass_s=0.02)

    async def run() -> None:
        async with both(target, drafting_engine, drafter="model") as pair:
            async with aclosing(pair.backend.stream(outbound())) as stream:
                await first_of(stream)
                assert pair.server.verifier.num_sessions == 1
            await pair.until_quiet()
            assert isinstance(pair.server.heard[-1], Close)
            assert (target.tasks, pair.link._sessions) == ([], {})

    asyncio.run(run())


def test_a_turn_that_is_cancelled_leaves_nothing_behind(drafting_engine: Engine) -> None:
    target = saying(drafting_engine, STORY * 4, pass_s=0.02)

    async def run() -> None:
        async with both(target, drafting_engine, drafter="both") as pair:
            for pause_s in (0.0, 0.001, 0.01, 0.05):
                turn = asyncio.create_task(complete(pair.backend, outbound()))
                await asyncio.sleep(pause_s)
                turn.cancel()
                await asyncio.gather(turn, return_exceptions=True)
                await pair.until_quiet()
                assert pair.link._sessions == {}
            assert len(joined(await complete(pair.backend, outbound()))) > 0

    asyncio.run(run())


def test_turns_at_once_get_their_own_answers_over_one_connection(drafting_engine: Engine) -> None:
    target = saying(drafting_engine, STORY)
    texts = {f"{PROMPT} {number}": f"{STORY} {number} {MIXED}" for number in range(5)}
    for asked, answer in texts.items():
        target.answers[prompt_of(drafting_engine, asked)] = tokens_of(drafting_engine, answer)

    async def run() -> list[str]:
        async with both(target, drafting_engine, drafter="both") as pair:
            turns = [
                complete(pair.backend, outbound(asked, max_output_tokens=200)) for asked in texts
            ]
            told = [joined(deltas) for deltas in await asyncio.gather(*turns)]
            await pair.until_quiet()
            assert pair.server.num_connections == 1
            return told

    assert asyncio.run(run()) == list(texts.values())


@pytest.mark.parametrize("drafter", ["both", "model", "ngram"])
@pytest.mark.parametrize("temperature", [0.0, 0.9])
def test_it_says_what_the_verifiers_own_engine_says(
    drafting_engine: Engine, target_engine: Engine, drafter: str, temperature: float
) -> None:
    more: dict[str, Any] = {
        "temperature": temperature,
        "seed": 7,
        "top_p": 0.9,
        "max_output_tokens": 24,
    }
    turn = outbound("Name three rivers of Africa.", JointOptions(exact=Exact.STRICT), **more)
    prompt = target_engine.render(turn.messages)
    plain = list(target_engine.stream(prompt, Sampling(**more), is_strict=True))

    deltas = told(target_engine, drafting_engine, turn, drafter=drafter)

    assert joined(deltas) == joined(plain)
    assert deltas[-1].finish_reason == plain[-1].finish_reason
    assert plain[-1].usage and deltas[-1].usage
    assert deltas[-1].usage.output_tokens == plain[-1].usage.output_tokens


@pytest.mark.parametrize(("exact", "most"), [(Exact.STRICT, 3), (Exact.FAST, 15)])
def test_strict_turns_send_no_longer_blocks_than_keep_every_bit(
    drafting_engine: Engine, exact: Exact, most: int
) -> None:
    target = saying(drafting_engine, STORY, exactness=Measured(4, (100.0, 101.0, 102.0, 103.0)))
    options = JointOptions(goal=Goal.CHEAP, exact=exact)

    async def run() -> list[Delta]:
        async with both(target, drafting_engine) as pair:
            deltas = await complete(pair.backend, outbound(options=options))
            opened = next(it for it in pair.server.heard if isinstance(it, Open))
            assert opened.is_strict is (exact is Exact.STRICT)
            return deltas

    use = use_of(asyncio.run(run()))
    assert max(use.block_lengths) <= most


def test_a_turn_for_few_passes_takes_fewer_than_it_has_tokens(drafting_engine: Engine) -> None:
    options = JointOptions(goal=Goal.CHEAP)
    deltas = told(saying(drafting_engine, STORY), drafting_engine, outbound(options=options))

    use = use_of(deltas)
    assert joined(deltas) == STORY
    assert use.passes < len(tokens_of(drafting_engine, STORY))
    assert use.goal is Goal.CHEAP


def test_the_seed_is_drawn_where_none_is_given(drafting_engine: Engine) -> None:
    async def run() -> list[int]:
        async with both(saying(drafting_engine, "a"), drafting_engine) as pair:
            for _ in range(2):
                await complete(pair.backend, outbound(temperature=1.0))
            return [it.seed for it in pair.server.heard if isinstance(it, Open)]

    first, second = asyncio.run(run())
    assert first != second


def test_a_trace_tells_of_each_verdict(drafting_engine: Engine) -> None:
    async def run() -> list[dict[str, object]]:
        async with both(saying(drafting_engine, STORY), drafting_engine) as pair:
            await complete(pair.backend, outbound())
            return pair.backend.trace

    rows = asyncio.run(run())
    num = sum(int(str(row["tokens"])) for row in rows)
    assert num == len(tokens_of(drafting_engine, STORY)) + 1
    assert {"ms", "tokens", "accepted", "rejected", "service_ms"} == set(rows[0])


def test_closing_it_ends_turns_at_once(drafting_engine: Engine) -> None:
    target = saying(drafting_engine, STORY * 4, pass_s=0.02)

    async def run() -> None:
        async with both(target, drafting_engine) as pair:
            options = JointOptions(may_end_on_device=False)
            stream = pair.backend.stream(outbound(options=options))
            await first_of(stream)
            await pair.backend.close()
            with pytest.raises(BackendRefused, match="closed"):
                async with asyncio.timeout(2.0):
                    async for _ in stream:
                        pass
            with pytest.raises(BackendRefused, match="closed"):
                await complete(pair.backend, outbound())

    asyncio.run(run())


def test_it_is_made_without_anything_being_sent(drafting_engine: Engine) -> None:
    async def run() -> None:
        backend = JointBackend(
            link=link_to(9),
            engine=drafting_engine,
            settings=JointSettings(),
            clock=SystemClock(),
            pace=lambda: CheapPace(Statistics((1.0, 1.0)), 3),
        )
        async with asyncio.timeout(LIMIT_S):
            assert backend.is_healthy()
            await backend.close()

    asyncio.run(run())
