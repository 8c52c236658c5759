import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.spelled_out import build
from tests.contracts.recognizer import RecognizerContract


class TestSpelledOut(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("write to ali at example dot com please", "ali at example dot com"),
            ("ali.omar (at) mail (dot) example (dot) org", None),
            ("ali[at]example[dot]com", None),
            ("ali [at] example.com", None),
            ("ali {at} example.co.uk", None),
            ("Ali dot Omar AT Example DOT Com", None),
            ("ali @ example . com", None),
            ("بريدي علي آت مثال دوت كوم", "علي آت مثال دوت كوم"),
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
    def test_what_is_written_as_it_is_said_is_found(self, text: str, value: str | None) -> None:
        assert self.found(text) == [value or text]

    @pytest.mark.parametrize(
        "text",
        [
            "ali@example.com",  # another recognizer's
            "we met at example.com",
            "look at the dot com boom",
            "at two dot three percent",
            "meet @ Starbucks. Then go",
            "def f(a): return a @ b",
            "one two three four five six seven eight",  # counting
            "seven six five four three two one zero",
            "zero one one zero zero one one zero",  # bits
            "two or three of the four",
            "3 1 4 1 5 9 2 6",
            "واحد اثنين ثلاثة أربعة خمسة ستة سبعة",
        ],
    )
    def test_what_is_said_for_its_own_sake_is_not(self, text: str) -> None:
        assert not self.found(text)

    @pytest.mark.timeout(20)
    @pytest.mark.parametrize("unit", [" at ", "a at a dot ", "a dot ", "one ", "(at)a.", " @ a . "])
    def test_more_hostile_text_takes_no_quadratic_time(self, unit: str) -> None:
        text = unit * (50_000 // len(unit))

        assert len(list(self.make().find(text))) <= len(text)
