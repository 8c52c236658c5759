import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.medical_record import build
from tests.contracts.recognizer import RecognizerContract


class TestMedicalRecords(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("MRN: 00123456", "00123456"),
            ("medical record number AB-123456", "AB-123456"),
            ("NHS number 943 476 5919", "943 476 5919"),
            ("943 476 5919", "943 476 5919"),
            ("NHS no 9434765919", "9434765919"),
            ("patient id 555123", "555123"),
            ("policy no. HLTH/2023/12345", "HLTH/2023/12345"),
            ("his MRN is NHS 9434765918", "9434765918"),
            ("policy number HX-9981234", "HX-9981234"),
            ("رقم الملف الطبي ٤٥٦٧٨٩", "٤٥٦٧٨٩"),
            ("رقم وثيقة التأمين: 99812345", "99812345"),
            ("MBI 1EG4-TE5-MK73", "1EG4-TE5-MK73"),
            ("Member ID W123456789", "W123456789"),
        ],
    )
    def test_record_numbers_are_found(self, text: str, number: str) -> None:
        spans = [span for span in self.make().find(text) if span.score >= 0.5]

        assert [text[span.start : span.end] for span in spans] == [number]

    @pytest.mark.parametrize(
        "text",
        [
            "9434765919",
            "943 476 5918",
            "650 253 0000 is no record",
            "the patient took 500 mg at 10:30",
            "the group has 120000 members",
            "order 943 476 5919",
            "build 1EG4TE5MK73",
            "privacy policy of 2024",
        ],
    )
    def test_other_text_is_left(self, text: str) -> None:
        assert not [span for span in self.make().find(text) if span.score >= 0.5]
