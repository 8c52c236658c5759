import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.api_key import build
from tests.contracts.recognizer import RecognizerContract


class TestApiKeys(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ("use sk-proj-Ab3dEf6hIj9kLmN0pQr2StUv", "sk-proj-Ab3dEf6hIj9kLmN0pQr2StUv"),
            ("sk-ant-api03-x9Yz8Wv7Ut6Sr5Qp4On3", "sk-ant-api03-x9Yz8Wv7Ut6Sr5Qp4On3"),
            (
                "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
                "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
            ),
            ("AKIAZ7QW3ERTY4UIOP5A is mine", "AKIAZ7QW3ERTY4UIOP5A"),
            ("AIzaSyD4x8Kq2Lm9Np3Rt7Vw1Yz5Bc6Fg0HjKlM", "AIzaSyD4x8Kq2Lm9Np3Rt7Vw1Yz5Bc6Fg0HjKlM"),
            ("xoxb-123456789012-AbCdEfGhIjKl", "xoxb-123456789012-AbCdEfGhIjKl"),
            ("glpat-x9Yz8Wv7Ut6Sr5Qp4On3", "glpat-x9Yz8Wv7Ut6Sr5Qp4On3"),
            ("hf_AbCdEfGhIjKlMn0pQrStUvWx", "hf_AbCdEfGhIjKlMn0pQrStUvWx"),
            ("rk_live_51H8xYzAbCdEf", "rk_live_51H8xYzAbCdEf"),
            (
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN",
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN",
            ),
            ("Authorization: Bearer x9Yz8Wv7Ut6Sr5Qp4On3", "x9Yz8Wv7Ut6Sr5Qp4On3"),
            ("my api key is 7f3a9c1e5b2d8046", "7f3a9c1e5b2d8046"),
            ('{"client_secret": "x9Yz8Wv7Ut6Sr5Qp"}', "x9Yz8Wv7Ut6Sr5Qp"),
            (
                "X-API-Key: 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
                "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
            ),
            (
                "AWS_SECRET_ACCESS_KEY=wJalr9XUtnFEMI/K7MDENG/bPxRfiCY",
                "wJalr9XUtnFEMI/K7MDENG/bPxRfiCY",
            ),
            ("مفتاح الواجهة: 7f3a9c1e5b2d8046", "7f3a9c1e5b2d8046"),
        ],
    )
    def test_keys_are_found(self, text: str, key: str) -> None:
        spans = [span for span in self.make().find(text) if span.score >= 0.5]

        assert [text[span.start : span.end] for span in spans] == [key]

    @pytest.mark.parametrize(
        "text",
        [
            "sk-...",
            "sk-estimator-checks-for-all",
            "sk-xxxxxxxxxxxxxxxxxxxx",
            "commit d41d8cd98f00b204e9800998ecf8427e",
            "550e8400-e29b-41d4-a716-446655440000",
            "token: string",
            "token = get_token_from_header()",
            "the key is important",
            "the key to success is perseverance2024",
            "key: value",
            "primary key is customer_identifier",
            "api key is stored in config/settings.py",
            "deadbeef cafebabe 0x1f2e3d4c",
            "sha256:9f86d081884c7d65",
            "token_count: 1234567890123",
            "C4, S3 and EKS",
            "data:image/png;base64,iVBORw0KGgo",
            "keyboard: mechanical87keys",
            "the secret is 2024-01-15T10:30:00",
        ],
    )
    def test_other_text_is_left(self, text: str) -> None:
        assert not [span for span in self.make().find(text) if span.score >= 0.5]
