import numpy as np

from jisr.engine.llama import Logits
from jisr.engine.tasks import Scoring
from jisr.errors import EngineClosed, JisrError


def test_a_scoring_hands_over_a_copy_of_its_rows() -> None:
    handed: list[Logits | JisrError] = []
    scoring = Scoring([1, 2], 1, handed.append)
    rows = np.ones((1, 3), np.float32)

    assert scoring.advance(rows) is None
    rows[:] = 0  # as the next pass does
    assert isinstance(handed[0], np.ndarray)
    assert handed[0].tolist() == [[1, 1, 1]]


def test_a_scoring_hands_over_its_error_and_notes_what_was_cached() -> None:
    handed: list[Logits | JisrError] = []
    scoring = Scoring([1, 2], 1, handed.append)
    scoring.begin(1)
    error = EngineClosed("over")
    scoring.fail(error)
    scoring.cancel()

    assert handed == [error]
    assert (scoring.num_cached, scoring.is_cancelled) == (1, True)
