import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.passport import build
from tests.contracts.recognizer import RecognizerContract


class TestPassports(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("My passport number is X1234567.", "X1234567"),
            ("passport no. 123456789", "123456789"),
            ("Passport: AB1234567, valid to 2031", "AB1234567"),
            ("12AB34567 is his passport", "12AB34567"),
            ("رقم جواز سفري A01234567", "A01234567"),
            ("جواز السفر: ١٢٣٤٥٦٧٨", "١٢٣٤٥٦٧٨"),
            ("Reisepass C01X00T47", "C01X00T47"),
            (
                "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
                "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
            ),
            (
                "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
                "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
            ),
            ("I lost my passport. It is 123456789", "123456789"),
        ],
    )
    def test_passport_numbers_are_found(self, text: str, number: str) -> None:
        spans = [span for span in self.make().find(text) if span.score >= 0.5]

        assert [text[span.start : span.end] for span in spans] == [number]

    @pytest.mark.parametrize(
        "text",
        [
            "X1234567",
            "order 123456789 of a passport holder",
            "a passport costs 130 dollars",
            "passport photos are 35x45 mm",
            "model X1234567",
            "std::vector<int>",
            "a << 3 << 4",
            "since 2004 a passport is valid for 10 years",
            "جواز السفر يكلف 300 ريال",
        ],
    )
    def test_other_text_is_left(self, text: str) -> None:
        assert not [span for span in self.make().find(text) if span.score >= 0.5]
