import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.national_id import build
from tests.contracts.recognizer import RecognizerContract

# numbers: the registers' own published samples, and others made up so that the checksum holds
FOUND = [
    ("His social security number is 588-46-6702", "588-46-6702"),
    ("SSN 588466702", "588466702"),
    ("588-46-6702", "588-46-6702"),
    ("ssn: 588 46 6702.", "588 46 6702"),
    # the rules of the register refuse it; said to be one all the same
    ("my SSN is 987-65-4321", "987-65-4321"),
    # nothing else is written so
    ("please review 950-36-9596", "950-36-9596"),
    ("my NI number is AB 12 34 56 C", "AB 12 34 56 C"),
    ("AB123456C is on the form", "AB123456C"),
    ("SIN 046-454-286", "046-454-286"),
    ("هويتي ١٠١٠٣٠٥٩٣٦", "١٠١٠٣٠٥٩٣٦"),
    ("iqama number 2234567890", "2234567890"),
    ("784-1990-1234567-6", "784-1990-1234567-6"),
    ("Emirates ID: 784199012345676", "784199012345676"),
    ("الرقم القومي ٢٩٠٠١٠١٠١٢٣٤٥٦", "٢٩٠٠١٠١٠١٢٣٤٥٦"),
    ("رقمي المدني 12345678", "12345678"),
    ("civil number 12345678 in Oman", "12345678"),
    ("Aadhaar 2341 2341 2346", "2341 2341 2346"),
    ("NIR 2 95 10 99 126 111 93", "2 95 10 99 126 111 93"),
    ("295109912611193 is hers", "295109912611193"),
    ("DNI 54362315K", "54362315K"),
    ("54.362.315-K", "54.362.315-K"),
    ("X-2482300-W", "X-2482300-W"),
    ("codice fiscale RCCMNL83S18D969H", "RCCMNL83S18D969H"),
    ("meu CPF é 390.533.447-05", "390.533.447-05"),
    ("身份证 360426199101010071", "360426199101010071"),
    ("BOXW310820HNERXN09", "BOXW310820HNERXN09"),
    ("971013-9019902", "971013-9019902"),
    ("S1234567D", "S1234567D"),
    ("kimlik 17291716060", "17291716060"),
    ("PESEL: 44051401359", "44051401359"),
    ("880320-0016", "880320-0016"),
    ("hetu 131052-308T", "131052-308T"),
    ("85.07.30-033.28", "85.07.30-033.28"),
    ("BSN 111222333", "111222333"),
    ("756.9217.0769.85", "756.9217.0769.85"),
    ("PPS 6433435F", "6433435F"),
    ("RUT 12.531.909-2", "12.531.909-2"),
    ("national id: AB-123.456", "AB-123.456"),
    ("call about her id card 12345678", "12345678"),
]


class TestNationalIds(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(("text", "number"), FOUND)
    def test_numbers_are_found(self, text: str, number: str) -> None:
        spans = [span for span in self.make().find(text) if span.score >= 0.5]

        assert [text[span.start : span.end] for span in spans] == [number]

    @pytest.mark.parametrize(
        "text",
        [
            "588466702",
            "order 588466702",
            "order no. 588-466-702",
            "the user id is 42",
            "user id 046454286",
            "id card of 2001-2002, id card 2024-01-15",
            "هويتها للفترة 2001–2002",
            "123-45-6789-0",
            "550e8400-e29b-41d4-a716-446655440000",
            "d41d8cd98f00b204e9800998ecf8427e",
            "2024-01-15 10:30:00 20240115103000",
            "ISBN 978-3-16-148410-0",
            "version 10.0.19045.3693",
            "C4, S3 and EKS in eu-west-1",
            "1700000000",
            "tracking number 54362315K",
            "https://example.com/a/54362315K",
            "+966 50 123 4567",
            "$588-46-6702",
            "3.141592653589793",
            "pods api-7d4b9c6f5-x2x9k and web-5f6d8b9c7-abcde",
            "#588466",
            "PR 12345 and issue 67890",
        ],
    )
    def test_other_numbers_are_not_sure(self, text: str) -> None:
        assert not [span for span in self.make().find(text) if span.score >= 0.5]

    def test_a_checksum_and_a_word_raise_the_score(self) -> None:
        def score(text: str) -> float:
            return max((span.score for span in self.make().find(text)), default=0.0)

        assert score("54362315K") < score("DNI 54362315K")
        assert score("DNI 54362315A") < score("DNI 54362315K")
        assert score("54362315A") == 0.0

    def test_the_reason_names_the_kind_and_the_word(self) -> None:
        (span,) = self.make().find("DNI 54362315K")

        assert span.why == 'Spanish DNI, checksum holds, after "dni"'
