import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.street_address import build
from tests.contracts.recognizer import RecognizerContract


class TestStreetAddressRecognizer(RecognizerContract):
    broken_by = '"\\'

    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "addresses"),
        [
            ("I live at 14 Willow Lane.", ["14 Willow Lane"]),
            ("Ship it to 221B Baker Street, London", ["221B Baker Street, London"]),
            ("We met near 7 rue de la Paix, 75002 Paris", ["7 rue de la Paix, 75002 Paris"]),
            ("Lindenstraße 12, 10969 Berlin", ["Lindenstraße 12, 10969 Berlin"]),
            ("her office is at Via Garibaldi, 18", ["Via Garibaldi, 18"]),
            ("Calle de Alcalá 45, Madrid, Spain", ["Calle de Alcalá 45, Madrid, Spain"]),
            ("wohnt in Keizersgracht 123", ["Keizersgracht 123"]),
            ("The shop is on Drottninggatan 5", ["Drottninggatan 5"]),
            ("Kossuth Lajos u. 12.", ["Kossuth Lajos u. 12."]),
            ("ul. Piękna 24, 00-549 Warszawa", ["ul. Piękna 24, 00-549 Warszawa"]),
            ("ул. Ленина 5, Москва", ["ул. Ленина 5, Москва"]),
            # no street word, but the sentence says what it is
            ("I live at 3369 Clarke", ["3369 Clarke"]),
            # units in front, streets that have numbers for names
            ("Flat 3, 27 Ivy Square, London W2 4BG", ["Flat 3, 27 Ivy Square, London W2 4BG"]),
            ("Villa 12, Street 45, Dubai", ["Villa 12, Street 45, Dubai"]),
            ("Address: House 14, Road 27, Block K", ["House 14, Road 27, Block K"]),
            ("Unit 5/12 Harbour Road", ["Unit 5/12 Harbour Road"]),
            ("Gartenstr. 5, D-10115 Berlin", ["Gartenstr. 5, D-10115 Berlin"]),
            ("Prinsengracht 18, 1016 BR Amsterdam", ["Prinsengracht 18, 1016 BR Amsterdam"]),
            ("ул. Садовая, д. 7, Москва 125009", ["ул. Садовая, д. 7, Москва 125009"]),
            ("Dlouhá třída 84/1, 110 00 Praha 1", ["Dlouhá třída 84/1, 110 00 Praha 1"]),
            ("at 5th Avenue and 42nd Street", ["5th Avenue and 42nd Street"]),
            ("She lives on the north side of Rosario Vega 2906.", ["Rosario Vega 2906"]),
            ("Send it to 4410 Kivelä 17 Apt. 3", ["4410 Kivelä 17 Apt. 3"]),
            (
                "meet me at the corner of 5 Elm Str. and Oak Mill",
                ["the corner of 5 Elm Str. and Oak Mill"],
            ),
            ("my address is Hanna and Villa Street 9", ["Hanna and Villa Street 9"]),
            ("They moved to 8 Pine Road in Norwich.", ["8 Pine Road", "Norwich"]),
            ("we walked down Sycamore Avenue", ["Sycamore Avenue"]),
            ("Write to P.O. Box 149, Muscat", ["P.O. Box 149, Muscat"]),
            ("PSC 1234, Box 567\nAPO AE 09021", ["PSC 1234, Box 567\nAPO AE 09021"]),
            (
                "where to? meet at 19 elm road apt. 4\ngent, be 9000",
                ["19 elm road apt. 4\ngent, be 9000"],
            ),
            # a table's empty cell
            (
                "12 Main Road Apt. 4\nUppvik\n, nan\n Sweden 12345",
                ["12 Main Road Apt. 4\nUppvik\n, nan\n Sweden 12345"],
            ),
        ],
    )
    def test_addresses_are_found_with_all_their_parts(
        self, text: str, addresses: list[str]
    ) -> None:
        assert self.found(text) == addresses

    @pytest.mark.parametrize("indent", ["", "   ", "> ", ">"])
    def test_a_block_of_lines_is_one_address(self, indent: str) -> None:
        lines = ["8082 Fairview Rd", "Suite 991", "BASHALL TOWN", "ND", "United Kingdom 89800"]
        text = f"{indent}Jane Roe\n" + "".join(f"{indent}{line}\n" for line in lines)

        address = f"\n{indent}".join(lines)
        assert self.found(f"{text}\nBest Regards") == [address]

    @pytest.mark.parametrize(
        "text",
        [
            "3 Main points about Route 53 and Area 51",
            "a 5 Star service on Windows 11",
            "See Section 4 of Chapter 12",
            "Manchester United 3 Arsenal 1 was the score",
            "it costs $120 Canadian, about 90 Euros",
            "Wall Street fell 3 percent; Google Drive 2 was slow",
            "On 6 January 2024 the Supreme Court met at 10:30",
            "We moved to Python 3 and Ubuntu 24",
            "In 1984 Apple sold 300 Macs",
            "the Emergency Highway Energy Conservation Act 1975",
            "pictures #6, #7 and #8",
            "Boston Celtics 112 Miami Heat 98",
            "the deadline is 15 Ramadan 1445",
            "Sleepy Joe 1970, Price Mitchell 1974",
            "version 10.0.19045 at Level 3",
            "which street is the longest?",
        ],
    )
    def test_what_is_no_address_is_left(self, text: str) -> None:
        assert not self.found(text)

    def test_the_lines_after_an_address_are_left(self) -> None:
        text = "12 Willow Lane\nSpringfield\n\nBest Regards\nAnna"

        assert self.found(text) == ["12 Willow Lane\nSpringfield"]

    def test_no_address_goes_across_a_quotation_mark(self) -> None:
        text = '{"street": "12 Willow Lane", "city": "Paris"}'

        assert self.found(text) == ["12 Willow Lane"]
