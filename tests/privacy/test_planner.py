import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.errors import PrivacyError
from jisr.privacy.base import Span
from jisr.privacy.generalise import GENERALISERS
from jisr.privacy.plan import Action, Plan
from jisr.privacy.planner import Planner
from jisr.privacy.policy import READY, Policy, Rule, load_policy
from jisr.privacy.redact import redact
from jisr.privacy.sight import Sight
from jisr.privacy.vault import Vault
from jisr.types import Purpose, Request
from tests.privacy.examples import TRICKY, Digits, request

TODAY = date(2025, 6, 1)
KEEP, GENERALISE, REPLACE, STAY = Action


class Listed:
    """Finds the words of a list."""

    def __init__(self, **types: str) -> None:
        self._types = types

    def find(self, text: str) -> Iterator[Span]:
        for entity_type, words in self._types.items():
            for word in words.split("|"):
                for match in re.finditer(re.escape(word), text):
                    yield Span(*match.span(), entity_type, 0.9, "listed")


SIGHT = Sight(
    [
        Listed(
            PERSON="Sara|Omar|سارة",
            CITY="Muscat|مسقط",
            COUNTRY="Oman",
            ORGANIZATION="Bank Muscat|Royal Hospital",
            STREET_ADDRESS="12 Palm Road, Muscat",
            AGE="34|36",
            BIRTH_DATE="12 May 1990",
            POSTCODE="94043",
            IBAN_CODE="DE89",
            PRIVATE_KEY="-----KEY-----",
        )
    ]
)


def plan_of(policy: Policy | str, turn: Request) -> Plan:
    policy = load_policy(policy) if isinstance(policy, str) else policy
    return Planner(policy, lambda: TODAY).plan(turn, SIGHT.look(turn))


def sent(policy: Policy | str, *texts: str, **more: object) -> list[str]:
    turn = replace(request(*texts), **more)  # type: ignore[arg-type]  # fields of a request
    return [it.text for it in redact(turn, plan_of(policy, turn), Vault()).messages]


def with_rules(**actions: Action) -> Policy:
    return Policy("mine", rows={it: Rule(action, 0.5) for it, action in actions.items()})


@pytest.mark.parametrize(
    ("policy", "text", "leaves"),
    [
        ("balanced", "Sara, 34, of Muscat", "<PERSON_1>, 30 to 39, of <CITY_1>"),
        ("open", "Sara, 34, of Muscat", "<PERSON_1>, 34, of Muscat"),
        ("strict", "Sara, 34, of Muscat", "<PERSON_1>, <AGE_1>, of <CITY_1>"),
        ("open", "to 12 Palm Road, Muscat", "to an address in Muscat"),
        ("open", "born 12 May 1990", "born a date 30 to 39 years ago"),
        ("open", "سارة في مسقط، 34", "<PERSON_1> في مسقط، 34"),
        ("balanced", "سارة في مسقط، 34", "<PERSON_1> في <CITY_1>، 30 إلى 39"),
    ],
)
def test_a_policy_decides_in_what_form_a_value_leaves(policy: str, text: str, leaves: str) -> None:
    assert sent(policy, text) == [leaves]


def test_what_is_to_come_back_in_a_rewritten_text_is_replaced_and_not_generalised() -> None:
    assert sent("balanced", "I am 34", purpose=Purpose.TRANSLATE) == ["I am <AGE_1>"]


def test_what_is_too_unsure_for_the_policy_is_left_alone() -> None:
    policy = Policy("mine", rows={"PERSON": Rule(REPLACE, 0.95)})

    assert sent(policy, "Sara") == ["Sara"]


def test_a_placeholder_keeps_the_gender_that_the_text_tells_of_a_name() -> None:
    assert sent("balanced", "my wife Sara", "what does Sara like?", "and Omar?") == [
        "my wife <PERSON_FEMALE_1>",
        "what does <PERSON_FEMALE_1> like?",
        "and <PERSON_1>?",
    ]


def test_where_the_text_tells_two_genders_of_a_name_none_is_kept() -> None:
    assert sent("balanced", "my wife Sara", "my husband Sara") == [
        "my wife <PERSON_1>",
        "my husband <PERSON_1>",
    ]


