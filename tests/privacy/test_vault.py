import pytest

from jisr.privacy.vault import Vault


def vault() -> Vault:
    filled = Vault()
    for number in range(12):
        filled.placeholder_for("EMAIL_ADDRESS", f"u{number + 1}@example.com")
    filled.placeholder_for("PERSON_FEMALE", "سارة")
    filled.placeholder_for("PERSON", "Ali & Sons")
    return filled


@pytest.mark.parametrize(
    ("text", "restored"),
    [
        ("to <EMAIL_ADDRESS_1>.", "to u1@example.com."),
        ("<email_address_12>", "u12@example.com"),
        ("&lt;EMAIL_ADDRESS_1&gt;", "u1@example.com"),
        ("&LT;email_address_1&GT;", "u1@example.com"),
        ("&#60;EMAIL&#x5F;ADDRESS_1&#X3e; &amp;lt;EMAIL_ADDRESS_1&amp;gt;", "u1@example.com " * 2),
        (r'{"to": "\u003cEMAIL_ADDRESS_1\u003E"}', '{"to": "u1@example.com"}'),
        ("EMAIL_ADDRESS_1, EMAIL_ADDRESS_12", "u1@example.com, u12@example.com"),
        (r"*EMAIL\_ADDRESS\_1*, EMAIL-ADDRESS-2", "*u1@example.com*, u2@example.com"),
        ("وEMAIL_ADDRESS_1", "وu1@example.com"),  # a word that Arabic writes joined
        ("ل<PERSON_FEMALE_1> وب<PERSON_FEMALE_1>", "لسارة وبسارة"),
        ("email_address_1 MY_EMAIL_ADDRESS_1 EMAIL_ADDRESS_1a", None),
        ("<EMAIL_ADDRESS_99> <EMAIL_ADDRESS_01> <PHONE_NUMBER_1>", None),
        (
            "<PERSON_1> <PERSON_FEMALE_1> <FEMALE_1> <PERSON_FEMALE_2>",
            "Ali & Sons سارة <FEMALE_1> <PERSON_FEMALE_2>",
        ),
    ],
)
def test_values_are_put_back_in_the_forms_models_write(text: str, restored: str | None) -> None:
    assert vault().restore(text).strip() == (restored or text).strip()


@pytest.mark.parametrize(
    ("text", "restored"),
    [
        ("[mail](mailto:<EMAIL_ADDRESS_1>)", "[mail](mailto:u1@example.com)"),
        ("[mail](mailto:%3CEMAIL_ADDRESS_1%3E)", "[mail](mailto:u1@example.com)"),
        ("?q=%3CPERSON%5F1%3E&x=%253cPERSON_1%253e", "?q=Ali%20%26%20Sons&x=Ali%20%26%20Sons"),
        ("<b>&lt;PERSON_1&gt;</b>", "<b>Ali &amp; Sons</b>"),
        ("[PERSON_1](https://x.org) [PERSON_1][1]", "[Ali & Sons](https://x.org) [Ali & Sons][1]"),
        ("**<PERSON_1>** *<PERSON_1>* ~~PERSON_1~~", "**Ali & Sons** *Ali & Sons* ~~Ali & Sons~~"),
        (r"<PERSON\_1> \<PERSON_1\> \<PERSON\_1\>", "Ali & Sons Ali & Sons Ali & Sons"),
        (r"C:\Users\<PERSON_1>\mail", r"C:\Users\Ali & Sons\mail"),  # no escape of its own
        ("`<PERSON_1>`\n```\nto = '<PERSON_1>'\n```", "`Ali & Sons`\n```\nto = 'Ali & Sons'\n```"),
    ],
)
def test_markdown_and_html_stay_what_they_are(text: str, restored: str) -> None:
    assert vault().restore(text) == restored


@pytest.mark.parametrize(
    ("text", "restored"),
    [
        ("Dear [PERSON_1] {PERSON_1} {{PERSON_1}} [[person_1]]", "Dear " + "Ali & Sons " * 4),
        ("«PERSON_1» ‹person 1› 【PERSON_1】 ＜ＰＥＲＳＯＮ＿１＞", "Ali & Sons " * 4),
        ("«PERSON_1 and (PERSON 1)", "«Ali & Sons and (Ali & Sons)"),
        ("(person 1), PERSON 1", "(person 1), PERSON 1"),  # words like any others
        ("<PERSON 1> <Person-1> <PERSON1> < PERSON_1 >", "Ali & Sons " * 4),
        ("<PERSON_١> <PERSON_FEMALE_۱>", "Ali & Sons سارة"),
        ("<\u2066PERSON_1\u2069> \u200f<PERSON_1>\u200e", "Ali & Sons \u200fAli & Sons\u200e"),
        ("{{PERSON_1} [PERSON_1", "{Ali & Sons [Ali & Sons"),
        ("<PERSON_FEMALE_1>'s <PERSON_FEMALE_1’s> <PERSON_FEMALE_1s>", "سارة's سارة’s سارةs"),
        (
            "PERSON_1s Haus, <PERSON_1>'in evi, <PERSON_1nin>",
            "Ali & Sonss Haus, {0}'in evi, {0}nin",
        ),
        ("<PERSON_1B> <PERSON_1b> <PERSON_1 x>", "<PERSON_1B> <PERSON_1b> <{0} x>"),
    ],
)
def test_what_a_model_changes_of_a_placeholder_is_seen_through(text: str, restored: str) -> None:
    restored = restored.replace("{0}", "Ali & Sons")

    assert vault().restore(text).strip() == restored.strip()


def test_a_name_without_brackets_is_the_placeholders_own() -> None:
    filled = vault()

    assert filled.name_for("PERSON", "Ali & Sons") == "PERSON_1"
    assert filled.placeholder_for("PERSON", "Ali & Sons") == "<PERSON_1>"


def test_the_placeholders_of_one_vault_never_show_the_values_of_another() -> None:
    mine, yours = Vault(), Vault()
    placeholder = mine.placeholder_for("EMAIL_ADDRESS", "ali@example.com")
    yours.placeholder_for("EMAIL_ADDRESS", "sara@example.com")

    assert Vault().restore(placeholder) == placeholder
    assert "ali" not in yours.restore(placeholder)


def test_what_is_printed_of_a_vault_is_not_private() -> None:
    assert repr(vault()) == "Vault(14 placeholders)"
