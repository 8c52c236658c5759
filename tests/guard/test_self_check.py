"""What the model is asked for its view, and how its yes is weighed against its no."""

import numpy as np
import pytest

from jisr.guard.self_check import asked, yes_over_no
from jisr.question import question_of
from jisr.types import Message, Role

TEXT = "The mill at Brask was built in 1804 by a widow, and it ground rye until the war came. " * 3


def said(text: str) -> tuple[Message, ...]:
    return (Message(Role.SYSTEM, "Be brief."), Message(Role.USER, text))


def test_of_a_text_it_is_asked_before_an_answer_whether_it_can_be_answered() -> None:
    messages = said(f"{TEXT}\n\nAnswer from this text alone.\nQuestion: Who built the mill?")

    found = asked(messages, "A widow.", question_of(messages))

    assert found[0] == messages[0]
    assert [it.role for it in found] == [Role.SYSTEM, Role.USER]
    assert found[1].text.startswith(TEXT.strip())
    assert "Question: Who built the mill?\nCan this question be answered" in found[1].text
    assert "A widow." not in found[1].text
    assert "Answer from" not in found[1].text


def test_of_another_question_it_is_asked_behind_its_answer() -> None:
    messages = said("How many legs have three hens?")

    found = asked(messages, "6", question_of(messages))

    assert found[:2] == messages
    assert (found[2].text, found[3].text[:14]) == ("6", "Is that answer")


@pytest.mark.parametrize("text", ["كم ساقا لثلاث دجاجات؟", f"{TEXT}\n\nالسؤال: من بنى المطحنة؟"])
def test_arabic_is_asked_in_arabic(text: str) -> None:
    messages = said(text)

    assert "أجب بنعم أو لا" in asked(messages, "6", question_of(messages))[-1].text


def test_yes_is_weighed_against_no() -> None:
    tokens = {word: at for at, word in enumerate(("Yes", "yes", "نعم", "No", "no", "لا"))}
    logits = np.array([2.0, -9, -9, 0.5, -9, -9], dtype=np.float32)

    assert yes_over_no(logits, tokens.__getitem__) == pytest.approx(1.5, abs=0.01)
