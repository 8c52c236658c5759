import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from jisr.backends.joint_drafts import Drafts, drafted_tokens, put_soon
from jisr.engine.engine import Engine
from jisr.joint.base import Drafted, Drafter, Take
from jisr.joint.client import Client
from jisr.joint.pace import FixedPace
from jisr.joint.statistics import Statistics
from jisr.joint.wire import Verdict, pack
from jisr.types import Sampling
from tests.backends.verifiers import prompt_of

NUM_PROMPT = 4
PASS_MS = tuple(100.0 + number for number in range(16))


@dataclass
class HeldDrafter:
    """Keeps who asked, so that a test can guess for them whenever it likes."""

    asked: list[tuple[list[int], Take]] = field(default_factory=list)
    num_stopped: int = 0

    def start(self, tokens: Sequence[int], sampling: Sampling, seed: int, take: Take) -> None:
        self.asked.append((list(tokens), take))

    def stop(self) -> None:
        self.num_stopped += 1


@dataclass
class Guessed:
    """Guesses of one answer with what they came to."""

    drafter: Drafter
    block: int = 3
    num_woken: int = 0
    now_ms: float = 1.0

    def __post_init__(self) -> None:
        self.statistics = Statistics(PASS_MS)
        self.client = Client(
            NUM_PROMPT,
            most_tokens=10**6,
            is_end=lambda _: False,
            pace=FixedPace(self.block),
            statistics=self.statistics,
        )
        self.guessing = Drafts(
            self.client,
            self.drafter,
            prompt=range(NUM_PROMPT),
            sampling=Sampling(),
            seed=0,
            statistics=self.statistics,
            repeats=self.statistics.repeats,
            now_ms=lambda: self.now_ms,
            wake=self.wake,
        )

    def wake(self) -> None:
        self.num_woken += 1

    def hear(self, *tokens: int) -> bool:
        """Receive a verdict; return whether guesses are void."""
        with self.guessing.lock:
            at = self.client.position
            received = self.client.receive(Verdict(0, at, pack(tokens), 0, 0, 1), self.now_ms)
            if received.is_off_path:
                self.guessing.void()
        return received.is_off_path


def guess(token: int, source: str = "model") -> Drafted:
    return Drafted(token, 0.9, source)


def test_guessing_begins_once_and_goes_on_as_long_as_guesses_are_wanted() -> None:
    drafter = HeldDrafter()
    guessed = Guessed(drafter)
    guessed.guessing.start_if_due()
    guessed.guessing.start_if_due()
    ((tokens, take),) = drafter.asked

    assert tokens == [0, 1, 2, 3]
    assert [take(guess(number)) for number in (4, 5, 6)] == [True, True, False]
    assert guessed.client.drafted_ahead == [4, 5, 6]
    assert guessed.num_woken == 3
    assert not guessed.guessing.is_under_way


def test_what_comes_of_a_run_that_is_void_is_dropped() -> None:
    drafter = HeldDrafter()
    guessed = Guessed(drafter)
    guessed.guessing.start_if_due()
    assert guessed.hear(77)  # while nothing was guessed
    assert drafter.asked[0][1](guess(5)) is False
    assert drafter.asked[0][1](None) is False

    guessed.guessing.start_if_due()
    assert drafter.asked[1][0] == [0, 1, 2, 3, 77]
    assert drafter.asked[0][1](guess(5)) is False
    assert drafter.asked[1][1](guess(6)) is True
    assert guessed.client.drafted_ahead == [6]
    assert guessed.num_woken == 1


def test_what_comes_after_stopping_is_dropped_and_wakes_nobody() -> None:
    drafter = HeldDrafter()
    guessed = Guessed(drafter)
    guessed.guessing.start_if_due()
    guessed.guessing.stop()

    assert drafter.asked[0][1](guess(4)) is False
    assert (guessed.client.drafted_ahead, guessed.num_woken, drafter.num_stopped) == ([], 0, 1)


def test_where_there_is_no_guess_none_is_asked_for_until_a_verdict_comes() -> None:
    drafter = HeldDrafter()
    guessed = Guessed(drafter)
    guessed.guessing.start_if_due()
    drafter.asked[0][1](None)
    guessed.guessing.start_if_due()
    assert len(drafter.asked) == 1

    guessed.hear(4)
    guessed.guessing.start_if_due()
    assert len(drafter.asked) == 2


def test_only_guesses_that_follow_each_other_and_are_the_models_are_timed() -> None:
    drafter = HeldDrafter()
    guessed = Guessed(drafter, block=9)
    guessed.guessing.start_if_due()
    take = drafter.asked[0][1]
    for moment, it in [(10, guess(4, "ngram")), (500, guess(5)), (520, guess(6))]:
        guessed.now_ms = moment
        take(it)

    assert guessed.statistics.draft_ms.value == 20


@dataclass
class HurriedDrafter:
    """Guesses on threads of its own, and lets what it was asked before run on.

    Each token it guesses is its own place in the sequence.
    """

    threads: list[threading.Thread] = field(default_factory=list)

    def start(self, tokens: Sequence[int], sampling: Sampling, seed: int, take: Take) -> None:
        def run() -> None:
            place = len(tokens)
            while take(guess(place)):
                place += 1
                time.sleep(0)

        thread = threading.Thread(target=run)
        self.threads.append(thread)
        thread.start()

    def stop(self) -> None:
        """Let it run on: what it says is to be dropped."""


def test_guesses_of_other_threads_always_stand_where_they_belong() -> None:
    drafter, random = HurriedDrafter(), Random(3)
    guessed = Guessed(drafter, block=30)
    for _ in range(300):
        guessed.guessing.start_if_due()
        if random.random() < 0.5:
            time.sleep(0.0002)
        place = guessed.client.position
        num = random.randrange(1, 4)
        right = list(range(place, place + num))
        guessed.hear(*(right if random.random() < 0.6 else [place + 1_000_000]))
        with guessed.guessing.lock:
            start = guessed.client.position
            ahead = guessed.client.drafted_ahead
        assert ahead == list(range(start, start + len(ahead)))
    guessed.guessing.stop()
    for thread in drafter.threads:
        thread.join(5.0)

    assert not any(thread.is_alive() for thread in drafter.threads)


def test_what_the_device_says_by_itself_ends_when_nobody_listens(drafting_engine: Engine) -> None:
    async def run() -> list[int]:
        tokens: list[int] = []
        said = drafted_tokens(drafting_engine, prompt_of(drafting_engine), Sampling(), 0)
        async with asyncio.timeout(10.0):
            async for token in said:
                tokens.append(token)
                if len(tokens) == 3:
                    break
            await said.aclose()
            while drafting_engine.num_running:
                await asyncio.sleep(0.001)
        return tokens

    assert len(asyncio.run(run())) == 3


def test_what_is_put_into_a_queue_of_a_loop_that_ended_is_dropped() -> None:
    async def ended() -> tuple[asyncio.AbstractEventLoop, asyncio.Queue[int]]:
        items: asyncio.Queue[int] = asyncio.Queue()
        put_soon(asyncio.get_running_loop(), items, 1)
        assert await items.get() == 1
        return asyncio.get_running_loop(), items

    loop, items = asyncio.run(ended())
    put_soon(loop, items, 2)
    assert items.empty()
