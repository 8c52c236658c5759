import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.proper_names import build
from tests.contracts.recognizer import RecognizerContract

FOUND = [
    ("Hello, this is Dr. Kyle Kuefer. Who are you?", ["Kyle Kuefer"]),
    ("Zuzana: What did Mary say?", ["Zuzana", "Mary"]),
    ("Bryan Maclean's killers were found", ["Bryan Maclean"]),
    ("please ask Vincent van der Lith about it", ["Vincent van der Lith"]),
    ("Will you call Hanne I. Kreutz now?", ["Hanne I. Kreutz"]),
    ("write to Mr.Ivan Klimkovic soon", ["Ivan Klimkovic"]),
    ("send it to olga krylova today", ["olga krylova"]),
    ("PLEASE SEND IT TO OLGA KRYLOVA TODAY", ["OLGA KRYLOVA"]),
    ("It was signed by Ægir Þórsson.", ["Ægir Þórsson"]),
    ("She works for Snowdrop Systems Inc. now", ["Snowdrop Systems Inc."]),
    ("He studied at North Polytechnic University", ["North Polytechnic University"]),
    ("They met at the Ministry of Health", ["Ministry of Health"]),
    ("I flew from Muscat to New Westminster", ["Muscat", "New Westminster"]),
    ("We moved here from LEPPEN last week", ["LEPPEN"]),
    ("Who is coming to Italy with me?", ["Italy"]),
    ("best area to buy a home in markham", ["markham"]),
    ("my boss at Zodvboz left", ["Zodvboz"]),
    ("My cousin flew from paris to dubai", ["paris", "dubai"]),
    ("i live near boston", ["boston"]),
    ("Bitte schreiben Sie Frau Anna Müller, dass ich nicht komme", ["Anna Müller"]),
    ("Juraj Holaza from Brno", ["Juraj Holaza", "Brno"]),
]
NOTHING = [
    "",
    "Who was Albert Einstein?",
    "Explain Newton's laws and the Fourier transform.",
    "What is the capital of France?",
    "Write a Python script that uploads to S3 from an EKS pod on AWS.",
    "Use the `UserAccount` class, call json.Dumps(Thing) and set HTTP_Proxy.",
    "On Monday, 3 January, the French and Omani teams met.",
    "Capitalized words like Wisdom and Discipline are often mistaken.",
    "Work Experience\nSkills and Education\nSummary",
    "Please thank them. They said no. However, nothing came.",
    "WHY IS THIS NOT WORKING? PLEASE HELP ME NOW",
    "I come from nice people, read in reading and split it in bath and mobile.",
    "Draw C4 diagrams of it. Print A4 pages in Q3. Explain S3 and H2 briefly.",
    "please recieve teh parcel",
    "Das Urteil ist nicht in der Zeitung, und die Regierung hat das Auto mit dem Geld.",
]


class TestProperNames(RecognizerContract):
    def make(self) -> Recognizer:
        recognizer = build(PrivacySettings())
        assert list(
            recognizer.find("Rachel Zheng in Berlin")
        )  # lists are read now, not within a timed example
        return recognizer

    @pytest.mark.parametrize(("text", "found"), FOUND)
    def test_names_are_found_whole(self, text: str, found: list[str]) -> None:
        assert self.found(text) == found

    @pytest.mark.parametrize("text", NOTHING)
    def test_other_capitals_are_no_names(self, text: str) -> None:
        assert self.found(text) == []

    @pytest.mark.parametrize(
        ("text", "entity_type"),
        [
            ("I met Sarah Jones", "PERSON"),
            ("I flew to Germany", "COUNTRY"),
            ("I flew to Berlin", "CITY"),
            ("I work for Holz Ltd", "ORGANIZATION"),
        ],
    )
    def test_each_is_told_what_it_names(self, text: str, entity_type: str) -> None:
        assert {span.entity_type for span in self.make().find(text)} == {entity_type}
