import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.postcode import build
from tests.contracts.recognizer import RecognizerContract


class TestPostcodeRecognizer(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "codes"),
        [
            ("my zip code is 90210", ["90210"]),
            ("ZIP: 4021", ["4021"]),
            ("ZIP: 411 19", ["411 19"]),
            ("zip code 1012 AB, please", ["1012 AB"]),
            ("Our postal code is 01310-100.", ["01310-100"]),
            ("postcode: ec1a 1bb", ["ec1a 1bb"]),
            ('"postal_code": "00-950"', ["00-950"]),
            ("the PLZ is 610", ["610"]),
            ("12345-6789 is my zip code", ["12345-6789"]),
            ("الرمز البريدي ١٣٢٥١", ["١٣٢٥١"]),
            ("الرمز البريدي: 112", ["112"]),
            # forms that nothing else has
            ("near SW1A 2AA there", ["SW1A 2AA"]),
            ("to K1A 0B1.", ["K1A 0B1"]),
            # beside a place
            ("Springfield, IL 62704", ["62704"]),
            ("he lives in 10115 Berlin now", ["10115"]),
            ("SE-41119 Göteborg", ["SE-41119"]),
            ("Riyadh 11564", ["11564"]),
            ("الرياض ١١٥٦٤", ["١١٥٦٤"]),
        ],
    )
    def test_postcodes_are_found(self, text: str, codes: list[str]) -> None:
        assert self.found(text) == codes

    @pytest.mark.parametrize(
        "text",
        [
            "order 90210",
            "unzip 2024 files",
            "it cost 10115 euros in Berlin",
            "Chicago 20000 people",
            "London 2012",
            "area code 602",
            "an A4 5GB disk",
            "C4 and B2B sales",
            "في عام 2024 الرياض",
            "the code is 90210",
        ],
    )
    def test_other_codes_are_left(self, text: str) -> None:
        assert not self.found(text)
