"""Words that are written once are known to who places a question and to who guards it."""

import pytest

from jisr import question_words
from jisr.arbiter.readers import read_all
from jisr.guard.freshness import needs_fresh_facts
from jisr.guard.own_things import is_about_own_things
from jisr.question import question_of
from jisr.types import Message, Role

LISTS = [name for name in vars(question_words) if name.isupper()]
OF_PERSON = [
    "When is my next appointment?",
    "Do I have flights booked, and when is my meeting?",
    "What is my sister's phone number?",
    "What is in my inbox?",
    "متى موعدي القادم؟",
    "ما رقم هاتف أختي؟",
    "هل وصلت رسائلي؟",
]
OF_THESE_DAYS = [
    "How is the weather in the valley today?",
    "Is the traffic bad right now?",
    "What is the news this morning?",
    "ما أخبار اليوم؟",
    "كيف الطقس الآن؟",
    "ما سعر الذهب غدًا؟",
]
OF_NEITHER = ["Which metal melts in a warm hand?", "ما أطول نهر في أفريقيا؟"]


@pytest.mark.parametrize("text", OF_PERSON + OF_THESE_DAYS + OF_NEITHER)
def test_arbiter_and_guard_see_the_same_things(text: str) -> None:
    question = question_of([Message(Role.USER, text)])
    features = read_all(question)

    assert bool(features["own_things"]) is is_about_own_things(question) is (text in OF_PERSON)
    assert bool(features["fresh"]) is needs_fresh_facts(question) is (text in OF_THESE_DAYS)


@pytest.mark.parametrize("name", LISTS)
def test_no_word_stands_twice_in_a_list(name: str) -> None:
    words = getattr(question_words, name).split("|")

    assert len(set(words)) == len(words)
    assert all(word.strip() == word and word for word in words)
