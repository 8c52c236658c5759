import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.slots import build
from tests.contracts.recognizer import RecognizerContract


class TestSlots(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "entity_type"),
        [
            ("Dear [Sender's Name],", "PERSON"),
            ("I am <OTHERS_PERSON>, hello", "PERSON"),
            ("we at {{companyName}} write", "ORGANIZATION"),
            ("write to <YOUR_EMAIL_ADDRESS>", "EMAIL_ADDRESS"),
            ("send it to [street address]", "STREET_ADDRESS"),
            ("[your city]", "CITY"),
            ("call [phone number]", "PHONE_NUMBER"),
        ],
    )
    def test_a_slot_is_of_the_type_that_its_words_say(self, text: str, entity_type: str) -> None:
        assert [span.entity_type for span in self.make().find(text)] == [entity_type]

    @pytest.mark.parametrize(
        "text", ["", "a[index]", "<b>bold</b>", "[your text]", "<PERSON_1>", "{name}", "List<int>"]
    )
    def test_other_brackets_are_left(self, text: str) -> None:
        assert self.found(text) == []
