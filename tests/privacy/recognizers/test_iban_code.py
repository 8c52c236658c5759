import pytest

from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.iban_code import IbanRecognizer
from tests.contracts.recognizer import RecognizerContract


class TestIbanRecognizer(RecognizerContract):
    def make(self) -> Recognizer:
        return IbanRecognizer()

    # numbers: the examples of the SWIFT registry
    @pytest.mark.parametrize(
        ("text", "codes"),
        [
            ("DE89370400440532013000", ["DE89370400440532013000"]),
            ("to DE89 3704 0044 0532 0130 00 by Friday", ["DE89 3704 0044 0532 0130 00"]),
            ("de89 3704 0044 0532 0130 00", ["de89 3704 0044 0532 0130 00"]),
            ("SA03 8000 0000 6080 1016 7519", ["SA03 8000 0000 6080 1016 7519"]),
            ("IBANGB29NWBK60161331926819", ["GB29NWBK60161331926819"]),
            ("MT84MALT011000012345MTLCAST001S", ["MT84MALT011000012345MTLCAST001S"]),
            ("NO9386011117947", ["NO9386011117947"]),
            ("حسابي SA٠٣٨٠٠٠٠٠٠٠٦٠٨٠١٠١٦٧٥١٩", ["SA٠٣٨٠٠٠٠٠٠٠٦٠٨٠١٠١٦٧٥١٩"]),
            (
                "FR1420041010050500013M02606 and AE070331234567890123456",
                ["FR1420041010050500013M02606", "AE070331234567890123456"],
            ),
        ],
    )
    def test_codes_are_found(self, text: str, codes: list[str]) -> None:
        assert self.found(text) == codes

    @pytest.mark.parametrize(
        "text",
        [
            "DE88370400440532013000",  # the checksum is wrong
            "ZZ89370400440532013000",
            "DE8937040044053201300",  # one digit short
            "DE893704004405320130000",  # one too many
            "in24 hours we will be there and sing de89 songs with all of them",
            "sha256 de89f1c2a4b5968778695a4b3c2d1e0f",
        ],
    )
    def test_what_is_no_code_is_left(self, text: str) -> None:
        assert not self.found(text)
