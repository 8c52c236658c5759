import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.config import PrivacySettings
from jisr.departure import Manifest
from jisr.errors import PrivacyError
from jisr.privacy.base import Span
from jisr.privacy.plan import Action, Plan, Planned
from jisr.privacy.recognizers import load_recognizers
from jisr.privacy.recognizers.email_address import EmailRecognizer
from jisr.privacy.redact import redact
from jisr.privacy.sight import Sight, Sighting
from jisr.privacy.vault import Vault
from jisr.types import Exact, Goal, JointOptions, Message, Request, Role, Sampling, Wish
from tests.privacy.examples import TRICKY, Digits, request

SIGHT = Sight([Digits()])


def redacted(*texts: str, vault: Vault | None = None) -> list[str]:
    turn = request(*texts)
    outbound = redact(turn, SIGHT.look(turn), Vault() if vault is None else vault)
    return [message.text for message in outbound.messages]


def test_the_same_value_keeps_its_placeholder_across_messages() -> None:
    assert redacted("call 113", "113, not 111") == [
        "call <NUMBER_1>",
        "<NUMBER_1>, not <NUMBER_2>",
    ]


def test_everything_that_leaves_is_redacted() -> None:
    schema = '{"enum": ["ali@example.com"]}'
    sampling = Sampling(stop=("ali@example.com",), json_schema=schema, seed=7)
    turn = Request(messages=(Message(Role.SYSTEM, "ali@example.com"),), sampling=sampling)
    sight = Sight(load_recognizers(PrivacySettings()))

    outbound = redact(turn, sight.look(turn), Vault())

    assert outbound.messages == (Message(Role.SYSTEM, "<EMAIL_ADDRESS_1>"),)
    assert outbound.sampling == Sampling(
        stop=("<EMAIL_ADDRESS_1>",), json_schema='{"enum": ["<EMAIL_ADDRESS_1>"]}', seed=7
    )


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("a@b.co is <EMAIL_ADDRESS_1>", "<EMAIL_ADDRESS_1> is <<LITERAL_1>>"),
        ("a@b.co is <email_address_1>", "<EMAIL_ADDRESS_1> is <<LITERAL_1>>"),
        ("a@b.co is &lt;Email_Address_1&gt;", "<EMAIL_ADDRESS_1> is &lt;<LITERAL_1>&gt;"),
        ("a@b.co is EMAIL_ADDRESS_1", "<EMAIL_ADDRESS_1> is <LITERAL_1>"),
        ("a@b.co is LITERAL_1", "<EMAIL_ADDRESS_1> is <LITERAL_1>"),
        ("a@b.co, email_address_1, <item_1>", "<EMAIL_ADDRESS_1>, email_address_1, <item_1>"),
    ],
)
def test_the_users_own_lookalikes_are_kept_apart(text: str, outcome: str) -> None:
    turn = request(text)

    outbound = redact(turn, Sight([EmailRecognizer()]).look(turn), Vault())

    assert outbound.messages[0].text == outcome


def test_a_turn_without_private_text_leaves_as_it_is() -> None:
    assert redacted("is <EMAIL_ADDRESS_> or <LITERAL_x> a tag?") == [
        "is <EMAIL_ADDRESS_> or <LITERAL_x> a tag?"
    ]


def test_the_audit_log_is_told_what_was_done_and_no_text() -> None:
    turn = request("call 113, not 111")
    outbound = redact(turn, SIGHT.look(turn), Vault(), turn_id="turn_1")

    assert outbound.manifest == Manifest("turn_1", {"NUMBER": {"replace": 2}})


def test_a_sighting_of_another_turn_is_refused() -> None:
    with pytest.raises(PrivacyError, match="does not cover"):
        redact(request("call 112"), SIGHT.look(request("call 113")), Vault())


def test_a_value_that_would_be_left_standing_is_refused() -> None:
    sighting = Sighting({"112 and 112": (Span(0, 3, "NUMBER"),)}, {"NUMBER": 1})

    with pytest.raises(PrivacyError) as caught:
        redact(request("112 and 112"), sighting, Vault())

    assert "112" not in str(caught.value)


def test_very_many_values_in_a_long_text_leave_nothing_behind() -> None:
    text = " ".join(f"u{number}@example.com" for number in range(20_000))
    turn = request(text)
    sight = Sight(load_recognizers(PrivacySettings()))
    vault = Vault()

    outbound = redact(turn, sight.look(turn), vault)

    assert "@" not in outbound.messages[0].text
    assert vault.restore(outbound.messages[0].text) == text


@given(st.lists(TRICKY, max_size=4))
def test_restoring_undoes_redacting(texts: list[str]) -> None:
    vault = Vault()

    assert [vault.restore(text) for text in redacted(*texts, vault=vault)] == texts


