import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.age import build
from tests.contracts.recognizer import RecognizerContract


class TestAgeRecognizer(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "ages"),
        [
            ("She is 54 years old.", ["54"]),
            ("a man aged 40", ["40"]),
            ("my age is 23", ["23"]),
            ("Age: 31", ["31"]),
            ('{"age": 31}', ["31"]),
            ("I'm 66", ["66"]),
            ("I’m 66, and tired", ["66"]),
            ("my daughter is 7 and loves maths", ["7"]),
            ("a 72-year-old patient", ["72"]),
            ("my 9 month old cries", ["9"]),
            ("he'll be turning 21 on Friday", ["21"]),
            ("She has just turned thirty-five", ["thirty-five"]),
            ("I am forty-two years old", ["forty-two"]),
            ("when he was 78.", ["78"]),
            ("retired at the age of sixty", ["sixty"]),
            ("children ages 4 and 7", ["4", "7"]),
            ("on my 30th birthday", ["30"]),
            ("I (29F) and my husband (34M)", ["29", "34"]),
            ("Carla Ruiz, 29, who lives there", ["29"]),
            ("56yo, diabetic", ["56"]),
            ("when I was 12 my father left", ["12"]),
            ("At 34, she moved to Oslo", ["34"]),
            ("90 years young", ["90"]),
            ("عمري ٢٣ سنة", ["٢٣"]),
            ("عمرها الآن 31 عاما", ["31"]),
            ("رجل يبلغ من العمر 45 عاماً", ["45"]),
            ("تقاعد في سن ٦٠", ["٦٠"]),
            ("عمره خمسة وعشرون عاما", ["خمسة وعشرون"]),
            ("في الأربعين من عمره", ["الأربعين"]),
            ("العمر: 52", ["52"]),
        ],
    )
    def test_ages_are_found(self, text: str, ages: list[str]) -> None:
        assert sorted(set(self.found(text))) == sorted(ages)

    @pytest.mark.parametrize(
        "text",
        [
            "turn 90 degrees and walk on",
            "on turn 12 the player draws",
            "the page: 40",
            "in 54 years it grew 40 %",
            "I am 100% sure, and I'm 5 minutes late",
            "I'm 6'2 and weigh 80 kg",
            "the company paid $45 in 2019",
            "a 40-year-old building",
            "children under the age of 18",
            "In May, 12 people came",
            "he was 2019's best",
            "aged 2019",
            "قبل ٢٣ سنة",
            "يبلغ عدد السكان 45 مليونا",
            "اتصل عمر 25 مرة",
        ],
    )
    def test_other_numbers_are_left(self, text: str) -> None:
        assert not self.found(text)
