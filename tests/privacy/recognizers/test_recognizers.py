from pathlib import Path

import pytest

from jisr.config import PrivacySettings
from jisr.errors import ConfigError
from jisr.privacy.entities import ENTITY_TYPES
from jisr.privacy.recognizers import RECOGNIZERS, load_recognizers

EXAMPLES = {
    "own_words": "as Sooz said",
    "email_address": "ali@example.com",
    "phone_number": "+966 50 123 4567",
    "credit_card": "4111 1111 1111 1111",
    "iban_code": "DE89 3704 0044 0532 0130 00",
    "service_number": "my student id is 20231234",
    "username": "my username is ali_hassan",
    "api_key": "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "connection_string": "postgres://ali:s3cret@db/shop",
    "private_key": "-----BEGIN PRIVATE KEY-----",
    "password": "password: hunter2!",
    "url": "https://ali:hunter2@host.om/x",
    "domain_name": "http://www.OpticalFirm.com.cy/",
    "mac_address": "00:1A:2B:3C:4D:5E",
    "ip_address": "blocked for 41.173.96.26",
    "bank_account": "account number 12345678",
    "medical_record": "MRN 00123456",
    "license_plate": "license plate 7ABC123",
    "driver_license": "driving licence D1234567",
    "passport": "passport number X1234567",
    "tax_number": "VAT number DE136695976",
    "national_id": "SSN 588-46-6702",
    "street_address": "I live at 14 Willow Lane",
    "postcode": "my zip code is 90210",
    "age": "aged 40",
    "birth_date": "born on 14 March 1991",
    "coordinates": "23.58801, 58.38292",
    "nationality": "I am Egyptian",
    "proper_names": "I met Sarah Jones",
    "arabic_names": "اتصل بالسيد خالد الحارثي",
    "stated_names": "my name is rose",
    "firm_names": "shares of snowflake inc",
    "slots": "Dear [Your Name],",
    "told_number": "five five five one two three four",
    "unknown_words": "I promote ovhclaud",
    "named_entities": "They praised Harbour Lights in the paper.",
}
"""Name of a recognizer -> a text in which it finds something."""


def test_every_recognizer_has_an_example() -> None:
    assert EXAMPLES.keys() == RECOGNIZERS.keys()


@pytest.mark.parametrize("name", RECOGNIZERS)
def test_each_row_finds_types_that_are_known_and_says_why(name: str, tmp_path: Path) -> None:
    own_words = tmp_path / "own.txt"
    own_words.write_text("Sooz\n")
    settings = PrivacySettings(own_words=own_words)
    recognizers = dict(zip(RECOGNIZERS, load_recognizers(settings), strict=True))

    spans = list(recognizers[name].find(EXAMPLES[name]))

    assert spans
    assert all(span.entity_type in ENTITY_TYPES and span.why for span in spans)


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
