from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.privacy.reckoning import age_on, next_birthday, readings, reckon, with_facts
from tests.privacy.examples import request

TODAY = date(2025, 6, 1)


@pytest.mark.parametrize(
    ("value", "dates"),
    [
        ("12 May 1990", {date(1990, 5, 12)}),
        ("May 12th, 1990", {date(1990, 5, 12)}),
        ("1990-05-12", {date(1990, 5, 12)}),
        ("25/12/1990", {date(1990, 12, 25)}),
        ("05/12/1990", {date(1990, 12, 5), date(1990, 5, 12)}),
        ("١٢ مايو ١٩٩٠", {date(1990, 5, 12)}),
        ("12 كانون الثاني 1990", {date(1990, 1, 12)}),
        ("12/05/90", set()),
        ("31/31/1990", set()),
        ("1990", set()),
        ("", set()),
    ],
)
def test_a_date_is_read_in_every_way_it_may_mean(value: str, dates: set[date]) -> None:
    assert readings(value) == dates


@pytest.mark.parametrize(
    ("text", "values", "facts"),
    [
        (
            "I was born on 12 May 1990. How old am I?",
            [("BIRTH_DATE", "12 May 1990")],
            ("age on 2025-06-01: 35 years", "days to the next birthday: 345"),
        ),
        (
            "ولدت في ١٢ مايو ١٩٩٠ كم عمري؟",
            [("BIRTH_DATE", "١٢ مايو ١٩٩٠")],
            ("age on 2025-06-01: 35 years", "days to the next birthday: 345"),
        ),
        # which of the two is the month does not matter for the age
        (
            "born 05/04/1990, how old?",
            [("BIRTH_DATE", "05/04/1990")],
            ("age on 2025-06-01: 35 years",),
        ),
        ("born 12/05/90, how old?", [("BIRTH_DATE", "12/05/90")], ()),
        (
            "What is the sum of the ages 34 and 36?",
            [("AGE", "34"), ("AGE", "36")],
            ("sum of the 2 private numbers: 70, mean: 35, difference: 2",),
        ),
        (
            "So it goes. " * 20 + "What is the mean of 34 and 36?",
            [("AGE", "34"), ("AGE", "36")],
            ("sum of the 2 private numbers: 70, mean: 35, difference: 2",),
        ),
        (
            "ما مجموع ٣٤ و ٣٦ و ٢؟",
            [("AGE", "٣٤"), ("AGE", "٣٦"), ("AGE", "٢")],
            ("sum of the 3 private numbers: 72, mean: 24",),
        ),
    ],
)
def test_what_needs_real_values_is_reckoned(
    text: str, values: list[tuple[str, str]], facts: tuple[str, ...]
) -> None:
    reckoning = reckon(text, values, TODAY)

    assert reckoning.is_asked
    assert reckoning.facts == facts


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("How old is the universe?", []),
        ("I was born on 12 May 1990: write a poem", [("BIRTH_DATE", "12 May 1990")]),
        ("What is the total of my bill, I am 34", [("AGE", "34")]),
        # a long text that speaks of totals, and of ages elsewhere
        (
            "He is 34. She is 36. " + "So it goes. " * 20 + "The total was fine.",
            [("AGE", "34")] * 2,
        ),
        ("Sum up the letter of Sara to Omar", [("PERSON", "Sara"), ("PERSON", "Omar")]),
    ],
)
def test_nothing_is_reckoned_that_was_not_asked(text: str, values: list[tuple[str, str]]) -> None:
    assert not reckon(text, values, TODAY).is_asked


def test_a_leap_days_birthday_is_the_first_of_march_elsewhere() -> None:
    assert next_birthday(date(2000, 2, 29), TODAY) == date(2026, 3, 1)
    assert next_birthday(date(2000, 6, 1), TODAY) == TODAY


@given(st.dates(date(1900, 1, 1), date(2025, 6, 1)), st.dates(date(2025, 6, 1), date(2100, 1, 1)))
def test_a_birthday_comes_within_a_year_and_makes_one_older(birth: date, today: date) -> None:
    day = next_birthday(birth, today)

    assert 0 <= (day - today).days <= 366
    assert age_on(birth, day) >= age_on(birth, today)


def test_the_devices_model_is_told_the_outcome_at_the_end_of_the_last_text() -> None:
    turn = request("Hello", "How old am I?")

    told = with_facts(turn, ["age: 35", "days: 3"])

    assert told.messages[0] == turn.messages[0]
    assert told.messages[1].text == "How old am I?\n\n(Reckoned: age: 35; days: 3.)"
    assert with_facts(turn, ()) is turn


@given(st.text(max_size=30), st.text(max_size=60))
def test_odd_values_are_no_error(value: str, text: str) -> None:
    assert (
        reckon(text + " how old, total", [("BIRTH_DATE", value), ("AGE", value)], TODAY).facts
        is not None
    )
