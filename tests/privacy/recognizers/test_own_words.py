from pathlib import Path

import pytest

from jisr.config import PrivacySettings
from jisr.errors import ConfigError
from jisr.privacy.base import Recognizer, Span
from jisr.privacy.recognizers.own_words import (
    Entry,
    OwnWordsFile,
    OwnWordsRecognizer,
    build,
)
from tests.contracts.recognizer import RecognizerContract

ENTRIES = [
    Entry("PERSON", "Sara Al-Haddad"),
    Entry("PERSON", "José Núñez"),
    Entry("PERSON", "سارة الحدّاد"),
    Entry("PERSON", "أحمد"),
    Entry("PERSON", "Will Grace"),
    Entry("PHONE_NUMBER", "+968 9212 3456"),
    Entry("PHONE_NUMBER", "650-2530"),
    Entry("EMAIL_ADDRESS", "sara@example.com"),
    Entry("STREET_ADDRESS", "Villa 3, 12 Palm Road"),
    Entry("USERNAME", "sooz99"),
]


class TestOwnWordsRecognizer(RecognizerContract):
    def make(self) -> Recognizer:
        return OwnWordsRecognizer(ENTRIES)

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("tell Sara Al-Haddad today", ["Sara Al-Haddad"]),
            ("SARA AL HADDAD", ["SARA AL HADDAD"]),
            ("sara al-haddad's car", ["sara al-haddad"]),
            ("the Haddads and Sara", ["Haddad", "Sara"]),
            (
                "jose nunez, Jose\u0301 Nu\u0301n\u0303ez",
                ["jose nunez", "Jose\u0301 Nu\u0301n\u0303ez"],
            ),
            ("قالت سارة الحداد", ["سارة الحداد"]),
            ("سَارَة الحَدّاد", ["سَارَة الحَدّاد"]),
            ("مع ساره الحداد", ["ساره الحداد"]),
            ("وسارة ذهبت", ["سارة"]),
            ("لأحمد وبأحمد واحمد", ["أحمد", "أحمد", "احمد"]),
            ("call 9212 3456 or 92123456", ["9212 3456", "92123456"]),
            ("call 00968 9212-3456", ["00968 9212-3456"]),
            ("اتصل ٩٢١٢٣٤٥٦", ["٩٢١٢٣٤٥٦"]),
            ("call 6502530", ["6502530"]),
            ("at VILLA 3, 12 palm road!", ["VILLA 3, 12 palm road"]),
            ("Sara@Example.com", ["Sara@Example.com"]),
            ("user sooz99 said", ["sooz99"]),
            ("Grace came", ["Grace"]),
        ],
    )
    def test_own_words_are_found_as_people_write_them(self, text: str, found: list[str]) -> None:
        assert self.found(text) == found

    @pytest.mark.parametrize(
        "text",
        [
            "saraband, Sarah, Alhaddadi",
            "he will say grace",  # one word of a name, without its capital
            "call 92123457",
            "192123456789",
            "her haddad",
            "sooz 99",
            "محمد وحمد",
            "villa 3",
        ],
    )
    def test_other_words_are_left(self, text: str) -> None:
        assert self.found(text) == []

    def test_it_says_why_and_how_sure_it_is(self) -> None:
        whole, part = (list(self.make().find(text)) for text in ("José Núñez", "Núñez"))

        assert whole[0] == Span(0, 10, "PERSON", 0.95)
        assert part[0] == Span(0, 5, "PERSON", 0.6)
        assert whole[0].why == "one of your own words"
        assert part[0].why == "a part of a name of your own"

    def test_thousands_of_values_take_no_more_time_than_a_few(self) -> None:
        entries = [Entry("PERSON", f"Sara Name{number}") for number in range(20_000)]
        recognizer = OwnWordsRecognizer(entries)
        text = "Sara Name7 and Sara Nobody met. " * 1_500

        found = [it for it in recognizer.find(text) if it.score > 0.9]

        assert len(found) == 1_500


def written(folder: Path, text: str, name: str = "own.txt") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_has_one_value_a_line_with_its_type_or_without(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "# mine\nSara Haddad\nsara@example.com\n\n+968 9212 3456\n12 Palm Road\n"
        "MEDICAL_RECORD\tMRN-77\n",
    )

    assert OwnWordsFile(file).entries() == [
        Entry("PERSON", "Sara Haddad"),
        Entry("EMAIL_ADDRESS", "sara@example.com"),
        Entry("PHONE_NUMBER", "+968 9212 3456"),
        Entry("STREET_ADDRESS", "12 Palm Road"),
        Entry("MEDICAL_RECORD", "MRN-77"),
    ]


def test_a_file_of_contacts_is_read_as_such(tmp_path: Path) -> None:
    file = written(tmp_path, "BEGIN:VCARD\nFN:Sara Haddad\nEND:VCARD\n", "people.vcf")

    assert OwnWordsFile(file).entries() == [Entry("PERSON", "Sara Haddad")]


@pytest.mark.parametrize(
    ("text", "said"),
    [("PRESON\tSara", "line 1.*did you mean PERSON"), ("ok\nzzz\tSara", "line 2.*no entity type")],
)
def test_a_type_that_is_none_is_an_error_that_quotes_no_value(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        OwnWordsFile(written(tmp_path, text)).entries()

    assert "Sara" not in str(caught.value)


def test_a_file_that_is_not_there_or_no_text_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        build(PrivacySettings(own_words=tmp_path / "none.txt"))
    (tmp_path / "raw").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        build(PrivacySettings(own_words=tmp_path / "raw"))


def test_without_a_file_it_finds_nothing() -> None:
    assert list(build(PrivacySettings()).find("Sara Haddad +968 9212 3456")) == []


def test_what_is_printed_of_an_entry_is_not_private() -> None:
    assert "Sara" not in repr(Entry("PERSON", "Sara"))
