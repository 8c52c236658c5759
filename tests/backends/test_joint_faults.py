"""Joint answers over links that fail: nothing is repeated, lost or waited for long."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import pytest

from jisr.clock import SystemClock
from jisr.engine.engine import Engine
from jisr.errors import BackendError, BackendUnavailable
from jisr.joint.pace import Pace
from jisr.joint.wire import FromCloud, FromDevice, Hello, Open, encode
from jisr.types import Delta, JointOptions
from tests.backends.failing_links import QUICKLY_S, STORY, fallback_of, fixed, pair_of, told_with
from tests.backends.verifiers import LIMIT_S, Both, outbound, prompt_of, tokens_of
from tests.contracts.backend import complete, joined

CLOUD_ONLY = JointOptions(may_end_on_device=False)


@pytest.mark.parametrize("times", [1, 3])
def test_an_answer_goes_on_when_the_verifier_was_killed_and_started_again(
    drafting_engine: Engine, times: int
) -> None:
    async def run() -> list[Delta]:
        async with pair_of(drafting_engine) as pair:
            deltas: list[Delta] = []
            async for delta in pair.backend.stream(outbound(max_output_tokens=40)):
                deltas.append(delta)
                if len(deltas) in range(3, 3 * (times + 1), 3):
                    await pair.server.restart()
            assert pair.server.num_connections == 1 + times
            await pair.until_quiet()
            return deltas

    deltas = asyncio.run(run())
    assert joined(deltas) == STORY
    assert fallback_of(deltas) is None


def test_it_waits_for_a_verifier_that_is_started_a_little_later(drafting_engine: Engine) -> None:
    async def later(pair: Both) -> None:
        await pair.server.kill()
        asyncio.get_running_loop().call_later(0.3, lambda: tasks.append(start(pair)))

    def start(pair: Both) -> asyncio.Task[None]:
        return asyncio.create_task(pair.server.start())

    tasks: list[asyncio.Task[None]] = []

    async def run() -> list[Delta]:
        async with pair_of(drafting_engine) as pair:
            return await told_with(pair, lambda: later(pair))

    deltas = asyncio.run(run())
    assert joined(deltas) == STORY
    assert fallback_of(deltas) is None


def test_the_device_finishes_what_a_verifier_that_is_gone_began(drafting_engine: Engine) -> None:
    """Its text is what the device's model says after what was committed."""
    at_kill: list[str] = []

    async def run() -> list[Delta]:
        async with pair_of(drafting_engine, give_up_s=0.2) as pair:
            deltas: list[Delta] = []
            async for delta in pair.backend.stream(outbound(max_output_tokens=30)):
                deltas.append(delta)
                if len(deltas) == 3:
                    await pair.server.kill()
                    at_kill.append(joined(deltas))
            return deltas

    begun = time.perf_counter()
    deltas = asyncio.run(run())
    use, usage, text = deltas[-1].joint, deltas[-1].usage, joined(deltas)

    assert time.perf_counter() - begun < QUICKLY_S
    assert use and usage
    assert (use.fallback, usage.output_tokens) == ("device", 30)
    assert use.fallback_reason and "cannot be reached" in use.fallback_reason
    assert text.startswith(at_kill[0])
    prompt = list(prompt_of(drafting_engine))
    said = [number for number in range(1, 30) if text.startswith(_first(drafting_engine, number))]
    possible = [
        _first(drafting_engine, number)
        + _continued(drafting_engine, prompt, _tokens(drafting_engine)[:number], 30 - number)
        for number in said
    ]
    assert text in possible


def _tokens(engine: Engine) -> list[int]:
    return tokens_of(engine, STORY)


def _first(engine: Engine, number: int) -> str:
    return b"".join(map(engine.vocabulary.piece, _tokens(engine)[:number])).decode()


def _continued(engine: Engine, prompt: list[int], output: list[int], most: int) -> str:
    sampling = outbound(max_output_tokens=most, seed=0).sampling
    return joined(list(engine.stream([*prompt, *output], sampling)))


