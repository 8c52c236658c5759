import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.stated_names import build
from tests.contracts.recognizer import RecognizerContract


class TestStatedNames(RecognizerContract):
    def make(self) -> Recognizer:
        recognizer = build(PrivacySettings())
        assert list(recognizer.find("Hi Rachel"))  # lists are read now, not in a timed example
        return recognizer

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("my name is rose and i am late", ["rose"]),
            ("Her full name is Ada B. Holz.", ["Ada B. Holz"]),
            ("write to Ms.yoyo about it", ["yoyo"]),
            ("ask dr. anya tomorrow", ["anya"]),
            ("Name: salar qwafi, phone: 5", ["salar qwafi"]),
            ("Best regards,\nLijun", ["Lijun"]),
            ("i'm lualhati from the clinic", ["lualhati"]),
            ("dear zinnira, hello", ["zinnira"]),
            ("hello, i am talel from the south", ["talel"]),
            ("hi i am zinnira a nurse", ["zinnira"]),
            ("Hello June, the papers are here", ["June"]),
            ("Come soon. Take care Roman", ["Roman"]),
            ("See you.\n\nBest wishes,\nMark\n", ["Mark"]),
        ],
    )
    def test_announced_names_are_found(self, text: str, found: list[str]) -> None:
        assert self.found(text) == found

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "i am happy that this is over",
            "dear team, hello all",
            "Dear Sir or Madam, thank you",
            "what is his name?",
            "my name is not on the list",
            "this is Python",
            "thanks, that helps",
            "Hello World!",
            "i am writting a letter",
            "Hi All, Best\nPrice",
            "Thanks Team",
            "the best Mark of the class",
        ],
    )
    def test_other_words_after_them_are_left(self, text: str) -> None:
        assert self.found(text) == []
