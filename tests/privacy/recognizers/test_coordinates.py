import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.coordinates import build
from tests.contracts.recognizer import RecognizerContract


class TestCoordinatesRecognizer(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "positions"),
        [
            ("at 23.58801, 58.38292 now", ["23.58801, 58.38292"]),
            ("GPS: -33.857 151.215", ["-33.857 151.215"]),
            ("geo:23.588,58.3829", ["geo:23.588,58.3829"]),
            ("https://maps.example/@40.71277,-74.00597,17z", ["40.71277,-74.00597"]),
            ('{"lat": 23.588, "lng": 58.383}', ["23.588", "58.383"]),
            ("latitude=23.5880 longitude=58.3829", ["23.5880", "58.3829"]),
            ("23.5880° N, 58.3829° E", ["23.5880° N", "58.3829° E"]),
            ("23°35′17″N 58°22′58″E", ["23°35′17″N", "58°22′58″E"]),
            # a quotation mark for seconds stays outside: it would break JSON
            ("23°35'17\"N 58°22'58\"E", ["23°35'17", "58°22'58"]),
            ("meet at 7HMQ2C4M+2V", ["7HMQ2C4M+2V"]),
            ("خط العرض ٢٣٫٥٨٨٠ وخط الطول ٥٨٫٣٨٢٩", ["٢٣٫٥٨٨٠", "٥٨٫٣٨٢٩"]),
            ("الإحداثيات 24.7136, 46.6753", ["24.7136, 46.6753"]),
        ],
    )
    def test_positions_are_found(self, text: str, positions: list[str]) -> None:
        assert sorted(set(self.found(text))) == sorted(positions)

    @pytest.mark.parametrize(
        "text",
        [
            "pi and e: 3.14159, 2.71828",
            "version 10.0.19045, 12.3.4",
            "[0.1234, 0.5678, 0.9101]",
            "a vector 12.34567, 23.45678, 34.56789",
            "it is 23° outside, 75°F inside",
            "an angle of 45°",
            "a band of desert at 30° N",
            "prices 12.50, 23.75",
            "192.168.10.20",
            "lat 23",
        ],
    )
    def test_other_numbers_are_left(self, text: str) -> None:
        assert not self.found(text)
