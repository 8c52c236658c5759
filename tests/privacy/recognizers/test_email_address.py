import pytest

from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.email_address import EmailRecognizer
from tests.contracts.recognizer import RecognizerContract


class TestEmailRecognizer(RecognizerContract):
    def make(self) -> Recognizer:
        return EmailRecognizer()

    @pytest.mark.parametrize(
        ("text", "addresses"),
        [
            ("write to ali@example.com.", ["ali@example.com"]),
            ("<Ali.Hassan+work@mail.example.co.uk>", ["Ali.Hassan+work@mail.example.co.uk"]),
            ("o'brien@example.ie, x_y-z@a-b.org", ["o'brien@example.ie", "x_y-z@a-b.org"]),
            ("راسلني على ali@example.com، شكرا", ["ali@example.com"]),
            ("علي@مثال.شبكة", ["علي@مثال.شبكة"]),
            ("user@xn--mgbh0fb.xn--ngbc5azd", ["user@xn--mgbh0fb.xn--ngbc5azd"]),
            ("{'to': 'ali@example.com'}", ["ali@example.com"]),
            ("email=ali@example.com&x=1", ["ali@example.com"]),
            ("bounce+ali=example.org@list.net", ["bounce+ali=example.org@list.net"]),
            ("a@b.co;c@d.io", ["a@b.co", "c@d.io"]),
            ("ali@example.org.2 items", ["ali@example.org"]),
            ("**ali@example.com**", ["ali@example.com"]),
            ("mailto:?to=ali%40example.com&x=1", ["ali%40example.com"]),
            ("ali&#64;example.com", ["ali&#64;example.com"]),
            ("it is ali @ example . com, ali @ a.b", ["ali @ example . com"]),
            ("it is ali dot hassan at example dot com.", ["ali dot hassan at example dot com"]),
            ("ali [at] example [dot] com", ["ali [at] example [dot] com"]),
            ("ali(at)example.co.uk", ["ali(at)example.co.uk"]),
            ("SARA AT EXAMPLE DOT ORG", ["SARA AT EXAMPLE DOT ORG"]),
            ("بريدي ali آت example دوت com", ["ali آت example دوت com"]),
            ("\uff41li＠example．com", ["\uff41li＠example．com"]),  # full width
            # a tracker's reply address is longer than the standard allows
            (f"{'r' * 90}@reply.example.com", [f"{'r' * 90}@reply.example.com"]),
        ],
    )
    def test_addresses_are_found(self, text: str, addresses: list[str]) -> None:
        assert self.found(text) == addresses

    @pytest.mark.parametrize(
        "text",
        [
            "@app.route('/')",
            "numpy@1.2.3 react@18.2",
            "assets/icon@2x.png",
            "ali@localhost",
            "meet @ 5.30 pm",
            "@@ -1,4 +1,4 @@",
            "user@10.0.0.1",
            "a@b",
            "@",
            "look at example.com",
            "it burst at the dot com peak",
            "meet me at nine on the dot",
            "point at polka dot dresses",
            "f(at) = x.y",
            "100%40x",
        ],
    )
    def test_what_is_no_address_is_left(self, text: str) -> None:
        assert not self.found(text)