@given(TRICKY, TRICKY)
def test_a_conversations_vault_serves_turn_after_turn(first: str, second: str) -> None:
    vault = Vault()
    redacted(first, vault=vault)

    assert [vault.restore(t) for t in redacted(first, second, vault=vault)] == [first, second]


@given(st.lists(TRICKY, max_size=4))
def test_no_private_value_leaves(texts: list[str]) -> None:
    turn = request(*texts)
    sighting = SIGHT.look(turn)
    values = {text[s.start : s.end] for text, spans in sighting.spans.items() for s in spans}

    for message in redact(turn, sighting, Vault()).messages:
        left = re.sub(r"<[A-Z_]+_[0-9]+>", "\0", message.text)
        assert not any(value in left for value in values)


@pytest.mark.parametrize(
    ("wish", "may_end_on_device"),
    [(Wish.ONLY_CLOUD, False), (Wish.PREFER_CLOUD, True), (Wish.PREFER_JOINT, True)],
)
def test_how_a_joint_turn_is_to_be_done_goes_along_and_only_the_cloud_stays_only_the_cloud(
    wish: Wish, may_end_on_device: bool
) -> None:
    turn = Request(
        messages=(Message(Role.USER, "hi"),),
        wish=wish,
        joint=JointOptions(Goal.CHEAP, Exact.STRICT),
    )

    outbound = redact(turn, SIGHT.look(turn), Vault())

    assert outbound.joint == JointOptions(Goal.CHEAP, Exact.STRICT, may_end_on_device)


def planned(text: str, *parts: tuple[str, Action, str], stay_reason: str = "") -> Plan:
    """Return a plan for words of a text, each with what happens to it."""
    spans = tuple(
        Planned(Span(text.find(word), text.find(word) + len(word), "NUMBER"), action, words)
        for word, action, words in parts
    )
    return Plan({text: spans}, stay_reason)


def test_a_plan_says_what_is_kept_generalised_and_replaced() -> None:
    text = "from 1 to 22, then 333"
    plan = planned(
        text, ("1", Action.KEEP, ""), ("22", Action.GENERALISE, "many"), ("333", Action.REPLACE, "")
    )
    vault = Vault()

    outbound = redact(request(text), plan, vault)

    assert outbound.messages[0].text == "from 1 to many, then <NUMBER_1>"
    assert vault.restore("many <NUMBER_1>") == "many 333"


def test_a_placeholder_is_named_by_what_the_plan_knows_more() -> None:
    plan = Plan(
        {"call Sara": (Planned(Span(5, 9, "PERSON"), Action.REPLACE, "", "PERSON_FEMALE"),)}
    )

    outbound = redact(request("call Sara"), plan, Vault())

    assert outbound.messages[0].text == "call <PERSON_FEMALE_1>"


def test_a_conversation_goes_on_calling_a_name_as_it_did_before_its_gender_was_known() -> None:
    vault = Vault()
    first = Plan({"Sara": (Planned(Span(0, 4, "PERSON"), Action.REPLACE),)})
    later = Plan({"Sara": (Planned(Span(0, 4, "PERSON"), Action.REPLACE, "", "PERSON_FEMALE"),)})

    said = [redact(request("Sara"), plan, vault).messages[0].text for plan in (first, later)]

    assert said == ["<PERSON_1>"] * 2


@pytest.mark.parametrize("action", [Action.GENERALISE, Action.REPLACE])
def test_a_generalised_value_may_be_left_standing_no_more_than_a_replaced_one(
    action: Action,
) -> None:
    with pytest.raises(PrivacyError, match="would leave"):
        redact(request("12 and 12"), planned("12 and 12", ("12", action, "some")), Vault())


@pytest.mark.parametrize(
    "plan",
    [
        planned("pin 4711", ("4711", Action.REPLACE, ""), stay_reason="it holds a pin"),
        planned("pin 4711", ("4711", Action.STAY, "")),
        planned("pin 4711 NUMBER_1", ("4711 NUMBER_1", Action.STAY, "")),
    ],
)
def test_a_turn_that_must_stay_cannot_be_redacted(plan: Plan) -> None:
    (text,) = plan.spans

    with pytest.raises(PrivacyError, match="may not") as caught:
        redact(request(text), plan, Vault())

    assert "4711" not in str(caught.value)


def test_words_that_say_less_are_no_lookalike_and_not_put_back() -> None:
    text = "pin 4711 NUMBER_1"
    plan = planned(text, ("pin", Action.REPLACE, ""), ("4711", Action.GENERALISE, "a pin"))
    vault = Vault()

    outbound = redact(request(text), plan, vault)

    assert outbound.messages[0].text == "<NUMBER_1> a pin <LITERAL_1>"
    assert vault.restore(outbound.messages[0].text) == "pin a pin NUMBER_1"
