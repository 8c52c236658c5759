"""What becomes of questions before they run, and of answers before they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.guard.grounding import claims_of
from jisr.guard.guard import GuardPolicy, before, judge
from jisr.guard.sentences import HELP, SENTENCES
from jisr.guard.verdicts import Action, Verdict
from jisr.question import Question, TaskKind
from jisr.types import FinishReason

TEXT = "The mill of Brask was built in 1804 by Anna Lund. It burned down in 1871."
KINDS = (TaskKind.NUMBER, TaskKind.SHORT, TaskKind.GROUNDED, TaskKind.OTHER)
POLICY = GuardPolicy(risk=0.2, thresholds={**dict.fromkeys(KINDS, 0.6), TaskKind.CHOICE: None})
SHORT = Question("Who built the old mill?", TaskKind.SHORT)
SUM = Question("What is 3 * 4 + 1?", TaskKind.NUMBER)
GROUNDED = Question("Who built the mill?", TaskKind.GROUNDED, (TEXT,))


def judged(
    question: Question,
    answer: str,
    confidence: float | None = 0.9,
    *,
    can_escalate: bool = False,
    finish_reason: FinishReason | None = None,
    policy: GuardPolicy = POLICY,
) -> Verdict:
    claims = claims_of(answer, question.evidence) if question.evidence else ()
    return judge(
        question,
        answer,
        confidence,
        None if confidence is not None else "not calibrated",
        policy,
        can_escalate=can_escalate,
        claims=claims,
        finish_reason=finish_reason,
    )


@pytest.mark.parametrize(
    ("question", "answer", "confidence", "action", "reason"),
    [
        (SHORT, "Anna Lund", 0.9, Action.KEEP, "sure"),
        (SHORT, "Anna Lund", 0.6, Action.KEEP, "sure"),
        (SHORT, "Anna Lund", 0.59, Action.ABSTAIN, "unsure"),
        (SHORT, "Anna Lund", None, Action.KEEP, "not_judged"),
        (SHORT, "I don't know.", 0.99, Action.ABSTAIN, "weak"),
        (SHORT, "لا أعرف", None, Action.ABSTAIN, "weak"),
        (SHORT, "The text does not say.", 0.99, Action.ABSTAIN, "weak"),
        (SHORT, "  ", 0.99, Action.ABSTAIN, "empty"),
        (SUM, "3 * 4 = 12\n12 + 1 = 13", 0.9, Action.KEEP, "sure"),
        (SUM, "3 * 4 = 13\n13 + 1 = 14", 0.9, Action.KEEP, "wrong_step"),
        (SUM, "3 * 4 = 13", None, Action.ABSTAIN, "unsure_wrong_step"),
        (SHORT, SHORT.text, 0.99, Action.ABSTAIN, "weak"),
        (SUM, "3 * 4 = 13\n13 + 1 = 14", 0.3, Action.ABSTAIN, "unsure_wrong_step"),
        (GROUNDED, "Anna Lund", 0.9, Action.KEEP, "sure"),
        (GROUNDED, "Anna Lund", 0.2, Action.ABSTAIN, "unsure"),
        (GROUNDED, "Peter Sand", 0.99, Action.ABSTAIN, "not_borne_out"),
        (GROUNDED, "Peter Sand", None, Action.ABSTAIN, "not_borne_out"),
        # it is an answer, however sure the model is of it
        (GROUNDED, "The text does not say.", 0.1, Action.KEEP, "not_in_text"),
        (GROUNDED, "النص لا يذكر ذلك.", None, Action.KEEP, "not_in_text"),
        (GROUNDED, "I don't know.", 0.99, Action.ABSTAIN, "weak"),
        (GROUNDED, "Yes.", 0.9, Action.KEEP, "sure"),
        # one claim that is borne out is enough; the other is marked
        (GROUNDED, "Anna Lund built it. It had nine floors.", 0.9, Action.KEEP, "sure"),
        (Question("Which?", TaskKind.CHOICE), "A", 0.99, Action.ABSTAIN, "no_threshold"),
    ],
)
def test_an_answer_stands_or_not(
    question: Question, answer: str, confidence: float | None, action: Action, reason: str
) -> None:
    verdict = judged(question, answer, confidence)
    assert (verdict.action, verdict.reason) == (action, reason)
    assert verdict.confidence == confidence
    assert (verdict.confidence_reason is None) == (confidence is not None)


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        (TaskKind.NUMBER, Action.ABSTAIN),
        (TaskKind.SHORT, Action.KEEP),
        (TaskKind.OTHER, Action.KEEP),
        (TaskKind.GROUNDED, Action.KEEP),
    ],
)
def test_of_what_was_cut_off_only_a_sum_does_not_stand(kind: TaskKind, action: Action) -> None:
    question = Question("Tell me", kind)
    assert judged(question, "It began", finish_reason=FinishReason.LENGTH).action is action


@pytest.mark.parametrize(
    ("answer", "is_given"),
    [
        ("The capital of", False),
        ("عاصمة مالي هي", False),
        ("The capital of Mali is Bamako, which", True),
        ("It is a city and it is a city and it is a city and it is a city and it is", False),
    ],
)
def test_a_fact_that_was_cut_off_before_it_was_told_is_none(answer: str, *, is_given: bool) -> None:
    asked = "ما عاصمة مالي؟" if answer.startswith("عاصمة") else "What is the capital of Mali?"
    verdict = judged(Question(asked, TaskKind.SHORT), answer, finish_reason=FinishReason.LENGTH)

    assert (verdict.action is Action.KEEP, verdict.reason == "cut_off") == (is_given, not is_given)


def test_a_kind_that_was_not_calibrated_is_given() -> None:
    policy = GuardPolicy(risk=0.1)
    assert judged(SHORT, "Anna Lund", 0.1, policy=policy).action is Action.KEEP


def test_claims_are_kept_with_the_verdict() -> None:
    verdict = judged(GROUNDED, "Anna Lund built it. It had nine floors.")
    assert [claim.is_grounded for claim in verdict.claims] == [True, False]


@given(
    st.sampled_from([SHORT, SUM, GROUNDED]),
    st.sampled_from(["Anna Lund", "I don't know.", "", "3 * 4 = 13", "Not in the text."]),
    st.none() | st.floats(0, 1),
)
def test_with_a_cloud_an_answer_that_falls_is_passed_on_and_without_one_said(
    question: Question, answer: str, confidence: float | None
) -> None:
    alone = judged(question, answer, confidence)
    joined = judged(question, answer, confidence, can_escalate=True)
    assert alone.withdraws == joined.withdraws
    assert alone.action in (Action.KEEP, Action.ABSTAIN)
    assert joined.action in (Action.KEEP, Action.ESCALATE)
    assert bool(alone.said) == alone.withdraws
    assert alone.reason == joined.reason


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_confidence_never_withdraws(first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert judged(SHORT, "Anna Lund", high).withdraws <= judged(SHORT, "Anna Lund", low).withdraws


@pytest.mark.parametrize(
    ("text", "reason", "with_cloud"),
    [
        ("What's the weather in Oslo?", "fresh_facts", Action.ESCALATE),
        ("ما سعر الذهب اليوم؟", "fresh_facts", Action.ESCALATE),
        ("What is Lina Haddad's phone number?", "unknown_person", Action.ESCALATE),
        # the cloud has none of it either
        ("When is my next appointment?", "own_data", Action.ABSTAIN),
        ("متى موعدي القادم؟", "own_data", Action.ABSTAIN),
        ("What about it?", "too_short", Action.ASK),
        ("وماذا عنه؟", "too_short", Action.ASK),
        ("When is the meeting?", "which_one", Action.ASK),
    ],
)
def test_what_cannot_be_known_is_told_before_anything_runs(
    text: str, reason: str, with_cloud: Action
) -> None:
    question = Question(text, TaskKind.SHORT)
    joined, alone = (before(question, can_escalate=can) for can in (True, False))
    assert joined is not None
    assert alone is not None
    assert (joined.reason, joined.action) == (alone.reason, with_cloud) == (reason, with_cloud)
    assert alone.action in (Action.ABSTAIN, Action.ASK)
    assert alone.said == HELP[reason][question.language]
    assert (alone.confidence, alone.confidence_reason) == (None, "not checked: nothing ran")


@pytest.mark.parametrize("text", ["Who built the tower of Brask?", "Write a poem", ""])
def test_other_questions_run(text: str) -> None:
    assert before(Question(text, TaskKind.OTHER), can_escalate=False) is None


def test_every_reason_is_in_words_in_both_languages() -> None:
    assert HELP.keys() < SENTENCES.keys()
    for said in (*SENTENCES.values(), *HELP.values()):
        assert said.keys() == {"en", "ar"}
        assert all(text.strip().endswith((".", "؟", "?")) or ":" in text for text in said.values())
