import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.mac_address import build
from tests.contracts.recognizer import RecognizerContract


class TestMacAddresses(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "address"),
        [
            ("MAC 00:1A:2B:3C:4D:5E.", "00:1A:2B:3C:4D:5E"),
            ("00-1a-2b-3c-4d-5e", "00-1a-2b-3c-4d-5e"),
            ("001a.2b3c.4d5e", "001a.2b3c.4d5e"),
            ("عنوان الجهاز 00:1A:2B:3C:4D:5E", "00:1A:2B:3C:4D:5E"),
        ],
    )
    def test_addresses_are_found(self, text: str, address: str) -> None:
        spans = [span for span in self.make().find(text) if span.score >= 0.5]

        assert [text[span.start : span.end] for span in spans] == [address]

    @pytest.mark.parametrize(
        "text",
        [
            "ff:ff:ff:ff:ff:ff",
            "00:00:00:00:00:00",
            "10:30:45",
            "00:1A:2B:3C:4D:5E:6F:70",
            "12-34-56-78-90",
            "de:ad:be:ef",
            "00:1A-2B:3C-4D:5E",
            "550e8400-e29b-41d4-a716-446655440000",
            "#aabbcc",
        ],
    )
    def test_other_text_is_left(self, text: str) -> None:
        assert not [span for span in self.make().find(text) if span.score >= 0.5]
