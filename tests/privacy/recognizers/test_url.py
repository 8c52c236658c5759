import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.url import build
from tests.contracts.recognizer import RecognizerContract


class TestUrls(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "address"),
        [
            ("https://ali:hunter2@host.om/x", "https://ali:hunter2@host.om/x"),
            (
                "https://host.om/cb?code=1&access_token=abc.",
                "https://host.om/cb?code=1&access_token=abc",
            ),
            ("https://host.om/#session_id=af31", "https://host.om/#session_id=af31"),
            ("https://host.om/x?email=ali%40host.om", "https://host.om/x?email=ali%40host.om"),
            ("https://host.om/reset/3fa85f64c0a84d", "https://host.om/reset/3fa85f64c0a84d"),
            (
                "https://docs.google.com/document/d/1aBcD/edit",
                "https://docs.google.com/document/d/1aBcD/edit",
            ),
            (
                "https://www.linkedin.com/in/ali-hassan-1b2",
                "https://www.linkedin.com/in/ali-hassan-1b2",
            ),
            ("https://github.com/alihassan", "https://github.com/alihassan"),
            ("https://uni.edu/~ali/index.html", "https://uni.edu/~ali/index.html"),
            ("https://host.om/users/ali.hassan", "https://host.om/users/ali.hassan"),
            ("https://meine.bank/?PHPSESSIONID=9&x=1", "https://meine.bank/?PHPSESSIONID=9&x=1"),
            ("حسابي https://t.me/ali_hassan", "https://t.me/ali_hassan"),
        ],
    )
    def test_addresses_are_found(self, text: str, address: str) -> None:
        spans = [span for span in self.make().find(text) if span.score >= 0.5]

        assert [text[span.start : span.end] for span in spans] == [address]

    @pytest.mark.parametrize(
        "text",
        [
            "https://host.om/",
            "https://host.om/news/2024/01/15/storm",
            "https://github.com/org/repo/issues/12",
            "https://host.om/?q=storm&page=2",
            "https://github.com/features",
            "https://www.youtube.com/watch?v=dQw4w9",
            "http://localhost:8080/tokens",
            "https://docs.google.com/",
            "see /users/ali in the tree",
        ],
    )
    def test_other_text_is_left(self, text: str) -> None:
        assert not [span for span in self.make().find(text) if span.score >= 0.5]
