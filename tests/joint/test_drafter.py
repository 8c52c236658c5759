import queue
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from jisr.engine.engine import Engine, EngineSettings
from jisr.joint.base import Drafted, Drafter, Take
from jisr.joint.drafter import BothDrafter, ModelDrafter, drafter_for
from jisr.joint.ngram import NgramDrafter
from jisr.joint.repeats import Repeats
from jisr.joint.statistics import Mean
from jisr.types import Message, Role, Sampling
from tests.weights import small_model

WAIT_S = 20.0
DEVICE = EngineSettings(context_tokens=256, num_sequences=2, threads=1)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(small_model(), DEVICE) as engine:
        yield engine


@dataclass
class Taken:
    """Takes so many guesses."""

    most: int = 99
    all: "queue.SimpleQueue[Drafted | None]" = field(default_factory=queue.SimpleQueue)
    num: int = 0

    def __call__(self, drafted: Drafted | None) -> bool:
        self.num += 1
        self.all.put(drafted)
        return self.num < self.most

    def next(self) -> Drafted | None:
        return self.all.get(timeout=WAIT_S)

    def tokens(self, num: int) -> list[int | None]:
        told = [self.next() for _ in range(num)]
        return [None if drafted is None else drafted.token for drafted in told]


@dataclass
class ToldDrafter:
    """Says what it is asked, and guesses nothing by itself."""

    asked: list[list[int]] = field(default_factory=list)
    num_stopped: int = 0

    def start(self, tokens: Sequence[int], sampling: Sampling, seed: int, take: Take) -> None:
        self.asked.append(list(tokens))
        take(Drafted(42, 0.5, "model"))

    def stop(self) -> None:
        self.num_stopped += 1


def seconds_until(holds: Callable[[], bool]) -> float:
    begun = time.perf_counter()
    while not holds():
        assert time.perf_counter() - begun < WAIT_S
        time.sleep(0.001)
    return time.perf_counter() - begun


def prompt_of(engine: Engine, text: str = "Name three colours.") -> list[int]:
    return engine.render([Message(Role.USER, text)])


@pytest.mark.parametrize("temperature", [0.0, 0.8])
def test_the_model_guesses_what_it_would_say_with_the_same_noise(
    engine: Engine, temperature: float
) -> None:
    sampling = Sampling(temperature=temperature, seed=3, max_output_tokens=8)
    text = "".join(delta.text for delta in engine.stream(prompt_of(engine), sampling))
    taken = Taken(most=8)

    ModelDrafter(engine).start(prompt_of(engine), sampling, 3, taken)
    tokens = [token for token in taken.tokens(8) if token is not None]

    assert b"".join(map(engine.vocabulary.piece, tokens)).decode("utf-8", "ignore") == text
    seconds_until(lambda: not engine.num_running)
    assert taken.all.empty()


def test_a_sequence_longer_than_the_context_gets_no_guess(engine: Engine) -> None:
    taken = Taken()
    ModelDrafter(engine).start([1] * 300, Sampling(), 0, taken)

    assert taken.next() is None


def test_guessing_ends_with_the_context(engine: Engine) -> None:
    taken = Taken()
    ModelDrafter(engine).start([1] * 254, Sampling(), 0, taken)

    told = [taken.next()]
    while told[-1] is not None:
        told.append(taken.next())
    assert len(told) <= 4


def test_an_engine_that_is_shut_down_gives_no_guess() -> None:
    engine = Engine(small_model(), DEVICE)
    engine.close()
    taken = Taken()
    ModelDrafter(engine).start([1, 2, 3], Sampling(), 0, taken)

    assert taken.next() is None


def test_what_is_stopped_leaves_the_engine_free(engine: Engine) -> None:
    drafter = ModelDrafter(engine)
    for num_taken in (0, 1, 3):
        taken = Taken()
        drafter.start(prompt_of(engine), Sampling(), 0, taken)
        for _ in range(num_taken):
            taken.next()
        drafter.stop()
        drafter.stop()
        seconds_until(lambda: not engine.num_running and not engine.num_waiting)


def test_only_who_asked_last_is_given_guesses_in_the_end(engine: Engine) -> None:
    """Who asked before may be told of a guess that was being made, and no more."""
    drafter = ModelDrafter(engine)
    prompt = prompt_of(engine, "Count to ten, please: one two three four")
    early = [Taken(most=1) for _ in range(5)]
    last = Taken(most=4)
    for taken in early:
        drafter.start(prompt, Sampling(), 0, taken)
    drafter.start(prompt, Sampling(), 0, last)

    told = last.tokens(4)
    seconds_until(lambda: not engine.num_running and not engine.num_waiting)
    assert None not in told
    assert sum(taken.num for taken in early) <= 1


def test_starting_and_stopping_from_any_moment_leaves_nothing_behind(engine: Engine) -> None:
    drafter = ModelDrafter(engine)
    prompt = prompt_of(engine)
    for number in range(60):
        drafter.start([*prompt, *range(number % 5)], Sampling(), 0, Taken(most=1 + number % 3))
        time.sleep(0.001 * (number % 7))
        if number % 4 == 3:
            drafter.stop()
    drafter.stop()
    seconds_until(lambda: not engine.num_running and not engine.num_waiting)

    taken = Taken(most=1)
    drafter.start(prompt, Sampling(), 0, taken)
    assert taken.next() is not None


def test_both_give_what_repeats_first_and_the_model_goes_on_behind_it() -> None:
    model, taken = ToldDrafter(), Taken()
    both = BothDrafter(model, Repeats(), lambda: 0.0)
    both.start([1, 2, 3, 1, 2], Sampling(), 0, taken)
    both.stop()

    assert taken.tokens(4) == [3, 1, 2, 42]
    assert model.asked == [[1, 2, 3, 1, 2, 3, 1, 2]]
    assert model.num_stopped >= 1


def test_both_leave_to_the_model_what_they_do_not_trust() -> None:
    model, taken = ToldDrafter(), Taken()
    least = iter([0.0, 1.0])
    BothDrafter(model, Repeats(), lambda: next(least)).start([1, 2, 3, 1, 2], Sampling(), 0, taken)

    assert taken.tokens(2) == [3, 42]
    assert model.asked == [[1, 2, 3, 1, 2, 3]]


def test_both_leave_the_model_in_peace_when_guesses_are_enough_already() -> None:
    model, taken = ToldDrafter(), Taken(most=2)
    BothDrafter(model, Repeats(), lambda: 0.0).start([1, 2, 3, 1, 2], Sampling(), 0, taken)

    assert taken.tokens(2) == [3, 1]
    assert model.asked == []


@pytest.mark.parametrize(
    ("kind", "drafter"), [("ngram", NgramDrafter), ("model", ModelDrafter), ("both", BothDrafter)]
)
def test_a_drafter_has_a_name_in_the_settings(
    engine: Engine, kind: str, drafter: type[Drafter]
) -> None:
    assert isinstance(drafter_for(kind, engine, Repeats(), Mean(0.5)), drafter)