def test_a_type_that_stays_keeps_the_turn_and_says_so_in_both_languages() -> None:
    plan = plan_of("strict", request("my IBAN is DE89"))

    assert plan.must_stay
    assert plan.stay_reason == "it holds IBAN_CODE, which your policy keeps here"
    assert "IBAN_CODE" in plan.stay_reason_arabic
    assert plan.can_be_allowed
    with pytest.raises(PrivacyError):
        redact(request("my IBAN is DE89"), plan, Vault())


def test_who_was_asked_and_lets_it_leave_has_it_replaced() -> None:
    assert sent("strict", "my IBAN is DE89", may_leave=True) == ["my IBAN is <IBAN_CODE_1>"]


def test_of_types_that_overlap_the_strictest_decides() -> None:
    text = "12 Palm Road, Muscat"

    kept = with_rules(STREET_ADDRESS=GENERALISE, CITY=KEEP)
    assert sent(kept, text) == ["an address in Muscat"]
    replaced = with_rules(STREET_ADDRESS=GENERALISE, CITY=REPLACE)
    assert sent(replaced, text) == ["<STREET_ADDRESS_1>"]
    assert plan_of(with_rules(STREET_ADDRESS=KEEP, CITY=STAY), request(text)).must_stay


def test_no_value_that_is_replaced_is_left_in_one_that_is_kept() -> None:
    policy = with_rules(ORGANIZATION=KEEP, CITY=REPLACE)

    assert sent(policy, "Bank Muscat in Muscat") == ["Bank <CITY_1> in <CITY_1>"]


RISKY = "I am a nurse of 34 at Royal Hospital in Muscat and have lupus"


def test_a_combination_that_tells_one_person_has_more_replaced() -> None:
    policy = replace(load_policy("open"), most_risk=0.7)

    assert sent(policy, RISKY) == [
        "I am a nurse of <AGE_1> at <ORGANIZATION_1> in <CITY_1> and have lupus"
    ]
    plan = plan_of("open", request(RISKY))
    assert plan.risk <= 0.95
    assert plan.risk_sentence


def test_what_is_replaced_for_its_risk_is_not_left_in_words_either() -> None:
    policy = replace(load_policy("open"), most_risk=0.5)

    assert sent(policy, "12 Palm Road, Muscat, and Muscat") == ["<STREET_ADDRESS_1>, and <CITY_1>"]


def test_where_replacing_is_not_enough_the_turn_stays_and_says_what_tells() -> None:
    plan = plan_of(replace(load_policy(), most_risk=0.5), request(RISKY))

    assert "could tell whom it is about: 21 of the 33 bits" in plan.stay_reason
    assert "a rare illness 13" in plan.stay_reason
    assert plan.stay_reason_arabic
    assert plan.can_be_allowed


def test_a_policy_may_have_risky_turns_stay_at_once() -> None:
    policy = replace(load_policy("open"), most_risk=0.7, risk_action=STAY)

    assert plan_of(policy, request(RISKY)).must_stay
    assert not plan_of(policy, replace(request(RISKY), may_leave=True)).must_stay


def test_what_only_real_values_tell_is_reckoned_here() -> None:
    plan = plan_of("open", request("Born 12 May 1990: how old am I?"))

    assert plan.stay_reason == "what it asks is computed here, from private values"
    assert plan.facts[0] == "age on 2025-06-01: 35 years"
    assert not plan.can_be_allowed


def test_the_last_message_says_what_is_asked_and_what_is_lost() -> None:
    plan = plan_of("balanced", request("Born 12 May 1990: how old am I?", "Thanks!"))

    assert not plan.must_stay
    assert plan.redaction_loss == 0
    assert plan_of("balanced", request("Who is Sara?")).redaction_loss == 1


def test_very_many_values_are_planned_in_a_short_time() -> None:
    text = " ".join(f"Sara{number} in Muscat," for number in range(5_000))

    assert plan_of("open", request(text)).counts["CITY"] == 5_000


