"""The law of joint decoding: its output is the target's own, whatever else happens."""

import zlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jisr.engine.llama import Logits
from jisr.joint import verifier_pass
from jisr.joint.base import Drafter
from jisr.joint.coupling import judge
from jisr.joint.ngram import NgramDrafter
from jisr.joint.pace import CheapPace, FastPace, FixedPace, Pace
from jisr.joint.statistics import Statistics
from jisr.types import Sampling
from tests.joint.instant import InstantTarget, LuckyDrafter, SilentDrafter
from tests.joint.scripted import VOCAB
from tests.joint.simulation import Simulation, Weather

MOST_TOKENS = 40
MANY = settings(max_examples=400, deadline=None)

samplings = st.builds(
    Sampling,
    temperature=st.sampled_from([0.0, 0.0, 0.7, 1.3]),
    top_k=st.sampled_from([0, 3]),
    top_p=st.sampled_from([1.0, 0.8]),
    min_p=st.sampled_from([0.0, 0.1]),
)
weathers = st.builds(
    Weather,
    one_way_ms=st.sampled_from([0.0, 5.0, 60.0]),
    jitter_ms=st.sampled_from([0.0, 30.0, 300.0]),
    loss=st.sampled_from([0.0, 0.1, 0.4]),
    doubled=st.sampled_from([0.0, 0.3]),
    restarts=st.lists(st.floats(1, 800), max_size=3),
    seed=st.integers(0, 2**16),
)


def drafter_of(kind: str, target: InstantTarget, luck: int) -> Drafter:
    def is_lucky(tokens: Sequence[int]) -> bool:
        return zlib.crc32(bytes(tokens), luck) % 100 < luck

    kinds: dict[str, Drafter] = {
        "model": LuckyDrafter(target, is_lucky),
        "ngram": NgramDrafter(),
        "silent": SilentDrafter(),
    }
    return kinds[kind]


def pace_of(kind: str, statistics: Statistics, most: int) -> Pace:
    if kind.startswith("fixed"):
        return FixedPace(min(most, int(kind.removeprefix("fixed"))))
    return CheapPace(statistics, most) if kind == "cheap" else FastPace(statistics, most)


def output_of(
    target: InstantTarget, drafter: Drafter, sampling: Sampling, seed: int, block: int
) -> list[int]:
    """Return what comes out over a link that is well."""
    statistics = Statistics(target.exactness.pass_ms)
    return Simulation(
        target=target,
        drafter=drafter,
        pace=FixedPace(block),
        weather=Weather(),
        statistics=statistics,
        prompt=[1, 2, 3],
        sampling=sampling,
        seed=seed,
        most_tokens=MOST_TOKENS,
    ).run()


@MANY
@given(
    prompt=st.lists(st.integers(0, VOCAB - 2), min_size=1, max_size=9),
    memory=st.sampled_from([2, 99]),
    drafter=st.sampled_from(["model", "ngram", "silent"]),
    luck=st.sampled_from([0, 50, 80, 95, 100]),
    pace=st.sampled_from(["fast", "cheap", "fixed1", "fixed4", "fixed15"]),
    sampling=samplings,
    seed=st.integers(0, 2**63 - 1),
    weather=weathers,
    is_strict=st.booleans(),
)
def test_the_output_is_what_the_target_says_by_itself(  # noqa: PLR0917 - one strategy each
    prompt: list[int],
    memory: int,
    drafter: str,
    luck: int,
    pace: str,
    sampling: Sampling,
    seed: int,
    weather: Weather,
    is_strict: bool,
) -> None:
    target = InstantTarget(memory=memory)
    statistics = Statistics(target.exactness.pass_ms)

    output = Simulation(
        target=target,
        drafter=drafter_of(drafter, target, luck),
        pace=pace_of(pace, statistics, 15),
        weather=weather,
        statistics=statistics,
        prompt=prompt,
        sampling=sampling,
        seed=seed,
        most_tokens=MOST_TOKENS,
        is_strict=is_strict,
    ).run()

    assert output == target.alone(prompt, MOST_TOKENS, sampling, seed)


def credulous(
    rows: Logits, drafted: Sequence[int], sampling: Sampling, *, seed: int, position: int
) -> list[int]:
    """Accept what was drafted unless it is unlikely: an accept rule that is broken a little."""
    for number, token in enumerate(drafted):
        if rows[number][token] < 0:
            return judge(rows[: number + 1], [], sampling, seed=seed, position=position + number)
    own = judge(rows[len(drafted) :], [], sampling, seed=seed, position=position + len(drafted))
    return [*drafted, *own]


@pytest.mark.parametrize("block", [1, 4])
def test_an_accept_rule_that_is_broken_is_found_out(
    monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    """The law is no empty one: it fails where the verifier believes what it is told."""

    def is_kept(seed: int) -> bool:
        target, sampling = InstantTarget(), Sampling(temperature=1.0)
        output = output_of(target, drafter_of("model", target, 50), sampling, seed, block)
        return output == target.alone([1, 2, 3], MOST_TOKENS, sampling, seed)

    assert all(map(is_kept, range(10)))
    monkeypatch.setattr(verifier_pass, "judge", credulous)
    assert sum(map(is_kept, range(10))) < 5  # some answers are short
