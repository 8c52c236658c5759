import pytest

from jisr.privacy.place_names import fold_place, is_city, is_country, is_region

TOWNS = (
    "Muscat|مسقط|الرياض|Cologne|Köln|LAPPEENRANTA|Wrocław|Clermont-Ferrand|clermont ferrand|"
    "نِزوى|Vila|ΛΕΥΚΩΣΙΑ|Москва"
)


@pytest.mark.parametrize("name", TOWNS.split("|"))
def test_towns_are_known_by_their_own_and_by_other_names(name: str) -> None:
    assert is_city(fold_place(name))


@pytest.mark.parametrize("name", ["Oman", "عمان", "Deutschland", "UNITED KINGDOM", "España", "USA"])
def test_countries_are_known_in_english_arabic_and_their_own_language(name: str) -> None:
    assert is_country(fold_place(name))


@pytest.mark.parametrize("name", ["Texas", "Ontario", "New South Wales", "baden-württemberg"])
def test_regions_are_known(name: str) -> None:
    assert is_region(fold_place(name))


@pytest.mark.parametrize("name", ["", "which", "Qwxyz", "في", "كتابي", "of"])
def test_other_words_are_no_places(name: str) -> None:
    folded = fold_place(name)

    assert not (is_city(folded) or is_country(folded) or is_region(folded))


def test_a_town_is_as_large_as_the_largest_of_its_name() -> None:
    assert is_city(fold_place("Paris"), min_population=1_000_000)
    assert not is_city(fold_place("Vila"), min_population=1_000_000)


@pytest.mark.parametrize(
    ("name", "folded"),
    [("Saint-Étienne", "saint etienne"), ("  Łódź ", "lodz"), ("مُكَّة", "مكه"), ("أبها", "ابها")],
)
def test_folding_leaves_what_spellings_share(name: str, folded: str) -> None:
    assert fold_place(name) == folded
