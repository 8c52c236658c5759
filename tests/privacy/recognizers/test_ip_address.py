import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.ip_address import build
from tests.contracts.recognizer import RecognizerContract


class TestIpAddresses(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "address"),
        [
            ("blocked for 41.173.96.26 since", "41.173.96.26"),
            ("client_ip = ?%20|86.121.97.248|%20/", "86.121.97.248"),
            ("ssh ali@10.20.30.40:22", "10.20.30.40"),
            ("subnet 10.1.0.0/16", "10.1.0.0/16"),
            ("my IP is 192.168.1.17.", "192.168.1.17"),
            ("6e40:4041:c617:e898:c11:40d2:c669:2eb4", "6e40:4041:c617:e898:c11:40d2:c669:2eb4"),
            ("fe80::1ff:fe23:4567:890a%eth2", "fe80::1ff:fe23:4567:890a%eth2"),
            ("[2a02:26f0::17]:443", "2a02:26f0::17"),
            ("2a02:26f0:10::/48", "2a02:26f0:10::/48"),
            ("::ffff:41.173.96.26", "::ffff:41.173.96.26"),
            ("عنوان الآي بي ١٩٢.١٦٨.١٠.٢٠", "١٩٢.١٦٨.١٠.٢٠"),
            ("http://41.173.96.26/x", "41.173.96.26"),
        ],
    )
    def test_addresses_are_found(self, text: str, address: str) -> None:
        spans = [span for span in self.make().find(text) if span.score >= 0.5]

        assert [text[span.start : span.end] for span in spans] == [address]

    @pytest.mark.parametrize(
        "text",
        [
            "version 1.2.3.4",
            "v1.2.3.4",
            "Chrome 91.0.44.124",
            "release 10.0.0.1",
            "127.0.0.1",
            "0.0.0.0",
            "255.255.255.0",
            "192.0.2.17",
            "8.8.8.8",
            "256.1.1.1",
            "1.2.3",
            "1.2.3.4.5",
            "at 10:30:45",
            "10:30:45:123",
            "std::vector::iterator",
            "a::b",
            "::1",
            "section 1.2.3.4",
            "numpy-1.2.3.4-py3",
            "12:34:56:78",
            "sha256:abcdef::",
            "إصدار 1.2.3.4",
        ],
    )
    def test_other_text_is_left(self, text: str) -> None:
        assert not [span for span in self.make().find(text) if span.score >= 0.5]
