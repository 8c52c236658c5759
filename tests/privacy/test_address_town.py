import pytest

from jisr.privacy.address_town import town_of


@pytest.mark.parametrize(
    ("address", "town"),
    [
        ("Lindenstraße 12, 10969 Berlin", "Berlin"),
        ("350 Fifth Avenue, New York, NY 10118", "New York"),
        ("Av. Paulista, 1578 - Bela Vista, São Paulo - SP, 01310-200, Brazil", "São Paulo"),
        ("12 Main Road\n> Apt. 4\n> WROCŁAW\n> Poland 50-001", "WROCŁAW"),
        ("شارع الملك فهد، حي النزهة، الرياض ١١٥٦٤", "الرياض"),
        ("Building 56, Muscat, Oman", "Muscat"),
    ],
)
def test_the_town_of_an_address_is_told(address: str, town: str) -> None:
    assert town_of(address) == town


@pytest.mark.parametrize(
    "address",
    [
        "14 Willow Lane",
        "Berliner Straße 3",
        "7 Paris Street",
        "3 Elm Road, Xyzzyville",
        "",
        "Oman",
        "Flat 3, Paris Street 5",
    ],
)
def test_no_street_is_told_for_a_town(address: str) -> None:
    assert town_of(address) is None
