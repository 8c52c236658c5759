import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.told_number import build
from tests.contracts.recognizer import RecognizerContract


class TestToldNumber(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            (
                "call five five five one two three four",
                "five five five one two three four",
            ),
            ("plus nine six six five zero one, double two", None),
            (
                "رقمي صفر خمسة صفر واحد اثنين ثلاثة أربعة",
                "صفر خمسة صفر واحد اثنين ثلاثة أربعة",
            ),
        ],
    )
    def test_a_number_in_words_is_found(self, text: str, value: str | None) -> None:
        assert self.found(text) == [value or text]

    @pytest.mark.parametrize(
        "text",
        [
            "one two three four five six seven eight",  # counting
            "seven six five four three two one zero",
            "zero one one zero zero one one zero",  # bits
            "two or three of the four",
            "3 1 4 1 5 9 2 6",
            "واحد اثنين ثلاثة أربعة خمسة ستة سبعة",
        ],
    )
    def test_words_that_are_told_for_their_own_sake_are_not(self, text: str) -> None:
        assert not self.found(text)

    @pytest.mark.timeout(20)
    @pytest.mark.parametrize("unit", ["one ", "plus ", "double ", "twenty ", "صفر "])
    def test_more_hostile_text_takes_no_quadratic_time(self, unit: str) -> None:
        text = unit * (50_000 // len(unit))

        assert len(list(self.make().find(text))) <= len(text)
