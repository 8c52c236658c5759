"""What is asked, told from texts of each kind in both languages."""

from time import process_time

import pytest

from jisr.question import Question, TaskKind, question_of
from jisr.types import Message, Role

PASSAGE = (
    "The lighthouse of Ras Marn was built in 1871 by two brothers from the village below it. "
    "It burned oil for forty years, until a storm broke the lamp, and the keepers hung lanterns "
    "in the windows instead."
)
PASSAGE_AR = (
    "بُنيت منارة رأس مرن سنة 1871 على يد أخوين من القرية التي تقع أسفلها. وظلت تحرق الزيت أربعين "
    "عامًا حتى كسرت عاصفة مصباحها، فعلّق الحراس الفوانيس في النوافذ بدلًا منه. ثم أُعيد بناؤها بعد "
    "الحرب بسنوات قليلة."
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Sara has 3 boxes with 4 pens each. How many pens does she have?", TaskKind.NUMBER),
        ("A hen lays two eggs a day. How many eggs does she lay in half a week?", TaskKind.NUMBER),
        ("What is 17 * 23?", TaskKind.NUMBER),
        ("لدى سارة 3 صناديق في كل منها 4 أقلام. كم قلمًا لديها؟", TaskKind.NUMBER),
        ("Which is a metal?\nA. wood\nB. iron\nC. water", TaskKind.CHOICE),
        ("أي مما يلي معدن؟\nA. الخشب\nB. الحديد", TaskKind.CHOICE),
        ("أي مما يلي معدن؟\nأ. الخشب\nب. الحديد", TaskKind.CHOICE),
        ("Who painted the ceiling of the old mill in Brask?", TaskKind.SHORT),
        ("In which year did the museum open?", TaskKind.SHORT),
        ("In 2012, who won the regatta?", TaskKind.SHORT),
        ("من رسم سقف الطاحونة القديمة؟", TaskKind.SHORT),
        (f"{PASSAGE}\n\nWho built the lighthouse?", TaskKind.GROUNDED),
        (f"{PASSAGE}\n\nAnswer from the text.\nQuestion: who built it", TaskKind.GROUNDED),
        (f"{PASSAGE_AR}\n\nمن بنى المنارة؟", TaskKind.GROUNDED),
        ("Write a poem about rain", TaskKind.OTHER),
        ("Hello there", TaskKind.OTHER),
        ("What is a bridge for?", TaskKind.OTHER),
        ("In one sentence: what is a bridge for?", TaskKind.OTHER),
        ("What is an atom?", TaskKind.OTHER),
        ("Why is the sky blue?", TaskKind.OTHER),
        ("How does a bridge carry weight?", TaskKind.OTHER),
        ("لماذا السماء زرقاء؟", TaskKind.OTHER),
        ("What is the capital of Oman?", TaskKind.SHORT),
        ("ما عاصمة عمان؟", TaskKind.SHORT),
        (f"{PASSAGE}\n\nSummarise this.", TaskKind.OTHER),
        ("", TaskKind.OTHER),
    ],
)
def test_the_kind_of_a_question_is_told(text: str, kind: TaskKind) -> None:
    assert question_of([Message(Role.USER, text)]).kind is kind


def test_what_is_given_and_what_is_asked_are_told_apart() -> None:
    question = question_of([Message(Role.USER, f"{PASSAGE}\n\nWho built it?")])
    assert question.evidence == (PASSAGE,)
    assert question.text == "Who built it?"


def test_what_a_tool_gave_back_is_evidence() -> None:
    asked = Message(Role.USER, "When is the dentist?")
    given = Message(Role.TOOL, "Dentist, Tuesday at ten", call_id="1")
    question = question_of([asked, given])
    assert question.evidence == ("Dentist, Tuesday at ten",)
    assert question.kind is TaskKind.GROUNDED


def test_the_last_that_was_said_counts() -> None:
    said = ["Which is a metal?\nA. wood\nB. iron", "Who says so?"]
    question = question_of([Message(Role.USER, text) for text in said])
    assert (question.kind, question.num_turns) == (TaskKind.SHORT, 2)


def test_answers_to_choose_from_are_read() -> None:
    question = question_of([Message(Role.USER, "Which?\n(a) wood\n(b) iron")])
    assert question.choices == (("A", "wood"), ("B", "iron"))


def test_the_language_is_that_of_the_question() -> None:
    assert question_of([Message(Role.USER, "من بنى المنارة؟")]).language == "ar"
    assert question_of([Message(Role.USER, "Who built منارة?")]).language == "en"


def test_of_nothing_nothing_is_asked() -> None:
    assert question_of([]).text == ""


def test_a_text_of_several_paragraphs_is_given_whole() -> None:
    text = f"{PASSAGE}\n\nThe brothers were called Ilse and Otto Brandt.\n\nWho built it?"

    question = question_of([Message(Role.USER, text)])

    assert question.text == "Who built it?"
    assert "Otto Brandt" in question.evidence[0]


def test_what_was_told_before_is_background() -> None:
    before = Message(Role.USER, f"My calendar: {PASSAGE}")
    asked = Message(Role.USER, "When is my meeting with Ali?")

    assert question_of([before, asked]).has_background
    assert question_of([Message(Role.SYSTEM, PASSAGE), asked]).has_background
    assert not question_of([Message(Role.SYSTEM, "Be brief."), asked]).has_background
    assert not question_of([asked]).has_background


@pytest.mark.parametrize(
    ("asked", "is_background"),
    [
        ("Do I have any new mail?", False),
        ("Which storm was it?", True),
        ("Did they rebuild?", True),
    ],
)
def test_what_the_model_said_is_background_of_what_is_about_it(
    asked: str, *, is_background: bool
) -> None:
    before = [Message(Role.USER, "Tell me a tale."), Message(Role.ASSISTANT, PASSAGE)]

    assert question_of([*before, Message(Role.USER, asked)]).has_background is is_background


def test_many_paragraphs_are_taken_apart_in_little_time() -> None:
    start = process_time()
    question_of([Message(Role.USER, "a word\n\n" * 200_000)])

    assert process_time() - start < 2


@pytest.mark.parametrize(
    ("asked", "bare", "is_arabic"),
    [
        ("Answer briefly.\nQuestion: Who built it?", "Who built it?", False),
        ("Answer from this text alone.\nQuestion: من بنى المطحنة؟", "من بنى المطحنة؟", True),
        ("أجب باختصار.\nالسؤال: من بنى المطحنة؟", "من بنى المطحنة؟", True),
        ("Who built it?", "Who built it?", False),
        ("Question:", "Question:", False),
    ],
)
def test_what_is_asked_stands_behind_its_mark(asked: str, bare: str, *, is_arabic: bool) -> None:
    question = Question(asked, TaskKind.GROUNDED)

    assert (question.bare, question.is_arabic) == (bare, is_arabic)