TYPES = ["NUMBER", "EVEN_NUMBER", *sorted(GENERALISERS)]
RULES = st.builds(Rule, st.sampled_from(Action), st.sampled_from([0.0, 0.5, 1.0]))
SAFE_RULES = RULES.filter(lambda rule: rule.action is not GENERALISE)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    rows = {it: draw(RULES if it in GENERALISERS else SAFE_RULES) for it in TYPES}
    return Policy("drawn", rows=rows, most_risk=draw(st.floats(0, 1)))


class Typed:
    """Finds runs of digits, letters and signs as types that a policy may generalise."""

    def find(self, text: str) -> Iterator[Span]:
        yield from (Span(*m.span(), "AGE", 0.6) for m in re.finditer(r"\d{1,3}", text))
        yield from (Span(*m.span(), "CITY", 0.4) for m in re.finditer(r"[A-Z]+", text))
        yield from (Span(*m.span(), "STREET_ADDRESS") for m in re.finditer(r"\d_?[A-Z]+", text))


BOTH = Sight([Digits(), Typed()])


@given(st.lists(TRICKY, max_size=3), policies())
def test_a_type_that_stays_never_leaves_whatever_the_combination(
    texts: list[str], policy: Policy
) -> None:
    turn = request(*texts)
    sighting = BOTH.look(turn)
    plan = Planner(policy, lambda: TODAY).plan(turn, sighting)
    stays = {
        span
        for spans in sighting.found.values()
        for span in spans
        if policy.rule(span.entity_type).action is STAY
        and span.score >= policy.rule(span.entity_type).min_score
    }

    assert plan.must_stay or not stays
    if plan.must_stay:
        with pytest.raises(PrivacyError):
            redact(turn, plan, Vault())


@given(st.lists(TRICKY, max_size=3), policies())
def test_every_span_that_is_not_to_be_kept_is_covered(texts: list[str], policy: Policy) -> None:
    turn = request(*texts)
    sighting = BOTH.look(turn)
    plan = Planner(policy, lambda: TODAY).plan(turn, sighting)

    for text, spans in sighting.found.items():
        covered = {
            at
            for it in plan.spans[text]
            if it.action is not KEEP
            for at in range(it.span.start, it.span.end)
        }
        for span in spans:
            rule = policy.rule(span.entity_type)
            if rule.action is not KEEP and span.score >= rule.min_score:
                assert covered.issuperset(range(span.start, span.end))


def standing(policy: Policy, turn: Request) -> set[tuple[str, int]]:
    """Return the characters that leave as they are: none if the turn stays."""
    plan = Planner(policy, lambda: TODAY).plan(turn, BOTH.look(turn))
    if plan.must_stay:
        return set()
    gone = {
        (text, at)
        for text, planned in plan.spans.items()
        for it in planned
        if it.action is not KEEP
        for at in range(it.span.start, it.span.end)
    }
    return {(text, at) for text in plan.spans for at in range(len(text))} - gone


@given(st.lists(TRICKY, max_size=3), policies(), st.data())
def test_a_stricter_policy_never_sends_more(
    texts: list[str], policy: Policy, data: st.DataObject
) -> None:
    stricter = policy
    for entity_type in data.draw(st.sets(st.sampled_from(TYPES))):
        row = policy.rows[entity_type]
        above = [it for it in (REPLACE, STAY) if it.strictness >= row.action.strictness]
        lower = Rule(data.draw(st.sampled_from(above)), row.min_score / 2)
        stricter = replace(stricter, rows={**stricter.rows, entity_type: lower})
    turn = request(*texts)
    lax = replace(policy, most_risk=1.0)

    assert standing(replace(stricter, most_risk=1.0), turn) <= standing(lax, turn)


@given(st.lists(TRICKY, max_size=3), st.sampled_from(Purpose))
def test_of_the_ready_policies_the_stricter_never_sends_more(
    texts: list[str], purpose: Purpose
) -> None:
    turn = replace(request(*texts), purpose=purpose)
    strict, balanced, open_ = (standing(load_policy(name), turn) for name in READY)

    assert strict <= balanced <= open_
