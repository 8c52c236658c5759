from jisr.config import PrivacySettings
from jisr.privacy.recognizers import RECOGNIZERS, load_recognizers

EXAMPLES = {
    "EMAIL_ADDRESS": "ali@example.com",
    "PHONE_NUMBER": "+966 50 123 4567",
    "CREDIT_CARD": "4111 1111 1111 1111",
    "IBAN_CODE": "DE89 3704 0044 0532 0130 00",
}


def test_each_row_finds_the_type_it_is_named_after() -> None:
    recognizers = load_recognizers(PrivacySettings())

    assert list(RECOGNIZERS) == [
        next(iter(recognizer.find(EXAMPLES[name]))).entity_type
        for name, recognizer in zip(RECOGNIZERS, recognizers, strict=True)
    ]