def test_who_allows_the_cloud_only_gets_an_error_instead(drafting_engine: Engine) -> None:
    async def run() -> None:
        async with pair_of(drafting_engine, give_up_s=0.2) as pair:
            deltas: list[Delta] = []
            with pytest.raises(BackendUnavailable):
                async for delta in pair.backend.stream(outbound(options=CLOUD_ONLY)):
                    deltas.append(delta)
                    await pair.server.kill()
            assert STORY.startswith(joined(deltas))
            assert drafting_engine.num_running == 0
            assert pair.link._sessions == {}

    asyncio.run(run())


@pytest.mark.parametrize("drafter", ["ngram", "both"])
def test_a_link_through_which_nothing_comes_is_opened_anew(
    drafting_engine: Engine, drafter: str
) -> None:
    async def run() -> list[Delta]:
        async with pair_of(drafting_engine, drafter=drafter, pace=None) as pair:

            def stall() -> None:
                pair.server.num_stalled = 1

            deltas = await told_with(pair, stall, after=2)
            assert pair.server.num_connections == 2
            return deltas

    begun = time.perf_counter()
    deltas = asyncio.run(run())
    assert joined(deltas) == STORY
    assert fallback_of(deltas) is None
    assert time.perf_counter() - begun < QUICKLY_S


def test_a_link_that_always_stalls_is_given_up(drafting_engine: Engine) -> None:
    async def run() -> tuple[list[Delta], int]:
        async with pair_of(drafting_engine, give_up_s=0.4) as pair:

            def stall() -> None:
                pair.server.num_stalled = 1
                pair.server.says = silence

            deltas = await told_with(pair, stall)
            return deltas, pair.server.num_connections

    begun = time.perf_counter()
    deltas, num_connections = asyncio.run(run())
    assert fallback_of(deltas) == "device"
    assert num_connections <= 6
    assert time.perf_counter() - begun < QUICKLY_S


def silence(message: FromCloud) -> Iterable[bytes]:
    """Say hello and nothing else."""
    return [encode(message)] if isinstance(message, Hello) else []


def test_a_verifier_that_closes_whenever_it_is_asked_is_not_asked_forever(
    drafting_engine: Engine,
) -> None:
    """It answers, it says hello, and it falls at each session."""

    async def run() -> tuple[list[Delta], int]:
        async with pair_of(drafting_engine, give_up_s=0.5) as pair:

            def falls(message: FromDevice) -> Iterable[FromDevice]:
                if isinstance(message, Open):
                    pair.server.reset()
                return []

            def spoil() -> None:
                pair.server.hears = falls
                pair.server.reset()

            deltas = await told_with(pair, spoil)
            return deltas, pair.server.num_connections

    deltas, num_connections = asyncio.run(run())
    assert fallback_of(deltas) == "device"
    assert num_connections <= 8  # with pauses that grow


def test_who_cannot_connect_at_first_hears_so_at_once(drafting_engine: Engine) -> None:
    async def run() -> None:
        async with pair_of(drafting_engine, give_up_s=15.0) as pair:
            await pair.server.kill()
            begun = time.perf_counter()
            with pytest.raises(BackendUnavailable):
                await complete(pair.backend, outbound())
            assert time.perf_counter() - begun < 0.5
            assert not pair.backend.is_healthy()

    asyncio.run(run())


@dataclass
class Jumping:
    """A clock that was set forward, or one that stands still."""

    elapsed_s: float = 0.0
    rate: float = 1.0

    def now(self) -> datetime:
        return SystemClock().now()

    def monotonic_s(self) -> float:
        return SystemClock().monotonic_s() * self.rate + self.elapsed_s


