import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.domain_name import build
from tests.contracts.recognizer import RecognizerContract


class TestDomainNames(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "address"),
        [
            ("My site is http://www.OpticalFirm.com.cy/", "http://www.OpticalFirm.com.cy/"),
            ("(see https://alis-garage.om/prices?x=1).", "https://alis-garage.om/prices?x=1"),
            ("www.alis-garage.om is mine", "www.alis-garage.om"),
            ("My website: alis-garage.om/prices.", "alis-garage.om/prices"),
            ("موقعي alis-garage.om", "alis-garage.om"),
            ("[https://alis-garage.om/](x)", "https://alis-garage.om/"),
            ("[me](https://alis-garage.om/a_(b))", "https://alis-garage.om/a_(b)"),
            ("موقعي https://مثال.شبكة/صفحة، زره", "https://مثال.شبكة/صفحة"),
            ("please write a page for us, dune-bakery.com, thanks", "dune-bakery.com"),
            ("we moved to @dune-bakery.co.uk last week", "dune-bakery.co.uk"),
            ("our partners like DB.com are there", "DB.com"),
            ("write a profile of the firm dune-bakery.io please", "dune-bakery.io"),
            ("أنا أعمل في dune-bakery.com منذ سنة", "dune-bakery.com"),
            ("I read it at news.dune-bakery.com/today.", "news.dune-bakery.com/today"),
            ("ftp://files.alis-garage.om", "ftp://files.alis-garage.om"),
        ],
    )
    def test_addresses_are_found(self, text: str, address: str) -> None:
        spans = [span for span in self.make().find(text) if span.score >= 0.5]

        assert [text[span.start : span.end] for span in spans] == [address]

    @pytest.mark.parametrize(
        "text",
        [
            "http://localhost:8080/x",
            "a blog about Node.js, main.py and Mr.Smith",
            "the site e.g. here",
            "alis-garage.om",
            "I am done.so we left.In the end it is.is it?",
            "I use ASP.NET, socket.io and System.Net here",
            "my class extends org.apache.commons.net and com.sun.net",
            "I sent it to main.rs and index.html",
            "I test with example.com",
            "import @angular/core and @app.route for me",
            "https://example.com/",
            "s3://bucket/key",
            "import www",
            "http://",
            "://x.y",
            "the www. of today",
            "postgres://localhost/db",
            "e.g. a/b",
        ],
    )
    def test_other_text_is_left(self, text: str) -> None:
        assert not [span for span in self.make().find(text) if span.score >= 0.5]
