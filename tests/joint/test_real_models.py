"""The law of joint decoding on real models: what comes out is what the target says by itself.

Every row of logits is computed by the engine, in whatever passes the case leads to:
blocks of many lengths, tokens alone, prompts computed again after others took their
place in the KV cache.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jisr.engine.engine import Engine, EngineSettings
from jisr.engine.quantize import quantize
from jisr.engine.text import TextAssembler
from jisr.joint.drafter import BothDrafter, ModelDrafter
from jisr.joint.ngram import NgramDrafter
from jisr.joint.repeats import Repeats
from jisr.joint.statistics import Statistics
from jisr.types import Message, Role, Sampling
from tests.joint.models import BlockingDrafter, BlockingTarget, exact_engine
from tests.joint.simulation import Simulation, Weather
from tests.joint.test_laws import pace_of
from tests.weights import small_model

NUM_CASES = 100
MOST_TOKENS = 8
PROMPTS = (
    "Name three colours.",
    "اكتب جملة عن البحر",
    "def add(a, b):\n    return a + b\n\ndef sub(a, b):",
    "one two three one two three one two",
)
OTHERS = tuple(f"{number}?" for number in range(2))
"""What takes the place of a prompt in the KV cache."""
DRAFTER = EngineSettings(context_tokens=256, num_sequences=4, threads=1)
DRAFTERS = ("q2_k", "q4_0", "both", "ngram")


def asked(engine: Engine, text: str) -> list[int]:
    """Return a prompt without the model's own long introduction."""
    return engine.render([Message(Role.SYSTEM, "Hi."), Message(Role.USER, text)])


def silent(done: int, total: int) -> None:
    """Tell nobody."""


@dataclass
class Models:
    """A target, drafters of several kinds, and what the target says by itself."""

    target: Engine
    drafters: dict[str, BlockingDrafter]
    prompts: list[list[int]] = field(default_factory=list)
    said: dict[tuple[int, Sampling], str] = field(default_factory=dict)

    def alone(self, prompt: int, sampling: Sampling) -> str:
        key = (prompt, sampling)
        if key not in self.said:
            stream = self.target.stream(self.prompts[prompt], sampling, is_strict=True)
            self.said[key] = "".join(delta.text for delta in stream)
        return self.said[key]

    def evict(self) -> None:
        for other in OTHERS:
            list(self.target.stream(asked(self.target, other), Sampling(max_output_tokens=1)))

    def text(self, tokens: list[int]) -> str:
        """Return tokens as a completion shows them."""
        text, vocabulary = TextAssembler(), self.target.vocabulary
        shown = [token for token in tokens if not vocabulary.is_end(token)]
        return "".join(text.push(vocabulary.piece(token)) for token in shown) + text.close()


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Models]:
    target = exact_engine()
    folder: Path = tmp_path_factory.mktemp("drafters")
    q2 = quantize(small_model(), folder / "q2.gguf", "q2_k", progress=silent)
    q4 = quantize(small_model(), folder / "q4.gguf", "q4_0", is_pure=True, progress=silent)
    with (
        Engine(q2, DRAFTER) as poor,
        Engine(q4, DRAFTER) as good,
    ):
        drafters = {
            "q2_k": BlockingDrafter(ModelDrafter(poor)),
            "q4_0": BlockingDrafter(ModelDrafter(good)),
            "both": BlockingDrafter(BothDrafter(ModelDrafter(good), Repeats(), lambda: 0.0)),
            "ngram": BlockingDrafter(NgramDrafter()),
        }
        prompts = [asked(target, prompt) for prompt in PROMPTS]
        yield Models(target, drafters, prompts)


FILTERS: tuple[dict[str, Any], ...] = ({}, {"top_k": 20}, {"top_p": 0.8, "min_p": 0.05})
DRAWN = [
    Sampling(max_output_tokens=MOST_TOKENS, temperature=temperature, seed=seed, **filters)
    for temperature in (0.7, 1.2)
    for seed in (7, 2**63 - 1)
    for filters in FILTERS
]
GREEDY = Sampling(max_output_tokens=MOST_TOKENS, seed=0)
weathers = st.builds(
    Weather,
    one_way_ms=st.sampled_from([0.0, 5.0, 60.0]),
    jitter_ms=st.sampled_from([0.0, 30.0, 300.0]),
    loss=st.sampled_from([0.0, 0.1, 0.4]),
    doubled=st.sampled_from([0.0, 0.3]),
    restarts=st.lists(st.floats(1, 200), max_size=2),
    seed=st.integers(0, 2**16),
)


@settings(
    max_examples=NUM_CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    prompt=st.integers(0, len(PROMPTS) - 1),
    drafter=st.sampled_from(DRAFTERS),
    pace=st.sampled_from(["fast", "cheap", "fixed1", "fixed3", "fixed7", "fixed15"]),
    sampling=st.one_of(st.just(GREEDY), st.sampled_from(DRAWN)),
    weather=weathers,
    evicts=st.sampled_from([False, False, False, True]),
)
def test_the_output_is_what_the_target_says_by_itself(  # noqa: PLR0917 - one strategy each
    models: Models,
    prompt: int,
    drafter: str,
    pace: str,
    sampling: Sampling,
    weather: Weather,
    evicts: bool,
) -> None:
    expected = models.alone(prompt, sampling)
    if evicts:
        models.evict()
    target = BlockingTarget(models.target)
    statistics = Statistics(target.exactness.pass_ms)
    assert sampling.seed is not None

    output = Simulation(
        target=target,
        drafter=models.drafters[drafter],
        pace=pace_of(pace, statistics, target.exactness.strict_block - 1),
        weather=weather,
        statistics=statistics,
        prompt=models.prompts[prompt],
        sampling=sampling,
        seed=sampling.seed,
        most_tokens=MOST_TOKENS,
        is_strict=True,
    ).run()

    assert models.text(output) == expected
