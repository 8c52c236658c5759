import pytest

from jisr.privacy.base import Span
from jisr.privacy.loss import redaction_loss
from jisr.privacy.plan import Action, Planned


def lost(text: str, value: str, entity_type: str, action: Action = Action.REPLACE) -> float:
    start = text.index(value)
    return redaction_loss(text, [Planned(Span(start, start + len(value), entity_type), action)])


def test_nothing_is_lost_where_nothing_is_replaced() -> None:
    assert redaction_loss("What is the domain of this address?", []) == 0
    assert lost("I live in Muscat", "Muscat", "CITY", Action.KEEP) == 0


def test_a_country_that_is_the_point_costs_more_than_a_number_that_is_carried() -> None:
    country = lost("Explain the war in Sudan", "Sudan", "COUNTRY")
    number = lost(
        "Write a letter to my bank that card 4111111111111111 was stolen", "4111111111111111", "X"
    )

    assert number < 0.05
    assert country > 0.2


def test_words_that_say_less_cost_less_than_a_placeholder() -> None:
    text = "Which diet suits a man of 34"

    assert lost(text, "34", "AGE", Action.GENERALISE) < lost(text, "34", "AGE")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("What is the domain of ali@example.com?", "ali@example.com"),
        ("Is this IBAN valid: DE89370400440532013000?", "DE89370400440532013000"),
        ("How many digits has 4111111111111111?", "4111111111111111"),
        ("Who is Sara Haddad?", "Sara Haddad"),
        ("Which country is +968 9212 3456 from?", "+968 9212 3456"),
        ("هل رقم الآيبان DE89370400440532013000 صحيح؟", "DE89370400440532013000"),
        ("من هو سالم الحارثي؟", "سالم الحارثي"),
    ],
)
def test_a_turn_whose_point_is_the_private_value_loses_all(text: str, value: str) -> None:
    assert lost(text, value, "SOMETHING") == 1


def test_a_loss_is_never_more_than_all() -> None:
    assert lost("Sudan", "Sudan", "COUNTRY") <= 1
    assert lost("a b", "a b", "COUNTRY") <= 1
