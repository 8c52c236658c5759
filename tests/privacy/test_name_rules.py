import pytest

from jisr.privacy.name_rules import Part, judge
from jisr.privacy.words import split


def part(text: str, name: str, **more: bool) -> Part:
    there = split(text)
    starts = [word.start for word in there.words]
    first = starts.index(text.index(name))
    return Part(there, first, first + len(name.split()) - 1, **more)


@pytest.mark.parametrize(
    ("text", "name", "entity_type"),
    [
        ("we met Rachel Zheng", "Rachel Zheng", "PERSON"),
        ("we met Zodvboz there", "Zodvboz", "PERSON"),
        ("Angel, can you come?", "Angel", "PERSON"),
        ("he moved to Leppen", "Leppen", "CITY"),
        ("he moved to New Zealand", "New Zealand", "COUNTRY"),
        ("the address of Compliance And Risks is long", "Compliance And Risks", "ORGANIZATION"),
        ("she works at Mint now", "Mint", "ORGANIZATION"),
        ("the Zodvboz company", "Zodvboz", "ORGANIZATION"),
        ("Orange Egypt has a plan", "Orange Egypt", "ORGANIZATION"),
        ("Harbour Lights Bank\n12 Mill Road", "Harbour Lights Bank", "ORGANIZATION"),
    ],
)
def test_the_words_around_tell_what_a_name_is_of(text: str, name: str, entity_type: str) -> None:
    found = judge(part(text, name))

    assert found is not None
    assert found.entity_type == entity_type
    assert 0 < found.score <= 1


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Wisdom is a virtue", "Wisdom"),
        ("we use Python here", "Python"),
        ("the Work Experience section", "Work Experience"),
        ('the song "Tube Snake Boogie" of then', "Tube Snake Boogie"),
    ],
)
def test_ordinary_words_with_a_capital_are_no_name(text: str, name: str) -> None:
    assert judge(part(text, name)) is None


def test_anything_after_a_title_is_a_person() -> None:
    found = judge(part("ask Mr. Wisdom", "Wisdom", has_title=True))

    assert found is not None
    assert found.entity_type == "PERSON"
