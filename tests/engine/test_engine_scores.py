"""Scores of tokens: the same bits whatever else runs, and a row for each that is asked for."""

import numpy as np
import pytest

from jisr.engine.engine import Engine
from jisr.errors import InvalidRequest
from jisr.types import Sampling
from tests.engine.turns import plain, start

FABLE = "The fox who kept the mill said little, and the geese who knew him said still less. "
"""Scored only, in passes of under 64 tokens: from there on llama.cpp's bits are others."""


def test_many_rows_at_once_are_the_rows_one_by_one_bit_for_bit(engine: Engine) -> None:
    tokens = plain(engine, FABLE * 2)
    num_rows = 12
    together = engine.score(tokens, num_rows)
    for i in range(num_rows):
        row = engine.score(tokens[: len(tokens) - num_rows + i + 1], 1)
        assert (row[0] == together[i]).all(), i


def test_rows_after_a_reject_are_those_of_the_other_continuation(
    engine: Engine, cold: Engine
) -> None:
    prefix = plain(engine, FABLE * 2)
    drafted, corrected = ([*prefix, *plain(engine, text)] for text in ("sang a song", "wept at"))
    engine.score(drafted, 4)
    after_reject = engine.score(corrected, 3)

    assert (after_reject == cold.score(corrected, 3)).all()
    assert (engine.score(drafted, 4) == cold.score(drafted, 4)).all()


def test_scores_do_not_depend_on_what_runs_beside_them(engine: Engine) -> None:
    tokens = plain(engine, FABLE * 2)
    alone = engine.score(tokens, 5)
    turn = start(engine, plain(engine, "Beside it runs"), Sampling(max_output_tokens=60))
    beside = [engine.score(tokens, 5) for _ in range(3)]
    assert turn.generation is not None
    engine.cancel(turn.generation)

    assert all((rows == alone).all() for rows in beside)


@pytest.mark.parametrize("num_rows", [0, -1, 4, 513])
def test_rows_that_are_not_there_cannot_be_had(engine: Engine, num_rows: int) -> None:
    with pytest.raises(InvalidRequest, match="num_rows must be from 1 to 3"):
        engine.score([260, 261, 262], num_rows)


def test_a_score_has_a_row_for_each_token_asked_for(engine: Engine) -> None:
    rows = engine.score([260, 261, 262], 3)

    assert rows.shape == (3, engine.vocabulary.num_tokens)
    assert np.isfinite(rows).all()
