import pytest

from jisr.privacy.gender import gender_before


@pytest.mark.parametrize(
    ("text", "name", "gender"),
    [
        ("Mrs. Haddad called", "Haddad", "FEMALE"),
        ("Mrs Haddad called", "Mrs Haddad", "FEMALE"),
        ("tell Mr Haddad", "Haddad", "MALE"),
        ("my wife Sara", "Sara", "FEMALE"),
        ("my son, Omar", "Omar", "MALE"),
        ("السيدة سارة الحداد", "سارة الحداد", "FEMALE"),
        ("السيدة سارة الحداد", "السيدة سارة الحداد", "FEMALE"),
        ("قال السيد عمر", "عمر", "MALE"),
        ("زوجتي سارة", "سارة", "FEMALE"),
        ("أبو خالد", "خالد", "MALE"),
        ("Dr. Haddad", "Haddad", ""),
        ("items Haddad", "Haddad", ""),  # no `Ms` in it
        ("Sara said", "Sara", ""),
    ],
)
def test_titles_and_kin_say_the_gender(text: str, name: str, gender: str) -> None:
    start = text.index(name)

    assert gender_before(text, start, start + len(name)) == gender
