import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.bank_account import build
from tests.contracts.recognizer import RecognizerContract


class TestBankAccounts(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("account number 12345678", "12345678"),
            ("Routing number: 111000025", "111000025"),
            ("sort code 20-00-00", "20-00-00"),
            ("my acct no. is 0012 3456 78", "0012 3456 78"),
            ("BSB 063-000", "063-000"),
            ("CLABE 032180000118359719", "032180000118359719"),
            ("رقم حسابي ١٢٣٤٥٦٧٨٩٠", "١٢٣٤٥٦٧٨٩٠"),
            ("SWIFT: DEUTDEFF500", "DEUTDEFF500"),
            ("رمز سويفت BMUSOMRX", "BMUSOMRX"),
            ("8601.11.17947", "8601.11.17947"),
            ("a/c no 123456789", "123456789"),
            ("19-2000145399/0800", "19-2000145399/0800"),
            ("IFSC SBIN0001234", "SBIN0001234"),
        ],
    )
    def test_account_numbers_are_found(self, text: str, number: str) -> None:
        spans = [span for span in self.make().find(text) if span.score >= 0.5]

        assert [text[span.start : span.end] for span in spans] == [number]

    @pytest.mark.parametrize(
        "text",
        [
            "12345678",
            "111000025",
            "20-00-00",
            "INFORMATION is DELIVERY",
            "BASEBALL and FOOTBALL",
            "the account was opened in 2004",
            "SWIFT is a language for IPHONEXX",
            "order number 12345678",
            "tracking 032180000118359719",
            "transfer 5000 dollars",
            "account since 2004-01-15",
        ],
    )
    def test_other_text_is_left(self, text: str) -> None:
        assert not [span for span in self.make().find(text) if span.score >= 0.5]
