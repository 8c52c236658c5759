import pytest

from jisr.config import PrivacySettings
from jisr.errors import ConfigError
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


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (PrivacySettings(stay=("IBAN",)), "IBAN_CODE"),
        (PrivacySettings(stay=("iban_code",)), "IBAN_CODE"),
        (PrivacySettings(stay=("IBAN_CODE", "EMIAL")), "EMAIL_ADDRESS"),
        (PrivacySettings(phone_region="ZZ"), "no country"),
    ],
)
def test_a_promise_that_nothing_would_keep_is_an_error(
    settings: PrivacySettings, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        load_recognizers(settings)
