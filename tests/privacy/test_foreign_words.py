import pytest

from jisr.privacy.foreign_words import is_mostly_english, is_ordinary, is_smallest, language_of

WRITE = "please write to the man of the house das ist"
TRANSLATE = "translate this das urteil ist nicht in der"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("das urteil ist nicht in der zeitung", "de"),
        ("je suis avec mon mari et les enfants", "fr"),
        ("vivo con mi hermana en el centro y no se nada", "es"),
        ("translate this das urteil ist nicht in der zeitung", "de"),
        ("please write to the man in the street", ""),
        ("she said die hard was on", ""),
        ("", ""),
    ],
)
def test_a_language_is_told_by_its_smallest_words(text: str, language: str) -> None:
    assert language_of(text.split()) == language


def test_a_text_is_in_the_language_that_it_has_more_small_words_of() -> None:
    assert is_mostly_english(WRITE.split(), "de")
    assert not is_mostly_english(TRANSLATE.split(), "de")


def test_ordinary_words_are_known_in_their_language() -> None:
    assert is_ordinary("zeitung", "de")
    assert not is_ordinary("zodvboz", "de")
    assert is_smallest("der", "de")
    assert not is_smallest("zeitung", "de")
