import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.driver_license import build
from tests.contracts.recognizer import RecognizerContract


class TestDriverLicenses(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("Driver's license: D1234567", "D1234567"),
            ("driver license number S530-4609-2345", "S530-4609-2345"),
            ("my driving licence is MORGA657054SM9IJ", "MORGA657054SM9IJ"),
            ("MORGA657054SM9IJ", "MORGA657054SM9IJ"),
            ("DL# 12345678", "12345678"),
            ("رخصة القيادة رقم ١٢٣٤٥٦٧", "١٢٣٤٥٦٧"),
            ("رخصة السياقة: 7654321", "7654321"),
        ],
    )
    def test_licence_numbers_are_found(self, text: str, number: str) -> None:
        spans = [span for span in self.make().find(text) if span.score >= 0.5]

        assert [text[span.start : span.end] for span in spans] == [number]

    @pytest.mark.parametrize(
        "text",
        [
            "D1234567",
            "he got his driving licence in 2004",
            "MIT license 2024, version 10.2.3",
            "a DL course, 12 weeks",
            "order 12345678",
            "license key for Windows 10",
        ],
    )
    def test_other_text_is_left(self, text: str) -> None:
        assert not [span for span in self.make().find(text) if span.score >= 0.5]
