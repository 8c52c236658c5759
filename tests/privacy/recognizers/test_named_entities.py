import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.email_address import EmailRecognizer
from jisr.privacy.recognizers.named_entities import NamedEntityRecognizer, build
from tests.contracts.recognizer import RecognizerContract


class TestNamedEntities(RecognizerContract):
    def make(self) -> Recognizer:
        recognizer = NamedEntityRecognizer(EmailRecognizer())  # which decides nothing of names
        assert list(recognizer.find("Rachel Zheng flew to Berlin."))  # all is loaded now
        return recognizer

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("Yesterday Rachel Zheng flew to Berlin.", ["Rachel Zheng", "Berlin"]),
            ("She left Lehman Brothers in 2008.", ["Lehman Brothers"]),
        ],
    )
    def test_what_the_model_says_is_found(self, text: str, found: list[str]) -> None:
        assert self.found(text) == found

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "Who was Albert Einstein?",
            "What is the capital of France?",
            "He speaks French and English.",
            "Deploy it to EKS and store it in S3.",
            "nothing here at all",
        ],
    )
    def test_what_names_nobody_private_is_left(self, text: str) -> None:
        assert self.found(text) == []

    def test_the_model_is_not_asked_where_rules_have_decided(self) -> None:
        recognizer = build(PrivacySettings())

        assert list(recognizer.find("Yesterday Rachel Zheng flew to Berlin.")) == []
        assert list(recognizer.find("They praised Harbour Lights in the paper."))