@pytest.mark.parametrize("pace", [None, fixed])
@pytest.mark.parametrize("rate", [1.0, 0.0])
def test_a_clock_that_jumps_by_an_hour_while_the_verifier_is_away_loses_nothing(
    drafting_engine: Engine, pace: Callable[[], Pace] | None, rate: float
) -> None:
    clock = Jumping(rate=rate)

    async def jump(pair: Both) -> None:
        clock.elapsed_s += 3600
        await pair.server.restart()
        clock.elapsed_s += 3600

    async def run() -> list[Delta]:
        async with pair_of(drafting_engine, clock=clock, pace=pace) as pair:
            return await told_with(pair, lambda: jump(pair), after=2)

    begun = time.perf_counter()
    deltas = asyncio.run(run())
    assert joined(deltas) == STORY
    assert fallback_of(deltas) is None
    assert time.perf_counter() - begun < QUICKLY_S


@pytest.mark.parametrize("pace", [None, fixed])
def test_who_reads_slowly_gets_the_whole_answer(
    drafting_engine: Engine, pace: Callable[[], Pace] | None
) -> None:
    """What came while nobody asked for the next piece was in time."""

    async def run() -> list[Delta]:
        async with pair_of(drafting_engine, read_timeout_s=0.2, pace=pace) as pair:
            deltas: list[Delta] = []
            async for delta in pair.backend.stream(outbound(max_output_tokens=40)):
                deltas.append(delta)
                await asyncio.sleep(0.3 * (len(deltas) in {2, 5}))
            return deltas

    deltas = asyncio.run(run())
    assert joined(deltas) == STORY
    assert fallback_of(deltas) is None


def test_other_turns_on_a_link_that_one_gives_up_go_on_too(drafting_engine: Engine) -> None:
    async def run() -> list[str]:
        async with pair_of(drafting_engine) as pair:
            turn = outbound(max_output_tokens=40)
            turns = [asyncio.create_task(complete(pair.backend, turn)) for _ in range(4)]
            await asyncio.sleep(0.03)
            await pair.link.lose("a test wants it", pair.link.num_opened)
            await asyncio.sleep(0.03)
            pair.server.reset()
            return [joined(deltas) for deltas in await asyncio.gather(*turns)]

    assert asyncio.run(run()) == [STORY] * 4


def test_a_turn_that_leaves_while_it_connects_leaves_no_half_open_link(
    drafting_engine: Engine,
) -> None:
    """The next turn must not be given a connection that nobody reads."""

    async def run() -> str:
        async with pair_of(drafting_engine) as pair:
            await complete(pair.backend, outbound(max_output_tokens=2))
            await pair.link.lose("a test wants it", pair.link.num_opened)
            pair.server.says = lambda _: []  # no hello comes
            turn = asyncio.create_task(complete(pair.backend, outbound()))
            await asyncio.sleep(0.05)
            turn.cancel()
            await asyncio.gather(turn, return_exceptions=True)
            assert not pair.link.is_open
            pair.server.says = lambda message: [encode(message)]
            async with asyncio.timeout(1.0):
                return joined(await complete(pair.backend, outbound(max_output_tokens=40)))

    assert asyncio.run(run()) == STORY


def test_an_engine_that_was_shut_down_leaves_the_answer_to_the_verifier(
    drafting_engine: Engine,
) -> None:
    """Nothing is drafted then, and where the verifier is gone too there is an error."""
    from tests.backends.conftest import DEVICE
    from tests.weights import small_model

    async def run() -> None:
        engine = Engine(small_model(), DEVICE)
        async with pair_of(engine, drafter="model") as pair:
            turn = outbound(max_output_tokens=40)
            await complete(pair.backend, turn)
            engine.close()
            assert joined(await complete(pair.backend, turn)) == STORY
            stream = pair.backend.stream(turn)
            with pytest.raises(BackendError, match="could not finish"):
                async for _ in stream:
                    await pair.server.kill()

    async def bounded() -> None:
        async with asyncio.timeout(LIMIT_S):
            await run()

    asyncio.run(bounded())
