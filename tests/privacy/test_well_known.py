import pytest

from jisr.privacy.well_known import is_asked_of_the_world, is_eponym, is_famous, is_personal


@pytest.mark.parametrize(
    ("text", "personal"),
    [
        ("Who was Albert Einstein?", False),
        ("Explain the laws of Newton", False),
        ("My uncle met Einstein", True),
        ("Dear Isaac, thank you", True),
        ("من هو ابن سينا؟", False),
        ("أنا اسمي خالد", True),
    ],
)
def test_a_text_about_its_writer_is_personal(text: str, personal: bool) -> None:
    assert is_personal(text) is personal


@pytest.mark.parametrize("name", ["albert einstein", "shakespeare", "ابن سينا"])
def test_some_names_are_known_to_everybody(name: str) -> None:
    assert is_famous(name)


def test_a_namesake_with_another_given_name_is_not_known() -> None:
    assert not is_famous("karim einstein")


def test_laws_are_called_after_people() -> None:
    assert is_eponym("theorem")
    assert not is_eponym("lives")


@pytest.mark.parametrize(
    "before", ["What is the capital of ", "the population of the ", "Where is ", "ما عاصمة "]
)
def test_facts_are_asked_of_places(before: str) -> None:
    assert is_asked_of_the_world(before + "Oman", len(before))


@pytest.mark.parametrize("before", ["I live in ", "flights to ", "أسكن في "])
def test_other_words_before_a_place_ask_no_fact(before: str) -> None:
    assert not is_asked_of_the_world(before + "Oman", len(before))
