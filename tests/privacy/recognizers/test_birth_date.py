import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.birth_date import build
from tests.contracts.recognizer import RecognizerContract


class TestBirthDateRecognizer(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "date"),
        [
            ("I was born on 14 March 1991.", "14 March 1991"),
            ("born March 14th, 1991 in Lyon", "March 14th, 1991"),
            ("She was born on December 16, 1775", "December 16, 1775"),
            ("DOB: 02/16/1942", "02/16/1942"),
            ("D.O.B. 16.2.1942", "16.2.1942"),
            ("What is your date of birth? It's 2/16/1942", "2/16/1942"),
            ('{"birth_date": "1990-01-02"}', "1990-01-02"),
            ("dateOfBirth=1990-01-02", "1990-01-02"),
            ("my birthday is on June 3", "June 3"),
            ("his birthday, 3rd of June, is near", "3rd of June"),
            ("12-Mar-1990 is my birthday", "12-Mar-1990"),
            ("I was born in 1984", "1984"),
            ("year of birth: 1984", "1984"),
            ("ولدت في ١٢ مارس ١٩٩٠", "١٢ مارس ١٩٩٠"),
            ("تاريخ الميلاد: 12/3/1990", "12/3/1990"),
            ("تاريخ ميلادي هو ٥ آذار ١٩٨٨", "٥ آذار ١٩٨٨"),
            ("مواليد ١٩٩٠", "١٩٩٠"),
            ("المولود في 15 رمضان 1410 هـ", "15 رمضان 1410 هـ"),
            ("تاريخ الولادة ١٤١٠/٩/١٥هـ", "١٤١٠/٩/١٥هـ"),
            ("عيد ميلادها في 5 كانون الثاني", "5 كانون الثاني"),
        ],
    )
    def test_dates_of_birth_are_found(self, text: str, date: str) -> None:
        assert set(self.found(text)) == {date}

    @pytest.mark.parametrize(
        "text",
        [
            "the meeting is on 14 March 2024",
            "1990-01-02 was a Tuesday",
            "a newborn star, seen in 2019",
            "Mozart was born in 1756",
            "born in Paris. The meeting is on 2/3/2020",
            "rebirth of the city since 1990",
            "the Leeds-born boxer fights on May 30",
            "الاجتماع في 12 مارس 2024",
            "his birthday party cost 300 dollars",
        ],
    )
    def test_other_dates_are_left(self, text: str) -> None:
        assert not self.found(text)
