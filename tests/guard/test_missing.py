"""Answers that say they have none."""

import pytest

from jisr.guard.missing import is_missing, is_weak

MISSING = """The text does not say.
The passage doesn't mention who built it.
It is not mentioned in the text.
That is not stated in the passage.
Not in the text.
The given text does not provide this information.
There is no information about the roof in the passage.
There is not enough information to answer.
The answer cannot be found in the text.
This can't be answered from the given context.
Unanswerable
Not stated.
The document gives no date.
The context does not specify when it was built.
لا يذكر النص ذلك.
النص لا يذكر من بناها.
هذا غير مذكور في النص.
لا توجد معلومات كافية للإجابة.
لم يُذكر
الإجابة ليست موجودة في النص."""

WEAK = """I don't know.
I do not know the answer.
I'm not sure.
I am unable to answer that.
Sorry, I can't help with that.
As an AI language model, I cannot access the news.
I don't have access to real-time information.
I have no idea.
Unknown
لا أعرف.
لست متأكدًا.
ليس لدي معلومات عن ذلك.
لا أستطيع الإجابة عن هذا السؤال.
عذرًا، لا يمكنني مساعدتك."""

ANSWERS = """Anna Lund
Paris is the capital.
The text says that Anna Lund built it in 1804.
He did not move north.
The mill was not mentioned until 1804.
Nobody may enter the tower.
I think it was Anna Lund.
He knows the answer.
You cannot divide by zero.
آنا لوند
لم ينتقل إلى الشمال.
لا"""


@pytest.mark.parametrize("text", MISSING.splitlines())
def test_an_answer_that_the_text_does_not_tell_is_one(text: str) -> None:
    assert is_missing(text)


@pytest.mark.parametrize("text", WEAK.splitlines())
def test_an_answer_that_does_not_know_is_weak(text: str) -> None:
    assert is_weak(text)


@pytest.mark.parametrize("text", ANSWERS.splitlines())
def test_an_answer_that_tells_something_is_neither(text: str) -> None:
    assert not is_missing(text)
    assert not is_weak(text)


def test_a_long_answer_or_one_that_turns_is_an_answer() -> None:
    assert not is_weak("I'm not sure, but I think that the capital of Norway is Oslo.")
    assert not is_missing("The text does not say it outright. " + "It tells of a mill. " * 40)
