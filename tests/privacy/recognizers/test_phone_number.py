import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.phone_number import PhoneRecognizer, build
from tests.contracts.recognizer import RecognizerContract


class TestPhoneRecognizer(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "numbers"),
        [
            ("call 650-253-0000 now", ["650-253-0000"]),
            ("(650) 253-0000 or 6502530001", ["(650) 253-0000", "6502530001"]),
            ("+44 20 7946 0958.", ["+44 20 7946 0958"]),
            ("+966 50 123 4567", ["+966 50 123 4567"]),
            ("00966501234567", ["00966501234567"]),
            ("اتصل على +٩٦٦ ٥٠ ١٢٣ ٤٥٦٧ غدا", ["+٩٦٦ ٥٠ ١٢٣ ٤٥٦٧"]),
            ("۰۰۹۸۹۱۲۳۴۵۶۷۸۹", ["۰۰۹۸۹۱۲۳۴۵۶۷۸۹"]),
            # direction marks around and inside of the number
            ("\u200f+966\u200e501234567\u200f", ["+966\u200e501234567"]),
            ("650-253-0000 ext. 123", ["650-253-0000 ext. 123"]),
            ("6502530000 " * 100, ["6502530000"] * 100),
            ("\t650-253-0000\text. 1", ["650-253-0000"]),
        ],
    )
    def test_numbers_are_found(self, text: str, numbers: list[str]) -> None:
        assert self.found(text) == numbers

    @pytest.mark.parametrize(
        "text",
        [
            "order 100-2345678-9012345",
            "version 10.0.19045.3693",
            "192.168.100.200",
            "550e8400-e29b-41d4-a716-446655440000",
            "2024-01-15 10:30:00 20240115103000",
            "1700000000 1700000000000",
            "d41d8cd98f00b204e9800998ecf8427e",
            "e = 2.7182818284, pi = 3.1415926535",
            "ISBN 978-3-16-148410-0",
            "$6502530000",
            "sum: 12 34 56",
        ],
    )
    def test_what_is_no_number_to_dial_is_left(self, text: str) -> None:
        assert not self.found(text)

    def test_a_region_knows_its_own_form(self) -> None:
        text = "0501234567"

        assert [s.end for s in PhoneRecognizer("SA").find(text)] == [10]
        assert not list(PhoneRecognizer("US").find(text))

    def test_a_number_after_very_many_digits_is_found(self) -> None:
        text = "7 " * 20_000 + "and +966 50 123 4567"

        assert self.found(text) == ["+966 50 123 4567"]
