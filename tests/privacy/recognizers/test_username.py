import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.username import build
from tests.contracts.recognizer import RecognizerContract


class TestUsernames(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("my username is ali_hassan", "ali_hassan"),
            ("Username: AliH", "AliH"),
            ("user name is sara.k", "sara.k"),
            ("login: ali99", "ali99"),
            ('{"username": "alih"}', "alih"),
            ("follow @ali_hassan!", "@ali_hassan"),
            ("thanks @sara.k, see you", "@sara.k"),
            ("u/ali_hassan wrote", "u/ali_hassan"),
            ("ssh ali@10.0.0.1", "ali"),
            ("scp -i key.pem ali@host: .", "ali"),
            ("cd /home/alih/work", "alih"),
            ("in C:\\Users\\alih\\x", "alih"),
            ("اسم المستخدم: ali_h", "ali_h"),
            ("تابعوني @ali_hassan", "@ali_hassan"),
            ("Instagram: sara_k1", "sara_k1"),
            ("Merge pull request #7 from alih-1/fix-2", "alih-1"),
            ("discord handle is alih#1234", "alih#1234"),
        ],
    )
    def test_names_are_found(self, text: str, name: str) -> None:
        spans = [span for span in self.make().find(text) if span.score >= 0.5]

        assert [text[span.start : span.end] for span in spans] == [name]

    @pytest.mark.parametrize(
        "text",
        [
            "@property\ndef x(self):",
            "@Override\npublic void run()",
            "@app.route('/')",
            "npm i @types/node @scope/name",
            "ali@example.com",
            "@media (max-width: 3px)",
            "the username is required",
            "username: str",
            "User: What is the name?",
            "user: Sara Jones called",
            "meet @ 5.30",
            "@pytest.fixture\ndef x():",
            "@my_decorator\ndef f():",
            "numpy@1.2",
            "/home/user/x",
            "root@host",
            "git@github.com:org/repo.git",
            "the login failed",
            "login page",
            "a@b",
            "@param name the name",
            "اسم المستخدم غير موجود",
            "email me @home.",
            "@here and @everyone",
        ],
    )
    def test_other_text_is_left(self, text: str) -> None:
        assert not [span for span in self.make().find(text) if span.score >= 0.5]
