"""The accept rule, and two wrong ones that the same checks must catch."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import cycle, product

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from jisr.engine.llama import Logits
from jisr.engine.sampling import choose, survivors
from jisr.joint.coupling import judge
from jisr.types import Sampling

Rule = Callable[[Logits, Sequence[int], Sampling, int, int], list[int]]
"""Rows, drafts, how to choose, seed and position; returns what is committed."""
Drafter = Callable[[list[int], int], int]
"""Guesses what follows a sequence, given the seed."""


def right(
    rows: Logits, drafted: Sequence[int], sampling: Sampling, seed: int, position: int
) -> list[int]:
    return judge(rows, drafted, sampling, seed=seed, position=position)


def takes_the_likely(
    rows: Logits, drafted: Sequence[int], sampling: Sampling, seed: int, position: int
) -> list[int]:
    """A wrong rule: a draft is right when it is among the two likeliest."""
    committed: list[int] = []
    for row, draft in zip(rows, drafted, strict=False):
        if draft not in np.argsort(-row)[:2]:
            break
        committed.append(draft)
    own = len(committed)
    return [*committed, choose(rows[own], sampling, seed=seed, position=position + own)]


def draws_again(
    rows: Logits, drafted: Sequence[int], sampling: Sampling, seed: int, position: int
) -> list[int]:
    """A wrong rule: after a reject the token is drawn with other noise."""
    committed = judge(rows, drafted, sampling, seed=seed, position=position)
    own = len(committed) - 1
    if own < len(drafted):
        committed[own] = choose(rows[own], sampling, seed=seed + 2**40, position=position + own)
    return committed


class Target:
    """A model whose logits are a function of the sequence alone."""

    def __init__(self, vocab: int, spread: float, salt: int = 0) -> None:
        self.vocab = vocab
        self._row = lru_cache(4096)(self._compute)
        self._spread, self._salt = spread, salt

    def _compute(self, tokens: tuple[int, ...]) -> Logits:
        drawn = np.random.default_rng([self._salt, *tokens]).normal(size=self.vocab)
        return (drawn * self._spread).astype(np.float32)

    def row(self, tokens: Sequence[int]) -> Logits:
        return self._row(tuple(tokens))

    def alone(self, prompt: list[int], length: int, sampling: Sampling, seed: int) -> list[int]:
        tokens = list(prompt)
        for position in range(len(prompt), len(prompt) + length):
            tokens.append(choose(self.row(tokens), sampling, seed=seed, position=position))
        return tokens[len(prompt) :]


def jointly(
    rule: Rule,
    target: Target,
    drafter: Drafter,
    *,
    prompt: list[int],
    length: int,
    sampling: Sampling,
    seed: int,
    blocks: Iterator[int],
) -> list[int]:
    """Return what comes out when blocks are drafted and verified."""
    tokens, end = list(prompt), len(prompt) + length
    while len(tokens) < end:
        drafted: list[int] = []
        for _ in range(min(next(blocks), end - len(tokens) - 1)):
            drafted.append(drafter(tokens + drafted, seed))
        behind = [tokens + drafted[:number] for number in range(len(drafted) + 1)]
        rows = np.stack([target.row(it) for it in behind])
        tokens += rule(rows, drafted, sampling, seed, len(tokens))
    return tokens[len(prompt) :]


samplings = st.builds(
    Sampling,
    temperature=st.sampled_from([0.0, 0.3, 1.0, 2.0]),
    top_k=st.integers(0, 6),
    top_p=st.sampled_from([0.3, 0.9, 1.0]),
    min_p=st.sampled_from([0.0, 0.1]),
)


def keeps_the_law(rule: Rule) -> None:
    """Check that what comes out is what the target alone would say, whoever drafts."""

    # what a wrong rule fails on need not be the smallest case
    phases = tuple(Phase) if rule is right else (Phase.generate,)

    @settings(max_examples=150, deadline=None, derandomize=True, database=None, phases=phases)
    @given(
        sampling=samplings,
        seed=st.integers(0, 2**63 - 1),
        vocab=st.integers(2, 12),
        blocks=st.lists(st.integers(0, 15), min_size=1, max_size=6),
        guesses=st.lists(st.integers(0, 11), min_size=1, max_size=24),
        skill=st.integers(0, 4),
        prompt=st.lists(st.integers(0, 1), min_size=1, max_size=3),
    )
    def law(
        *,
        sampling: Sampling,
        seed: int,
        vocab: int,
        blocks: list[int],
        guesses: list[int],
        skill: int,
        prompt: list[int],
    ) -> None:
        target = Target(vocab, 2.0)

        def drafter(tokens: list[int], seed: int) -> int:
            """Guess right as often as its skill says, else anything."""
            number = len(tokens)
            if number % 5 < skill:
                return choose(target.row(tokens), sampling, seed=seed, position=number)
            return guesses[number % len(guesses)] % vocab

        joint = jointly(
            rule,
            target,
            drafter,
            prompt=prompt,
            length=24,
            sampling=sampling,
            seed=seed,
            blocks=cycle(blocks),
        )

        assert joint == target.alone(prompt, 24, sampling, seed)

    law()


VOCAB, LENGTH, SEEDS = 5, 3, 6000
DRAWN = Sampling(temperature=1.2, top_p=0.97)


def probabilities(target: Target) -> dict[tuple[int, ...], float]:
    """Return how likely each sequence is, by enumerating them all."""

    def of(row: Logits) -> dict[int, float]:
        kept = survivors(row, DRAWN)
        weights = np.exp(row[kept].astype(np.float64) / DRAWN.temperature)
        shares: list[float] = (weights / weights.sum()).tolist()
        return dict(zip(kept.tolist(), shares, strict=True))

    return {
        tokens: math.prod(
            of(target.row([0, *tokens[:number]])).get(token, 0.0)
            for number, token in enumerate(tokens)
        )
        for tokens in product(range(VOCAB), repeat=LENGTH)
    }


def chi_square(expected: dict[tuple[int, ...], float], seen: Counter[tuple[int, ...]]) -> float:
    """Return by how many standard deviations chi-square is above its mean.

    Source: the cube-root approximation of Wilson and Hilferty 1931,
    doi:10.1073/pnas.17.12.684.
    """
    total = seen.total()
    cells = [(p * total, seen[tokens]) for tokens, p in expected.items() if p * total >= 5]
    rare = total - sum(p for p, _ in cells), total - sum(n for _, n in cells)
    cells += [rare] if rare[0] >= 5 else []
    statistic = sum((n - p) ** 2 / p for p, n in cells)
    freedom = len(cells) - 1
    spread = 2 / (9 * freedom)
    return float(((statistic / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(spread))


def follows_the_distribution(rule: Rule) -> None:
    """Check how often each sequence comes out, for a drafter that is often right."""
    target, weak = Target(VOCAB, 1.0), Target(VOCAB, 1.0, salt=1)

    def drafter(tokens: list[int], seed: int) -> int:
        row = target.row(tokens) + 0.5 * weak.row(tokens)
        return choose(row, DRAWN, seed=seed, position=len(tokens))

    def drawn(seed: int) -> tuple[int, ...]:
        blocks = cycle([2, 1])
        return tuple(
            jointly(
                rule,
                target,
                drafter,
                prompt=[0],
                length=LENGTH,
                sampling=DRAWN,
                seed=seed,
                blocks=blocks,
            )
        )

    expected = probabilities(target)
    seen = Counter(map(drawn, range(SEEDS)))

    assert all(expected[tokens] > 0 for tokens in seen)
    assert abs(chi_square(expected, seen)) < 4


CHECKS = [keeps_the_law, follows_the_distribution]


@pytest.mark.parametrize("check", CHECKS)
def test_what_comes_out_is_the_targets_own(check: Callable[[Rule], None]) -> None:
    check(right)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("wrong", [takes_the_likely, draws_again])
def test_a_wrong_rule_is_caught(check: Callable[[Rule], None], wrong: Rule) -> None:
    with pytest.raises(AssertionError):
        check(wrong)


def test_the_enumeration_is_whole() -> None:
    assert math.isclose(sum(probabilities(Target(VOCAB, 1.0)).values()), 1)


def test_a_drafter_that_knows_the_noise_is_mostly_right() -> None:
    target = Target(50, 3.0)
    rows = np.stack([target.row([0])] * 16)
    drafted = [choose(row, DRAWN, seed=7, position=1 + n) for n, row in enumerate(rows[:15])]

    assert len(judge(rows, drafted, DRAWN, seed=7, position=1)) == 16


@pytest.mark.parametrize(
    ("drafted", "committed"),
    [
        ([], [1]),
        ([1], [1, 2]),
        ([0], [1]),
        ([1, 2], [1, 2, 0]),
        ([1, 0], [1, 2]),
        ([0, 2], [1]),  # right again behind what is wrong is of no use
    ],
)
def test_the_drafts_that_are_right_and_the_targets_own_token_are_committed(
    drafted: list[int], committed: list[int]
) -> None:
    likeliest = [1, 2, 0]
    rows = np.eye(3, dtype=np.float32)[likeliest][: len(drafted) + 1]

    assert judge(rows, drafted, Sampling(), seed=0, position=5) == committed
