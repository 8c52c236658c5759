import pytest

from jisr.privacy.name_parts import is_known_in_any_case, parts_of


@pytest.mark.parametrize(
    ("name", "entity_type", "parts"),
    [
        ("Johnny Kreutz", "PERSON", ["Johnny", "Kreutz"]),
        ("Tom I. Holz", "PERSON", ["Tom", "Holz"]),
        ("Will Holz", "PERSON", ["Holz"]),  # `Will` is a word first
        ("خالد بن سعيد الحارثي", "PERSON", ["خالد", "سعيد"]),
        ("Zodvboz Brewing Company", "ORGANIZATION", ["Zodvboz"]),
        ("Bank of Holz", "ORGANIZATION", []),
        ("Johnny", "PERSON", []),
        ("12 Holz Street", "STREET_ADDRESS", []),
    ],
)
def test_a_name_is_called_by_its_parts(name: str, entity_type: str, parts: list[str]) -> None:
    assert list(parts_of(name, entity_type)) == parts


@pytest.mark.parametrize(
    ("name", "entity_type", "known"),
    [
        ("Zodvboz", "ORGANIZATION", True),
        ("Rose", "PERSON", False),
        ("Zodvboz Green", "ORGANIZATION", False),
        ("zodvboz", "API_KEY", False),
        ("Oliver", "PERSON", True),
        ("Oliver", "ORGANIZATION", False),
        ("May", "PERSON", False),
        ("Cairo", "CITY", True),
        ("Mobile", "CITY", False),
        ("Ali@Mail.example", "EMAIL_ADDRESS", True),
        ("X1234567", "PASSPORT", True),
    ],
)
def test_only_what_is_no_word_is_known_in_any_case(
    name: str, entity_type: str, known: bool
) -> None:
    assert is_known_in_any_case(name, entity_type) is known
