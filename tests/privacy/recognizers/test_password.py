import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.password import build
from tests.contracts.recognizer import RecognizerContract


class TestPasswords(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "password"),
        [
            ("password: hunter2!", "hunter2!"),
            ("My password is S3cret-Horse.", "S3cret-Horse"),
            ("pwd=abc123xyz", "abc123xyz"),
            ('{"password": "correct horse"}', "correct horse"),
            ("DB_PASSWORD='tr0ub4dor'", "tr0ub4dor"),
            ("mysql --password s3cr3tpw -u root", "s3cr3tpw"),
            ("the passphrase is `blue moon 42`", "blue moon 42"),
            ("my PIN is 4821", "4821"),
            ("PIN: 4821", "4821"),
            ("card pin code 4821", "4821"),
            ("The door code is 7731#", "7731"),
            ("cvv 123", "123"),
            ("Your verification code is 492013", "492013"),
            ("كلمة المرور: Muscat@2024", "Muscat@2024"),
            ("كلمة السر هي عمان١٢٣٤", "عمان١٢٣٤"),
            ("الرقم السري ٤٨٢١", "٤٨٢١"),
            ("رمز التحقق هو 492013", "492013"),
            ("curl -u ali:hunter22 https://host.om", "hunter22"),
            ('userPassword = \\"x9!kk2\\"', "x9!kk2"),
            ("Passwort: geheim99", "geheim99"),
            ("wifi pass: muscat123", "muscat123"),
            ("The password for the router is Blue$ky77", "Blue$ky77"),
            ("passcode 482913", "482913"),
            ('wifi password "correct horse"', "correct horse"),
            ("كلمة السر حقت الواي فاي Oman#2023", "Oman#2023"),
            ("password muscat123 works", "muscat123"),
            ("password=sunshine", "sunshine"),
        ],
    )
    def test_passwords_are_found(self, text: str, password: str) -> None:
        spans = [span for span in self.make().find(text) if span.score >= 0.5]

        assert [text[span.start : span.end] for span in spans] == [password]

    @pytest.mark.parametrize(
        "text",
        [
            "the password is too short",
            "Your password is incorrect.",
            "password: ********",
            "password_hash = bcrypt.hashpw(password, salt)",
            "the password policy of 2024",
            "password 2024 rules",
            "passwords for 10 users since 10/10/2020",
            "a password manager such as KeePass-2",
            "password=${DB_PASSWORD}",
            "password: str",
            "reset your password to continue",
            "def check(password: str) -> bool:",
            "password = getpass.getpass()",
            "password=<PASSWORD>",
            "a pin of 3 cm",
            "pin 12 of the chip",
            "pass: fail ratio",
            "the pass is closed",
            "error code 404, code 200",
            "كلمة المرور غير صحيحة",
            "كلمة المرور التي نسيتها",
            "password = os.environ['X']",
            "zip code 12345",
            "the passport is new",
            "compass = north",
            "bypass: 1234",
            "postal code: 90210",
        ],
    )
    def test_other_text_is_left(self, text: str) -> None:
        assert not [span for span in self.make().find(text) if span.score >= 0.5]
