"""Joint answers: their text, where they end, what they took, and what they leave behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from jisr.backends.base import Backend
from jisr.engine.engine import Engine
from jisr.errors import BackendRefused
from jisr.joint.wire import Close, Open
from jisr.types import Delta, Exact, FinishReason, Goal, JointOptions, Outbound, Sampling
from tests.backends.joint_turns import STORY, fixed, told, use_of
from tests.backends.verifiers import PROMPT, both, outbound, prompt_of, saying, tokens_of
from tests.contracts.backend import BackendContract, complete, first_of, joined
from tests.joint.models import exact_engine
from tests.joint.scripted import Measured

MIXED = "مرحبا يا 🙂👩‍👩‍👧 عالم naïve"


@pytest.fixture
def target_engine() -> Engine:
    return exact_engine()


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
