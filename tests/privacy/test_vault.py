import pytest

from jisr.privacy.vault import Vault


def vault() -> Vault:
    filled = Vault()
    for number in range(12):
        filled.placeholder_for("EMAIL_ADDRESS", f"u{number + 1}@example.com")
    return filled


@pytest.mark.parametrize(
    ("text", "restored"),
    [
        ("to <EMAIL_ADDRESS_1>.", "to u1@example.com."),
        ("<email_address_12>", "u12@example.com"),
        ("&lt;EMAIL_ADDRESS_1&gt;", "u1@example.com"),
        ("&LT;email_address_1&GT;", "u1@example.com"),
        (r'{"to": "\u003cEMAIL_ADDRESS_1\u003E"}', '{"to": "u1@example.com"}'),
        ("EMAIL_ADDRESS_1, EMAIL_ADDRESS_12", "u1@example.com, u12@example.com"),
        ("وEMAIL_ADDRESS_1", "وu1@example.com"),  # a word that Arabic writes joined
        ("email_address_1 MY_EMAIL_ADDRESS_1 EMAIL_ADDRESS_1a", None),
        ("<EMAIL_ADDRESS_99> <EMAIL_ADDRESS_01> <PHONE_NUMBER_1>", None),
    ],
)
def test_values_are_put_back_in_the_forms_models_write(text: str, restored: str | None) -> None:
    assert vault().restore(text) == (restored or text)


def test_the_placeholders_of_one_vault_never_show_the_values_of_another() -> None:
    mine, yours = Vault(), Vault()
    placeholder = mine.placeholder_for("EMAIL_ADDRESS", "ali@example.com")
    yours.placeholder_for("EMAIL_ADDRESS", "sara@example.com")

    assert Vault().restore(placeholder) == placeholder
    assert "ali" not in yours.restore(placeholder)


def test_what_is_printed_of_a_vault_is_not_private() -> None:
    assert repr(vault()) == "Vault(12 placeholders)"
