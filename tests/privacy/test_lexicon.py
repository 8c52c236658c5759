import pytest

from jisr.privacy import lexicon


def test_words_are_counted_in_english_and_arabic() -> None:
    assert lexicon.count("house") > lexicon.count("becker") > 0
    assert lexicon.count("qwxyzz") == 0
    assert lexicon.count_arabic("كتاب") > 1000
    assert lexicon.count_arabic("قثضص") == 0


def test_a_compound_is_as_rare_as_its_rarer_part() -> None:
    assert lexicon.count("brown-haired") == lexicon.count("haired")


@pytest.mark.parametrize("word", ["italian", "canadian", "omani", "french", "arabic", "swahili"])
def test_nationalities_and_languages_are_known(word: str) -> None:
    assert lexicon.is_people(word)


@pytest.mark.parametrize("word", ["martin", "human", "garden", "oman", "brown", "layla"])
def test_other_words_are_no_nationality(word: str) -> None:
    assert not lexicon.is_people(word)


@pytest.mark.parametrize("word", ["python", "s3", "eks", "kubernetes", "postgresql", "haskell"])
def test_software_is_known(word: str) -> None:
    assert lexicon.is_software(word)


@pytest.mark.parametrize(
    ("word", "is_slip"), [("recieve", True), ("univeristy", True), ("lualhati", False)]
)
def test_a_slip_is_one_letter_from_a_common_word(word: str, is_slip: bool) -> None:
    assert lexicon.is_misspelt(word) is is_slip


def test_months_and_feasts_are_of_the_calendar() -> None:
    assert all(map(lexicon.is_calendar, ["january", "friday", "ramadan"]))
    assert not lexicon.is_calendar("layla")


def test_a_word_as_long_as_a_book_is_no_slip_and_takes_no_memory() -> None:
    assert not lexicon.is_misspelt("x" * 1_000_000)
