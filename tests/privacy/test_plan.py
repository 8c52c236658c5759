from jisr.privacy.base import Span
from jisr.privacy.plan import Action, Plan, Planned, replacing
from jisr.privacy.sight import Sighting

PLAN = Plan(
    {
        "a": (
            Planned(Span(0, 1, "PERSON"), Action.REPLACE, placeholder_type="PERSON_FEMALE"),
            Planned(Span(2, 3, "CITY"), Action.KEEP),
        ),
        "b": (Planned(Span(0, 1, "PERSON"), Action.REPLACE),),
    }
)


def test_a_plan_counts_its_spans_by_type_and_by_what_happens_to_them() -> None:
    assert PLAN.counts == {"CITY": 1, "PERSON": 2}
    assert PLAN.actions == {"PERSON": {"replace": 2}, "CITY": {"keep": 1}}
    assert PLAN.placeholder_types == {"PERSON", "PERSON_FEMALE"}


def test_a_sighting_without_a_policy_is_replaced_whole() -> None:
    plan = replacing(Sighting({"112": (Span(0, 3, "NUMBER"),)}, {"NUMBER": 1}))

    assert [it.action for it in plan.all_planned] == [Action.REPLACE]
    assert not plan.must_stay


def test_what_is_printed_of_a_plan_is_not_private() -> None:
    plan = Plan({"pin 4711": ()}, facts=("age: 35",))

    assert "4711" not in repr(plan)
    assert "35" not in repr(plan)


def test_actions_are_in_order_of_strictness() -> None:
    assert [it.strictness for it in Action] == [0, 1, 2, 3]
