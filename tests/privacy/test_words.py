import pytest

from jisr.privacy.words import split


def test_words_keep_what_is_inside_and_lose_the_s_of_an_owner() -> None:
    there = split("Mary-Ann O'Brien's H&R card, 2nd")

    assert [word.text for word in there.words] == ["Mary-Ann", "O'Brien", "H&R", "card"]


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("We met. He left", ["We", "He"]),
        ("Ask Dr. Bay now", ["Ask"]),
        ("By J. Bay", ["By"]),
        ("Sure: Yes\nNo", ["Sure", "Yes", "No"]),
    ],
)
def test_sentences_start_after_their_signs_but_not_after_an_initial(
    text: str, starts: list[str]
) -> None:
    assert [word.text for word in split(text).words if word.starts_sentence] == starts


def test_how_a_text_is_written_is_told() -> None:
    assert split("call me when you are there").is_small
    assert split("PLEASE CALL ME WHEN YOU ARE THERE, Ali").is_shouted
    assert not split("Please call me").is_small
    assert split("Please call me when you are there").is_english
    assert not split("Bitte ruf mich heute abend noch einmal zurück").is_english


def test_a_line_of_capitals_is_a_heading() -> None:
    there = split("Work Experience and Skills\nI worked for years at Harbour Lights")

    assert {word.text for word in there.words if word.start in there.in_headings} == {
        *("Work", "Experience", "and", "Skills")
    }
