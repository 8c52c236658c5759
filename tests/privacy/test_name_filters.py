import pytest

from jisr.privacy.name_filters import (
    is_code,
    is_distinct,
    is_line_of_address,
    is_public,
    names_nobody,
)
from jisr.privacy.words import split


@pytest.mark.parametrize("word", ["French", "Monday", "Python", "The", "A"])
def test_some_words_name_nobody(word: str) -> None:
    assert names_nobody(split(word).words[0])


@pytest.mark.parametrize(
    ("word", "distinct"), [("Zodvboz", True), ("Oman", True), ("House", False)]
)
def test_a_rare_word_or_a_country_marks_out_one_of_a_kind(word: str, distinct: bool) -> None:
    assert is_distinct(split(word).words[0]) is distinct


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("`Holz`", True),
        ("call Holz(now)", True),
        ("see a/Holz", True),
        ("json.Holz.load", True),
        ("sent to KRX/Holz.", False),
        ("src/KRX/Holz", True),
        ("We left. Holz stayed.", False),
        ("We left.Holz stayed", False),
    ],
)
def test_what_stands_beside_a_word_makes_it_code(text: str, code: bool) -> None:
    start = text.index("Holz")

    assert is_code(text, start, start + len("Holz")) is code


@pytest.mark.parametrize(
    ("text", "public"),
    [("Newton's laws", True), ("Isaac Newton was born", True), ("Newton Holz was born", False)],
)
def test_famous_people_and_their_laws_are_public(text: str, public: bool) -> None:
    there = split(text)
    last = 1 if there.words[1].is_capital else 0

    assert is_public(there, 0, last) is public


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("Harbour\n12 Mill Road", True),
        ("Harbour\nMill Road", False),
        ("My Harbour\n12 Mill", False),
    ],
)
def test_a_line_of_its_own_near_a_number_is_of_an_address(text: str, near: bool) -> None:
    start = text.index("Harbour")

    assert is_line_of_address(text, start, start + len("Harbour")) is near
