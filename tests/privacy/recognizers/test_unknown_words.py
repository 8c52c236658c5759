import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.unknown_words import build
from tests.contracts.recognizer import RecognizerContract


class TestUnknownWords(RecognizerContract):
    def make(self) -> Recognizer:
        recognizer = build(PrivacySettings())
        assert list(recognizer.find("I promote ovhclaud"))  # lists are read now
        return recognizer

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("My post should promote ovhclaud, please.", ["ovhclaud"]),
            ("Rachel Zheng and zinnafe demuqqi came", ["zinnafe", "demuqqi"]),
            ("Nice. Honey said on 24 June 2007 that it was", ["Honey"]),
        ],
    )
    def test_words_that_no_dictionary_has_are_found(self, text: str, found: list[str]) -> None:
        assert self.found(text) == found

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "Explain what ovhclaud does.",  # a term, in a text about nobody
            "My smartphone was rebranded as unboxable.",
            "I recieve teh parcel",
            "I study cytokines and keratinocytes",
            "My `ovhclaud` and ovhclaud_x fail",
            "I wrote this on 24 June",
        ],
    )
    def test_terms_slips_and_compounds_are_left(self, text: str) -> None:
        assert self.found(text) == []
