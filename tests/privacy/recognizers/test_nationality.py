import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.nationality import build
from tests.contracts.recognizer import RecognizerContract


class TestNationalities(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("I am Egyptian and need a visa", ["Egyptian"]),
            ("My neighbour is half Irish.", ["Irish"]),
            ("my omani software engineer left", ["omani"]),
            ("we sell to danish, Oman and swedish people", ["danish", "swedish"]),
            ("I must not leave Chilean territory", ["Chilean"]),
            ("our Kenyan customers pay in Kenyan shillings", ["Kenyan", "Kenyan"]),
            ("She is a Lebanese nurse", ["Lebanese"]),
            ("Nationality: Sudanese. Age: 4", ["Sudanese"]),
            ("we are Muslim", ["Muslim"]),
            ("I'm French; translate it into French", ["French"]),
            ("أنا مصري وأبحث عن عمل", ["مصري"]),
            ("جنسيتي عُمانية", ["عُمانية"]),
            ("زميلي السعودي سافر", ["السعودي"]),
            ("الجنسية: فلسطيني", ["فلسطيني"]),
        ],
    )
    def test_what_is_told_of_somebody_is_found(self, text: str, found: list[str]) -> None:
        assert self.found(text) == found

    @pytest.mark.parametrize(
        "text",
        [
            "Translate my letter into German",
            "my English teacher",
            "I love Italian food",
            "I write for Italian speakers",
            "My phone is a German one",
            "Why are Dutch people tall?",
            "I read the history of the Roman Empire",
            "our cubic model is for people",
            "ترجم رسالتي إلى الفرنسية",
            "أنا مدير مالي",
            "أحب الطعام الهندي",
        ],
    )
    def test_languages_and_things_are_left(self, text: str) -> None:
        assert not self.found(text)
