"""What of an answer stands in the text that was given."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.guard.grounding import FEATURES, claims_of, grounding_features
from jisr.question import Question, TaskKind

MILL = (
    "The mill of Brask was built in 1804 by Anna Lund, a carpenter from Torn. It burned down in "
    "1871, and the miller's two sons moved north. The largest wheel was kept. Visitors may not "
    "enter the tower. The harbour was opened before the mill."
)
MILL_AR = (
    "بُنيت طاحونة براسك سنة ١٨٠٤ على يد النجارة آنا لوند من بلدة تورن. احترقت الطاحونة سنة ١٨٧١ "
    "وانتقل ابنا الطحان إلى الشمال. ولا يُسمح للزوار بدخول البرج."
)


def features(question: str, answer: str, evidence: str = MILL) -> dict[str, float]:
    return grounding_features(Question(question, TaskKind.GROUNDED, (evidence,)), answer)


@pytest.mark.parametrize(
    ("answer", "begins"),
    [
        ("Anna Lund built it in 1804.", "The mill"),
        ("1871", "It burned"),
        ("The sons of the miller moved north.", "It burned"),
        ("They moved to the north in 1871", "It burned"),
        ("It is the largest wheel that was kept.", "The largest"),
        ("Anna Lund built it in 1805.", None),
        ("Peter Lund built it in 1804.", None),
        ("The smallest wheel was kept.", None),
        ("The mill was not built by Anna Lund.", None),
        ("A bridge of red stone", None),
    ],
)
def test_a_claim_is_tied_to_the_sentence_that_says_it(answer: str, begins: str | None) -> None:
    (claim,) = claims_of(answer, [MILL])
    assert claim.text == answer
    assert claim.is_grounded == (begins is not None)
    assert begins is None or (claim.passage or "").startswith(begins)


@pytest.mark.parametrize(
    ("answer", "is_grounded"),
    [
        ("بنتها آنا لوند سنة 1804", True),
        ("في عام ١٨٧١", True),
        ("انتقل الابنان إلى الشمال", True),
        ("بناها بيتر سنة 1910", False),
    ],
)
def test_a_claim_in_arabic_is_tied_too(answer: str, is_grounded: bool) -> None:
    (claim,) = claims_of(answer, [MILL_AR])
    assert claim.is_grounded == is_grounded


def test_every_sentence_is_a_claim_but_those_that_say_nothing() -> None:
    answer = "Yes. Anna Lund built the mill. It had nine floors. The text does not say why."
    assert [claim.is_grounded for claim in claims_of(answer, [MILL])] == [True, False]


def test_nothing_is_borne_out_by_nothing() -> None:
    assert [claim.passage for claim in claims_of("Anna Lund built it.", [])] == [None]
    assert claims_of("", [MILL]) == ()


@pytest.mark.parametrize(
    ("name", "question", "good", "bad"),
    [
        ("answer_in_evidence", "When did the mill burn down?", "1871", "1910"),
        ("answer_in_evidence", "Who built the mill?", "Anna Lund", "Peter Sand"),
        ("type_match", "Who built the mill?", "Anna Lund", "1804"),
        ("type_match", "When was the mill built?", "In 1804", "a carpenter"),
        ("type_match", "How many sons moved?", "two", "the miller"),
        ("type_match", "Where was the carpenter from?", "Torn", "wood"),
    ],
)
def test_an_answer_that_fits_has_more_of_it(name: str, question: str, good: str, bad: str) -> None:
    assert features(question, good)[name] > features(question, bad)[name]


@pytest.mark.parametrize(
    ("name", "good", "bad", "answer"),
    [
        ("question_covered", "When did the mill burn down?", "When did the school close?", "1871"),
        ("rare_question_covered", "Who built the mill?", "Who painted the mill?", "Anna Lund"),
        ("best_sentence", "Where did the miller's sons move?", "Where did the bells go?", "north"),
    ],
)
def test_a_question_that_the_text_is_about_is_covered_more(
    name: str, good: str, bad: str, answer: str
) -> None:
    assert features(good, answer)[name] > features(bad, answer)[name]


@pytest.mark.parametrize(
    ("name", "question", "answer", "value"),
    [
        ("has_unmatched_entity", "Did Anna Lund build the mill?", "Yes", 0.0),
        ("has_unmatched_entity", "Did Oskar Lund build the mill?", "Yes", 1.0),
        ("has_unmatched_entity", "What burned down in 1871?", "The mill", 0.0),
        ("has_unmatched_entity", "What burned down in 1872?", "The mill", 1.0),
        ("negation_mismatch", "What may visitors not enter?", "the tower", 0.0),
        ("negation_mismatch", "What may visitors enter?", "the tower", 1.0),
        ("negation_mismatch", "What was never built by Anna Lund?", "The mill of Brask", 1.0),
        ("antonym_mismatch", "What happened to the largest wheel?", "It was kept", 0.0),
        ("antonym_mismatch", "What happened to the smallest wheel?", "It was kept", 1.0),
        ("antonym_mismatch", "Which sons moved south?", "the miller's two sons", 1.0),
        ("says_missing", "Who painted it?", "The text does not say.", 1.0),
        ("says_missing", "Who painted it?", "Anna Lund", 0.0),
        ("type_match", "Why did it burn down?", "A lamp", 0.5),
    ],
)
def test_features_tell(name: str, question: str, answer: str, value: float) -> None:
    assert features(question, answer)[name] == value


def test_a_year_that_is_not_told_in_arabic_is_found() -> None:
    assert features("من بنى الطاحونة سنة ١٩٣٠؟", "آنا لوند", MILL_AR)["has_unmatched_entity"] == 1
    assert features("من بنى الطاحونة سنة 1804؟", "آنا لوند", MILL_AR)["has_unmatched_entity"] == 0


@given(st.text(max_size=80), st.text(max_size=80), st.lists(st.text(max_size=120), max_size=3))
def test_every_feature_is_there_and_between_0_and_1(
    question: str, answer: str, evidence: list[str]
) -> None:
    asked = Question(question, TaskKind.GROUNDED, tuple(evidence))
    found = grounding_features(asked, answer)
    assert set(found) == set(FEATURES)
    assert all(0 <= value <= 1 for value in found.values())
    claims_of(answer, evidence)


@given(st.sampled_from(MILL.replace("2", "").split(". ")))
def test_a_sentence_of_the_text_is_borne_out_by_it(sentence: str) -> None:
    assert all(claim.is_grounded for claim in claims_of(sentence, [MILL]))


def test_a_long_text_is_read_in_bounded_time() -> None:
    begun = time.process_time()
    features("Who built the mill of Brask in 1804?", "Anna Lund " * 200, MILL * 2_000)
    claims_of("Anna Lund built it. " * 20, [MILL * 2_000])
    assert time.process_time() - begun < 5
