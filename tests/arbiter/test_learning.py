"""What a set happens to hold in one language does not teach what a text answers."""

import numpy as np

from jisr.arbiter.calibration import Sample, digest_of
from jisr.arbiter.learning import fit_models
from jisr.question import TaskKind


def texts(num_rows: int, *, is_arabic: bool) -> list[Sample]:
    """Return questions about texts: `covered` tells of English ones whether there is an answer.

    Every Arabic one has an answer, and is longer.
    """
    random = np.random.default_rng(5)
    found = []
    for number in range(num_rows):
        is_answerable = is_arabic or number % 2 == 0
        after = {
            "arabic": float(is_arabic),
            "covered": float(random.normal()) + (0 if is_arabic else 2 * is_answerable - 1),
            "evidence_length": float(random.normal()) + 4 * is_arabic,
        }
        found.append(
            Sample(
                kind=TaskKind.GROUNDED,
                before={"arabic": float(is_arabic)},
                after=after,
                device_right=is_answerable,
                cloud_right=None,
                digest=digest_of(f"{is_arabic} {number}"),
                is_answerable=is_answerable,
            )
        )
    return found


def test_a_language_in_which_all_have_an_answer_teaches_nothing_of_it() -> None:
    english = texts(200, is_arabic=False)

    alone = fit_models(english).support
    both = fit_models([*english, *texts(100, is_arabic=True)]).support

    assert alone is not None
    assert both is not None
    assert both.model == alone.model
    assert both.model.weight("covered") > 3 * both.model.weight("evidence_length")
