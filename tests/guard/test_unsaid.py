"""Questions that refer to what was not said."""

import pytest

from jisr.guard.unsaid import asks_back
from jisr.question import Question, TaskKind

UNSAID = """What about it?
And the second one?
how about that
Why?
And?
When was it?
Who is he?
the other one?
And then?
وماذا عنه؟
ماذا عنها؟
والثاني؟
لماذا؟
متى كان ذلك؟
Which one is better?
Which is correct?
And him?
أيهما أفضل؟
وهو؟"""

SAID = """Which is better, tea or coffee?
What about the mill of Brask?
Hello
Thanks
Is it raining in Oslo?
What is it called when a king gives up his crown?
Who is Anna Lund?
Why is the sky blue?
How are you?
What is the second law of motion?
First, tell me a story
And the winner is who in the old tale?
ما عاصمة النرويج؟
مرحبًا
لماذا السماء زرقاء؟"""


def asked(text: str, num_turns: int = 1, evidence: tuple[str, ...] = ()) -> Question:
    return Question(text, TaskKind.OTHER, evidence, num_turns=num_turns)


@pytest.mark.parametrize("text", UNSAID.splitlines())
def test_it_is_asked_back_in_a_first_turn(text: str) -> None:
    assert asks_back(asked(text)) == "too_short"


@pytest.mark.parametrize("text", UNSAID.splitlines())
def test_it_is_not_asked_back_where_it_may_have_been_said(text: str) -> None:
    assert asks_back(asked(text, num_turns=2)) is None
    assert asks_back(asked(text, evidence=("It was told.",))) is None


@pytest.mark.parametrize(
    "text", ["When is the meeting?", "متى الاجتماع؟", "Where is that meeting?"]
)
def test_which_one_is_meant_is_asked(text: str) -> None:
    assert asks_back(asked(text)) == "which_one"


@pytest.mark.parametrize("text", [*SAID.splitlines(), ""])
def test_a_question_that_says_what_it_is_about_is_not_asked_back(text: str) -> None:
    assert asks_back(asked(text)) is None
