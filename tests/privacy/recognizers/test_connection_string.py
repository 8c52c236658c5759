import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.connection_string import build
from tests.contracts.recognizer import RecognizerContract


class TestConnectionStrings(RecognizerContract):
    def make(self) -> Recognizer:
        return build(PrivacySettings())

    @pytest.mark.parametrize(
        ("text", "address"),
        [
            (
                "use postgres://ali:s3cret@db.host.om:5432/shop now",
                "postgres://ali:s3cret@db.host.om:5432/shop",
            ),
            (
                "mongodb+srv://ali:p%40ss@cluster0.mongodb.net/?w=majority.",
                "mongodb+srv://ali:p%40ss@cluster0.mongodb.net/?w=majority",
            ),
            ('REDIS_URL="redis://:hunter2@10.0.0.1:6379/0"', "redis://:hunter2@10.0.0.1:6379/0"),
            ("amqp://guest:guest@mq:5672//", "amqp://guest:guest@mq:5672//"),
            ("postgresql+psycopg2://a:b@c/d", "postgresql+psycopg2://a:b@c/d"),
            ("mysql://root:p@ss@db/x", "mysql://root:p@ss@db/x"),
            (
                "jdbc:oracle:thin:scott/tiger@//db:1521/x",
                "jdbc:oracle:thin:scott/tiger@//db:1521/x",
            ),
            (
                "jdbc:sqlserver://db;user=sa;password=x9!",
                "jdbc:sqlserver://db;user=sa;password=x9!",
            ),
            (
                "Server=db;Database=shop;User Id=sa;Password=s3cret;",
                "Server=db;Database=shop;User Id=sa;Password=s3cret",
            ),
            (
                "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=abcd1234==;EndpointSuffix=core.windows.net",
                "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=abcd1234==;EndpointSuffix=core.windows.net",
            ),
            (
                "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=root;SharedAccessKey=Abc12=",
                "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=root;SharedAccessKey=Abc12=",
            ),
            (
                "host=db user=ali password=s3cret dbname=shop",
                "host=db user=ali password=s3cret dbname=shop",
            ),
            ("الرابط postgres://ali:s3cret@db/shop", "postgres://ali:s3cret@db/shop"),
        ],
    )
    def test_addresses_are_found(self, text: str, address: str) -> None:
        spans = [span for span in self.make().find(text) if span.score >= 0.5]

        assert [text[span.start : span.end] for span in spans] == [address]

    @pytest.mark.parametrize(
        "text",
        [
            "postgres://localhost/shop",
            "redis://localhost:6379/0",
            "https://ali:pw@host.om/",
            "a=1;b=2;c=3",
            "jdbc:mysql://localhost/shop",
            "for (i=0;i<n;i=i+1) password",
            "Server=db;Database=shop;Trusted_Connection=True",
            "s3://bucket/key:a@b",
            "password=s3cret",
        ],
    )
    def test_other_text_is_left(self, text: str) -> None:
        assert not [span for span in self.make().find(text) if span.score >= 0.5]
