import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.license_plate import build
from tests.contracts.recognizer import RecognizerContract


class TestLicensePlates(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "plate"),
        [
            ("license plate 7ABC123", "7ABC123"),
            ("My number plate is AB12 CDE.", "AB12 CDE"),
            ("Kennzeichen B-AB 1234", "B-AB 1234"),
            ("plate: ABC-1234", "ABC-1234"),
            ("plate DXB A 12345", "DXB A 12345"),
            ("رقم اللوحة أ ب ج 1234", "أ ب ج 1234"),
            ("لوحة السيارة ١٢٣٤ ب ق", "١٢٣٤ ب ق"),
            ("سيارتي س ص ع ١٢٣", "س ص ع ١٢٣"),
            ("immatriculation AA-123-BB", "AA-123-BB"),
            ("a car with plates XYZ 987", "XYZ 987"),
            ("لوحتها ٧٦٥٤٣ أ م", "٧٦٥٤٣ أ م"),
            ("رقم لوحتي 12345 ب", "12345 ب"),
        ],
    )
    def test_plates_are_found(self, text: str, plate: str) -> None:
        spans = [span for span in self.make().find(text) if span.score >= 0.5]

        assert [text[span.start : span.end] for span in spans] == [plate]

    @pytest.mark.parametrize(
        "text",
        [
            "C4, S3 and EKS",
            "ABC-1234",
            "a BMW X5 and an AUDI A4",
            "a plate of 12 biscuits",
            "version AB12",
            "my car is an MX5",
            "في عام 2024 اشترى سيارة",
            "PR 1234",
            "room B 12",
            "COVID-19 and H1N1",
            "serial 7ABC123",
        ],
    )
    def test_other_text_is_left(self, text: str) -> None:
        assert not [span for span in self.make().find(text) if span.score >= 0.5]
