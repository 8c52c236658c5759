import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.private_key import build
from tests.contracts.recognizer import RecognizerContract

LINE = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7"
WHOLE = f"-----BEGIN PRIVATE KEY-----\n{LINE}\n{LINE}==\n-----END PRIVATE KEY-----"
ENCRYPTED = (
    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00AA\n\n"
    f"{LINE}\n{LINE}"
)
ON_ONE_LINE = f"-----BEGIN EC PRIVATE KEY-----\\n{LINE}\\n-----END EC PRIVATE KEY-----"
QUOTED = f"-----BEGIN OPENSSH PRIVATE KEY-----\n> {LINE}\n> {LINE}\nb3BlbnNz=="
OF_AGE = "AGE-SECRET-KEY-1QQPQYPQXPQ9QCRSSZG2PVXQ6RS0ZQG3YYC5"


class TestPrivateKeys(RecognizerContract):
    broken_by = '"'

    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "keys"),
        [
            (f"my key:\n{WHOLE}\nthanks", [WHOLE]),
            (f"مفتاحي {WHOLE}", [WHOLE]),
            (f"{WHOLE} {WHOLE}", [WHOLE, WHOLE]),
            # cut off: to the end of the base64
            (f"{ENCRYPTED}\nAnd what is next?", [ENCRYPTED]),
            (f"{QUOTED}\n\nPlease help", [QUOTED]),
            (f"{QUOTED}\n{WHOLE}", [QUOTED, WHOLE]),
            (f'{{"key": "{ON_ONE_LINE}"}}', [ON_ONE_LINE]),
            (f"age: {OF_AGE}.", [OF_AGE]),
        ],
    )
    def test_keys_are_found_whole(self, text: str, keys: list[str]) -> None:
        assert self.found(text) == keys

    def test_a_key_of_putty_is_found_with_all_its_lines(self) -> None:
        key = f"PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nPrivate-Lines: 1\n{LINE}"

        assert self.found(f"see\n{key}\n\nor not") == [key]

    @pytest.mark.parametrize(
        "text",
        [
            f"-----BEGIN PUBLIC KEY-----\n{LINE}\n-----END PUBLIC KEY-----",
            f"-----BEGIN CERTIFICATE-----\n{LINE}",
            "a PRIVATE KEY is kept private",
            LINE,
        ],
    )
    def test_what_anybody_may_see_is_left(self, text: str) -> None:
        assert not self.found(text)

    @pytest.mark.timeout(20)  # one look for the end per beginning would take far longer
    def test_many_beginnings_take_no_quadratic_time(self) -> None:
        begin = "-----BEGIN PRIVATE KEY-----\n"

        assert len(self.found(begin * 1_500)) == 1_500
