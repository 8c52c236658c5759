import pytest

from jisr.privacy.plan import Action
from jisr.privacy.risk import BITS_OF_ONE, assess, worth

KEEP, GENERALISE, REPLACE = Action.KEEP, Action.GENERALISE, Action.REPLACE


def test_birth_date_postcode_and_gender_single_out_one_person() -> None:
    """Sweeney 2000."""
    leaving = [("BIRTH_DATE", KEEP), ("POSTCODE", KEEP)]

    risk = assess(leaving, ["she was born on", "and lives in"])

    assert risk.score == 1
    assert risk.bits > BITS_OF_ONE


def test_no_one_of_the_clues_does_it_alone() -> None:
    alone = [assess([(it, KEEP)], []).score for it in ("BIRTH_DATE", "POSTCODE", "AGE", "CITY")]

    assert all(0 < score < 0.7 for score in alone)


def test_age_city_employer_job_and_a_rare_illness_single_out_one_person() -> None:
    leaving = [("AGE", KEEP), ("CITY", KEEP), ("ORGANIZATION", KEEP)]
    texts = ["I am a nurse and I have lupus"]

    assert assess(leaving, texts).score == 1
    assert assess([(it, REPLACE) for it, _ in leaving], texts).score < 0.7


@pytest.mark.parametrize("entity_type", ["AGE", "BIRTH_DATE", "POSTCODE", "COORDINATES"])
def test_what_says_less_gives_less_away(entity_type: str) -> None:
    bits = [worth(entity_type, action) for action in (REPLACE, GENERALISE, KEEP)]

    assert bits == sorted(bits)
    assert bits[0] == 0 < bits[1]


@pytest.mark.parametrize(
    ("text", "clues"),
    [
        ("I am a judge", ["a job"]),
        ("my wife has lupus", ["a rare illness", "gender"]),
        ("أعمل مهندسة وعندي صرع", ["a rare illness", "a job"]),
        ("what does a judge do, and what is lupus?", []),  # a question in general
        ("imagine also", []),
    ],
)
def test_words_about_somebody_tell_too(text: str, clues: list[str]) -> None:
    assert [clue.what for clue in assess([], [text]).clues] == clues


def test_five_towns_are_one_clue_and_tell_their_country() -> None:
    one = assess([("CITY", KEEP)], [])

    assert assess([*[("CITY", KEEP)] * 5, ("COUNTRY", KEEP)], []) == one


def test_it_explains_itself_strongest_first() -> None:
    sentence = assess([("AGE", KEEP), ("CITY", KEEP)], ["I"]).sentence

    assert sentence == "21 of the 33 bits that tell one person: CITY 15, AGE 6"
    assert assess([], []).sentence == ""
