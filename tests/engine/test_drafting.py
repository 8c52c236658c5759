import queue
import time
from collections.abc import Sequence

import numpy as np
import pytest

from jisr.engine.drafting import Drafting, confidence_of
from jisr.engine.engine import Engine
from jisr.engine.llama import Vocabulary
from jisr.engine.sampling import choose
from jisr.errors import EngineClosed, EngineError, InvalidRequest, JisrError
from jisr.types import Sampling
from tests.engine.turns import WAIT_S, chat, complete, plain

SEED = 5


class Guesses:
    """A drafting, and what came of it."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        prompt: Sequence[int],
        sampling: Sampling | None = None,
        *,
        most: int = 1000,
    ) -> None:
        self.tokens: list[int] = []
        self.confidences: list[float] = []
        self.errors: list[JisrError] = []
        self.most = most
        self.ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.drafting = Drafting(
            prompt,
            sampling or Sampling(),
            SEED,
            self.take,
            self.end,
            vocabulary=vocabulary,
        )

    def end(self, error: JisrError | None) -> None:
        if error is not None:
            self.errors.append(error)
        self.ended.put("by itself")

    def take(self, token: int, confidence: float) -> bool:
        self.tokens.append(token)
        self.confidences.append(confidence)
        if len(self.tokens) >= self.most:
            self.ended.put("told to")
        return len(self.tokens) < self.most


def draft(engine: Engine, guesses: Guesses) -> str:
    engine.submit(guesses.drafting)
    return guesses.ended.get(timeout=WAIT_S)


@pytest.mark.parametrize("temperature", [0, 0.8])
def test_a_drafting_guesses_what_a_generation_says(engine: Engine, temperature: float) -> None:
    prompt = chat(engine, "Tell me about the rivers of Egypt.")
    sampling = Sampling(temperature=temperature, seed=SEED, max_output_tokens=20)
    answer = "".join(delta.text for delta in engine.stream(prompt, sampling))
    guesses = Guesses(engine.vocabulary, prompt, sampling, most=20)

    assert draft(engine, guesses) == "told to"
    text = b"".join(engine.vocabulary.piece(token) for token in guesses.tokens)
    assert text.decode("utf-8", "replace") == answer
    assert all(0 < confidence <= 1 for confidence in guesses.confidences)


def test_the_confidence_is_the_probability_of_the_token(engine: Engine) -> None:
    prompt = chat(engine, "What is the capital of France?")
    answer = complete(engine, prompt, max_output_tokens=8, num_top_logprobs=0)
    guesses = Guesses(engine.vocabulary, prompt, most=8)
    draft(engine, guesses)
    logprobs = [logprob.logprob for delta in answer.deltas for logprob in delta.logprobs]

    assert guesses.confidences == pytest.approx(np.exp(logprobs), rel=1e-4)


def test_the_token_that_ends_the_turn_is_the_last(engine: Engine) -> None:
    prompt = chat(engine, "Say yes.", "Yes.", "Say it again.", "Yes.", "And again.")
    (end,) = engine.vocabulary.tokenize("<|im_end|>", parse_special=True)
    guesses = Guesses(engine.vocabulary, prompt, most=60)
    how = draft(engine, guesses)

    assert (how, guesses.tokens[-1]) == ("by itself", end)
    assert end not in guesses.tokens[:-1]


def test_it_ends_where_the_context_does(engine: Engine) -> None:
    prompt = plain(engine, "Once upon a time a small bridge stood between two places and " * 60)
    guesses = Guesses(engine.vocabulary, prompt[: engine.context_tokens - 2])

    assert draft(engine, guesses) == "by itself"
    assert len(guesses.tokens) == 3
    assert not guesses.errors


def test_a_cancelled_drafting_delivers_nothing_more(engine: Engine) -> None:
    guesses = Guesses(engine.vocabulary, plain(engine, "One, two, three,"), most=400)
    engine.submit(guesses.drafting)
    while not guesses.tokens:
        time.sleep(0.001)
    engine.cancel(guesses.drafting)
    while engine.num_running:
        time.sleep(0.001)
    num_tokens = len(guesses.tokens)
    row = np.zeros((1, engine.vocabulary.num_tokens), np.float32)

    assert guesses.drafting.advance(row, 0) is None
    assert len(guesses.tokens) == num_tokens < 400


def test_numbers_that_are_none_and_errors_are_told(vocabulary: Vocabulary) -> None:
    guesses = Guesses(vocabulary, [1])
    error = EngineClosed("over")
    guesses.drafting.fail(error)
    row = np.full((1, vocabulary.num_tokens), np.nan, np.float32)

    with pytest.raises(EngineError, match="not finite"):
        guesses.drafting.advance(row, 0)
    assert guesses.errors == [error]


def test_a_drafting_of_nothing_is_refused(engine: Engine) -> None:
    guesses = Guesses(engine.vocabulary, [])

    with pytest.raises(InvalidRequest, match="empty"):
        engine.draft([], Sampling(), SEED, guesses.take, guesses.end)
    assert guesses.ended.empty()


def test_the_engine_makes_a_drafting_and_starts_it(engine: Engine) -> None:
    prompt = plain(engine, "One, two, three,")
    guesses, again = (Guesses(engine.vocabulary, prompt, most=4) for _ in range(2))
    engine.draft(prompt, Sampling(), SEED, guesses.take, guesses.end)

    assert guesses.ended.get(timeout=WAIT_S) == draft(engine, again) == "told to"
    assert guesses.tokens == again.tokens


@pytest.mark.parametrize("temperature", [0, 0.5, 1, 2])
def test_confidence_follows_the_temperature_and_changes_no_logits(temperature: float) -> None:
    logits = np.random.default_rng(3).normal(0, 4, 1000).astype(np.float32)
    before = logits.copy()
    token = choose(logits, Sampling(), seed=0, position=0)
    weights = np.exp(logits.astype(np.float64) / (temperature or 1))

    assert confidence_of(logits, token, temperature) == pytest.approx(
        weights[token] / weights.sum(), rel=1e-5
    )
    assert (logits == before).all()
