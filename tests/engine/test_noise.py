from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.engine.noise import gumbel

SEEDS = st.integers(0, 2**63 - 1)
POSITIONS = st.integers(0, 2**31)
TOKENS = st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=30)


@given(SEEDS, POSITIONS, TOKENS)
def test_noise_of_a_token_does_not_depend_on_its_company(
    seed: int, position: int, tokens: list[int]
) -> None:
    together = gumbel(seed, position, np.array(tokens))
    alone = [gumbel(seed, position, np.array([token]))[0] for token in tokens]

    assert together.tolist() == alone
    assert np.isfinite(together).all()


@pytest.mark.parametrize(
    "draw",
    [
        lambda n: gumbel(7, 3, np.arange(n)),
        lambda n: np.array([gumbel(7, i, np.array([11]))[0] for i in range(n)]),
        lambda n: np.array([gumbel(i, 3, np.array([11]))[0] for i in range(n)]),
    ],
    ids=["over tokens", "over positions", "over seeds"],
)
def test_it_has_the_gumbel_distribution_along_every_axis(
    draw: Callable[[int], npt.NDArray[np.float64]],
) -> None:
    num_draws = 20_000
    values = np.sort(draw(num_draws))
    expected = np.exp(-np.exp(-values))
    distance = np.abs(expected - (np.arange(num_draws) + 0.5) / num_draws).max()

    assert distance < 2.2 / num_draws**0.5  # Kolmogorov-Smirnov, p of about 1e-4


def test_neighbours_have_nothing_in_common() -> None:
    grid = np.array([gumbel(5, position, np.arange(400)) for position in range(400)])
    for a, b in ((grid[:, 1:], grid[:, :-1]), (grid[1:], grid[:-1])):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 4 / a.size**0.5


def test_it_is_the_same_on_every_machine() -> None:
    values = gumbel(42, 7, np.array([0, 1, 49_151, 151_935])).tolist()

    assert values == pytest.approx(
        [-0.08966534352075388, -0.41578935768565195, -0.11060498976556006, 0.006140860163840049],
        rel=1e-12,
    )
