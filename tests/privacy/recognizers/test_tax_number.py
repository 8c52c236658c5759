import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.tax_number import build
from tests.contracts.recognizer import RecognizerContract

# numbers: the offices' own published samples, and others made up so that the checksum holds
FOUND = [
    ("Our VAT number is DE136695976", "DE136695976"),
    ("IE6433435F, ATU13585627", "IE6433435F"),
    ("EIN 91-1144442", "91-1144442"),
    ("912-90-3456", "912-90-3456"),
    ("UTR 1955839661", "1955839661"),
    ("Steuer-ID 36 574 261 809", "36 574 261 809"),
    ("PAN: ACUPA7085R", "ACUPA7085R"),
    ("27AAPFU0939F1ZV", "27AAPFU0939F1ZV"),
    ("16.727.230/0001-97", "16.727.230/0001-97"),
    ("CUIT 20-05536168-2", "20-05536168-2"),
    ("RFC GODE561231GR8", "GODE561231GR8"),
    ("partita IVA 00743110157", "00743110157"),
    ("NIP 856-734-62-15", "856-734-62-15"),
    ("NIF 501964843", "501964843"),
    ("SIRET 732 829 320 00074", "732 829 320 00074"),
    ("ABN 83 914 571 673", "83 914 571 673"),
    ("my TFN is 123 456 782", "123 456 782"),
    ("CHE-100.155.212", "CHE-100.155.212"),
    ("الرقم الضريبي ٣٠٠٠٠٠٠٠٠٠٠٠٠٠٣", "٣٠٠٠٠٠٠٠٠٠٠٠٠٠٣"),
    ("رقم التسجيل الضريبي: 123-456-789", "123-456-789"),
    ("her tax id is 55 1234567", "55 1234567"),
]


class TestTaxNumbers(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(("text", "number"), FOUND)
    def test_numbers_are_found(self, text: str, number: str) -> None:
        spans = [span for span in self.make().find(text) if span.score >= 0.5]

        assert number in [text[span.start : span.end] for span in spans]

    @pytest.mark.parametrize(
        "text",
        [
            "91-1144442",
            "1955839661",
            "the tax is 1200 euros",
            "tax of 19 % since 2007",
            "invoice 36574261809",
            "version DE13.2",
            "model GODE561231GR9",
            "2024/01/15",
            "192.168.100.200",
            "commit d41d8cd98f00b204e9800998ecf8427e",
            "EKS 1234567",
            "between 100 000 000 and 200 000 000",
        ],
    )
    def test_other_numbers_are_not_sure(self, text: str) -> None:
        assert not [span for span in self.make().find(text) if span.score >= 0.5]
