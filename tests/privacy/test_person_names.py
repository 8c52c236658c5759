import pytest

from jisr.privacy.person_names import is_family, is_given, is_name
from jisr.privacy.place_names import fold_place


@pytest.mark.parametrize("name", ["Sarah", "José", "jose", "Ahmed", "محمد", "فاطمة", "Krzysztof"])
def test_given_names_of_many_countries_are_known(name: str) -> None:
    assert is_given(fold_place(name))


@pytest.mark.parametrize("name", ["Smith", "Kovács", "Nguyen", "النجار", "Müller", "O'Connor"])
def test_family_names_of_many_countries_are_known(name: str) -> None:
    assert any(map(is_family, fold_place(name).split("'")))


@pytest.mark.parametrize("word", ["", "table", "qwxyz", "كتاب"])
def test_other_words_are_no_names(word: str) -> None:
    assert not is_name(fold_place(word))
