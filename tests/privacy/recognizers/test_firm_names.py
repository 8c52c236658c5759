import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.firm_names import build
from tests.contracts.recognizer import RecognizerContract


class TestFirmNames(RecognizerContract):
    def make(self) -> Recognizer:
        recognizer = build(PrivacySettings())
        assert list(recognizer.find("Marshall, Holz and Simpson"))  # lists are read now
        return recognizer

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("He left Marshall, Hernandez and Simpson", ["Marshall, Hernandez and Simpson"]),
            ("He left Bay & Sons.", ["Bay & Sons"]),
            ("market share of snowflake inc.", ["snowflake inc."]),
            ("a letter to the russian ministry of education", ["russian ministry of education"]),
            ("write to the university of leeds about it", ["university of leeds"]),
            ("worked with MGS HOSPITAL and left", ["MGS HOSPITAL"]),
            ("my career so far at excel systems", ["excel systems"]),
            ("during my work at zodvboz", ["zodvboz"]),
            ("the company is zodvboz research and it grows", ["zodvboz research"]),
            ("the firm is glasfer labs now", ["glasfer labs"]),
            ("my firm is called cobalt now", ["cobalt"]),
            ("we run a barney's restaurant", ["barney's"]),
            ("sell it in the colin store", ["colin store"]),
        ],
    )
    def test_firms_and_bodies_are_found(self, text: str, found: list[str]) -> None:
        assert self.found(text) == found

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "founders: Kreutz, Becker and Reed",
            "Red, White and Blue",
            "the college of my choice",
            "the company is thriving and the firm was sold",
            "the brand is recieving orders",
            "the pearl store and a grocery store, my son's shop",
        ],
    )
    def test_other_lists_and_words_are_left(self, text: str) -> None:
        assert self.found(text) == []
