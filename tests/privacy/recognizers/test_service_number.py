import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.service_number import build
from tests.contracts.recognizer import RecognizerContract


class TestServiceNumbers(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("my student id is 20231234", "20231234"),
            ("Customer number: K-123456", "K-123456"),
            ("employee no. 445566", "445566"),
            ("his membership no 9988 7766", "9988 7766"),
            ("رقم الطالب ٢٠٢٣١٢٣٤", "٢٠٢٣١٢٣٤"),
            ("الرقم الوظيفي: 445566", "445566"),
            ("frequent flyer number AB123456", "AB123456"),
        ],
    )
    def test_numbers_are_found(self, text: str, number: str) -> None:
        spans = [span for span in self.make().find(text) if span.score >= 0.5]

        assert [text[span.start : span.end] for span in spans] == [number]

    @pytest.mark.parametrize(
        "text",
        [
            "20231234",
            "order 20231234 of the customer",
            "we have 445566 customers",
            "employee number 12",
            "student loans of 45000 dollars",
            "the customer came in 2004",
            "العميل دفع 20000 ريال",
            "the number of employees is 445566",
        ],
    )
    def test_other_text_is_left(self, text: str) -> None:
        assert not [span for span in self.make().find(text) if span.score >= 0.5]
