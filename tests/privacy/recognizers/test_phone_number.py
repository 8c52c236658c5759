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
            # other regions: after a word
            ("Call me on 9123 4567 tonight", ["9123 4567"]),
            ("my mobile: 99 123456", ["99 123456"]),
            ("Tel. 371 452 908", ["371 452 908"]),
            ("fax 44-12-34-56", ["44-12-34-56"]),
            ("You can reach her at 0694 123 45 67.", ["0694 123 45 67"]),
            ("Please text 555 0142, his new number", ["555 0142"]),
            ("What is your number? 91234567890", ["91234567890"]),
            ("جوالي ٩٩١٢٣٤٥٦", ["٩٩١٢٣٤٥٦"]),
            ("اتصلوا بها على 2456 7890", ["2456 7890"]),
            ("رقم الهاتف: 24 567 890", ["24 567 890"]),
            ("هاتف ٢٤٥٦٧٨ في صلالة", ["٢٤٥٦٧٨"]),
            # other regions: by their groups
            ("078 9012 3456", ["078 9012 3456"]),
            ("0498 12 34 56 or (71) 2345-6789", ["0498 12 34 56", "(71) 2345-6789"]),
            ("01.84.99.12.34", ["01.84.99.12.34"]),
            ("+999 123 45 678", ["+999 123 45 678"]),
            ("0501234567", ["0501234567"]),
            ("Mobile: 886 952720881", ["886 952720881"]),
            ("Anna\n371 452 908\nElm Street", ["371 452 908"]),
            ("Anna | P: 371 452 908", ["371 452 908"]),
            ("371 452 908-Office, 99 123456-Fax", ["371 452 908", "99 123456"]),
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
            "call 911",
            "a phone of 1440x3200 pixels",
            "08/2023 – 03/2024, 2001–2002 and (1983-1987)) called",
            "due on 2024.04.05 23:59",
            "# 2023-123004",
            "I called 3 people on 2024-01-15",
            "the phones of 2019 - 2024",
            "a phone for 1 200 000 won",
            "order number 9123 4567",
            "between 1990-2000 and 2001-2010",
            "he called 192.168.10.20",
            "rgb(120, 130, 140) #112233",
            "123 456 789",
            "9123 4567",
            "a matrix 10 20 30 40 50",
            "scores 101-99 and 88-90",
            "tracking number 371 452 908",
            "invoice no. 0694123456",
            "12/11/2023 10:45",
            "call f(1234567, 8)",
            "GET /api/v2/items/1234567",
            "the amount is 1.200.000",
            "طلب رقم 91234567",
            "call 10 000 people",
        ],
    )
    def test_what_is_no_number_to_dial_is_left(self, text: str) -> None:
        assert not self.found(text)

    def test_a_region_knows_its_own_form(self) -> None:
        text = "0501234567"

        assert [s.end for s in PhoneRecognizer("SA").find(text)] == [10]
        assert [s.score for s in PhoneRecognizer("SA").find(text)] == [0.8]
        assert [s.score for s in PhoneRecognizer("US").find(text)] == [0.5]

    def test_a_number_after_very_many_digits_is_found(self) -> None:
        text = "7 " * 20_000 + "and +966 50 123 4567"

        assert self.found(text) == ["+966 50 123 4567"]
