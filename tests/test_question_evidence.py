"""Texts of this turn, of earlier ones and of instructions are found where a question is of them."""

from time import process_time

import pytest

from jisr.question import TaskKind, question_of
from jisr.types import Message, Role

LIBRARY = (
    "The Quay Library in Merrow opened in 1987. It has 12,400 books and was paid for by Arden"
    " Trading, a family firm from Holt. It is closed on Fridays. In 2003 a reading room for"
    " children was added on the upper floor."
)
LIBRARY_AR = (
    "افتتحت مكتبة الميناء في صور سنة 1987، وفيها اثنا عشر ألف كتاب، ودفعت تكاليفها شركة عائلية من"
    " مطرح. وهي مغلقة يوم الجمعة، وفي سنة 2003 أضيفت إليها قاعة قراءة للأطفال في الطابق العلوي."
)
SHORT = "The Quay Library in Merrow opened in 1987. It has 12,400 books."


def thread(*texts: str, system: str = "") -> list[Message]:
    """Return a conversation in which the user begins, and speaks last."""
    roles = (Role.USER, Role.ASSISTANT)
    said = [Message(roles[at % 2], text) for at, text in enumerate(texts)]
    return [Message(Role.SYSTEM, system), *said] if system else said


@pytest.mark.parametrize(
    ("first", "asked"),
    [
        (f"{LIBRARY}\n\nWhen did it open?", "And who designed it?"),
        (f"{LIBRARY}\n\nWhen did it open?", "How many people work there?"),
        (LIBRARY, "Who designed it?"),
        (LIBRARY, "On which day is the library closed?"),
        (f"{LIBRARY_AR}\n\nمتى افتتحت المكتبة؟", "ومن صممها؟"),
        (LIBRARY_AR, "متى أضيفت قاعة الأطفال؟"),
    ],
)
def test_a_text_of_an_earlier_turn_is_asked_about_again(first: str, asked: str) -> None:
    question = question_of(thread(first, "1987", asked))

    assert question.kind is TaskKind.GROUNDED
    assert question.evidence[0] in (LIBRARY, LIBRARY_AR)
    assert question.text == asked


@pytest.mark.parametrize(
    "asked",
    ["What is the capital of France?", "How many moons are there around Mars?", "ما عاصمة فرنسا؟"],
)
def test_a_question_of_its_own_is_not_of_an_earlier_text(asked: str) -> None:
    question = question_of(thread(f"{LIBRARY}\n\nWhen did it open?", "1987", asked))

    assert question.evidence == ()
    assert question.kind is TaskKind.SHORT


@pytest.mark.parametrize(
    ("system", "asked", "is_found"),
    [
        (LIBRARY, "On which day is the library closed?", True),
        (LIBRARY, "What is the capital of France?", False),
        ("You are a kind helper. " * 20, "Who designed it?", False),
    ],
)
def test_a_text_in_the_instructions_counts_where_the_question_is_of_it(
    system: str, asked: str, *, is_found: bool
) -> None:
    assert bool(question_of(thread(asked, system=system)).evidence) is is_found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"{SHORT}\n\nWhen did the library open?", TaskKind.GROUNDED),
        ("افتتحت مكتبة الميناء في صور سنة 1987.\n\nمتى افتتحت المكتبة؟", TaskKind.GROUNDED),
        ("I make a quiz about Oman.\n\nWhat is the capital of Oman?", TaskKind.SHORT),
        ("I have 3 boxes of 4 pens.\n\nHow many pens do I have?", TaskKind.NUMBER),
    ],
)
def test_a_short_text_counts_where_most_of_the_question_stands_in_it(
    text: str, kind: TaskKind
) -> None:
    assert question_of(thread(text)).kind is kind


def test_what_one_said_of_ones_own_things_is_asked_again() -> None:
    mail = "My mail today: the meeting with Huda is on Tuesday at 10."

    assert question_of(thread(mail, "Thanks.", "When is my meeting with Huda?")).evidence == (mail,)
    assert question_of(thread(mail, "Thanks.", "Who is Huda?")).evidence == ()


@pytest.mark.parametrize(
    "asked", ["And its mayor?", "Who designed it?", "ومن صممها؟", "How old is she?"]
)
def test_what_refers_back_to_no_text_is_of_no_kind(asked: str) -> None:
    question = question_of(thread("What is the capital of France?", "Paris", asked))

    assert (question.kind, question.evidence) == (TaskKind.OTHER, ())


def test_a_long_conversation_is_read_in_little_time() -> None:
    start = process_time()

    question_of(thread(*[f"{LIBRARY} {'word ' * 2000}"] * 41))

    assert process_time() - start < 1
