"""Which questions are not answered from the weights."""

import time

import pytest

from jisr.guard.rules import applies
from jisr.question import Question, TaskKind, question_of
from jisr.types import Message, Role

FRESH = """What's the weather in Oslo?
What is the weather like today?
Will it rain tomorrow in Amman?
What is the price of gold?
How much is bitcoin right now?
What is the stock price of that airline today?
What are the latest news from Cairo?
Who is the current president of France?
Who is the prime minister of Norway?
Who is the CEO of that airline now?
Who won the match last night?
What was the score of the game yesterday?
What time is it?
What day is it today?
Is there traffic on the bridge right now?
What is the exchange rate between the dollar and the dinar?
What is happening in the world today?
What's new in Tunis?
كيف الطقس اليوم في عمّان؟
ما سعر الذهب اليوم؟
ما سعر صرف الدولار؟
ما آخر الأخبار؟
من هو رئيس فرنسا الحالي؟
من فاز في مباراة أمس؟
كم الساعة الآن؟
هل ستمطر غدًا؟"""

OWN = """When is my next appointment?
What is on my calendar tomorrow?
when did Omar write to me
Did Sara reply to me?
What did my brother tell me about the car?
Do I have any meetings on Friday?
How many unread emails do I have
Am I free on Tuesday evening?
Show me my last messages from Lina
What is my sister's phone number?
Do I have any new mail?
Any new emails for me?
Any unread messages?
How much money is in my bank account?
What is my name?
What is my phone number?
How old am I?
هل وصلني بريد جديد؟
كم رسالة غير مقروءة عندي؟
كم رصيدي في البنك؟
ما اسمي؟
When is my wife's birthday?
Where did I park?
How much did I spend on food?
Who called me this morning?
متى موعدي القادم؟
ما مواعيدي غدًا؟
متى كتب لي عمر؟
هل أرسلت لي سارة رسالة؟
ماذا لدي غدًا؟
هل لدي اجتماع يوم الأحد؟
ما رقم هاتف أختي؟
اعرض رسائلي من لينا"""

PERSON = """What is Lina Haddad's phone number?
What is the address of Omar Nasser?
What is the e-mail address of Dr. Anna Lund?
Where does Peter Sand live?
What does Peter Sand do for a living?
When is Lina Haddad's birthday?
How can I reach Peter Sand?
ما رقم هاتف لينا حداد؟
ما عنوان السيد عمر ناصر؟
أين يسكن عمر ناصر؟"""

NONE = """What is a mail server?
How many accounts may a bank hold?
What is a good name for my cat?
Who am I talking to, a person or a program?
ما معنى الرصيد؟
من أنا كومي لاعب أم مدرب؟
What is the current in a circuit?
What does 'today' mean in French?
What does the word now mean?
Write me a poem about today's weather
Write an e-mail to my boss about the meeting
How do I write an e-mail to my boss?
How can I manage my calendar better?
What is a calendar?
Explain how weather forecasts are made
Why does it rain?
What is the average temperature of the sun?
How does a stock exchange work?
What was the price of bread in 1920?
Who was the first president of France?
Who won the battle in 1815?
Who wrote the letter to the king?
What is the phone number of the French embassy?
Who is Marie Curie?
Where was Marie Curie born?
When did Albert Einstein die?
What is the capital of Norway?
Sara sold 3 pens today and 4 yesterday. How many pens did she sell?
The price is now $4 and falls by 50%. What is the price then?
Translate: what is the weather today?
What is my best option against a cold?
Is the sea salty?
What is the strongest ocean current?
Suppose that it rains today. Is the street wet?
What is the atomic number of gold?
Hello, how are you today?
ما معنى كلمة اليوم؟
اكتب قصيدة عن الطقس اليوم
ما هو التيار الكهربائي؟
ما القيم الاجتماعية؟
من كتب هذه الرواية؟
ما عاصمة النرويج؟
كيف يعمل سوق الأسهم؟
ما رقم هاتف سفارة فرنسا؟
من هو أول رئيس لفرنسا؟
أين ولدت ماري كوري؟"""


def asked(text: str) -> Question:
    return question_of([Message(Role.USER, text)])


@pytest.mark.parametrize("text", FRESH.splitlines())
def test_a_question_for_the_state_of_the_world_needs_fresh_facts(text: str) -> None:
    assert applies(asked(text)) == "fresh_facts"


@pytest.mark.parametrize("text", OWN.splitlines())
def test_a_question_about_ones_own_things_is_of_own_data(text: str) -> None:
    assert applies(asked(text)) == "own_data"


@pytest.mark.parametrize("text", PERSON.splitlines())
def test_a_question_for_particulars_of_somebody_is_of_a_person(text: str) -> None:
    assert applies(asked(text)) == "unknown_person"


@pytest.mark.parametrize("text", NONE.splitlines())
def test_a_general_question_is_let_pass(text: str) -> None:
    assert applies(asked(text)) is None


@pytest.mark.parametrize("text", [*FRESH.splitlines(), *OWN.splitlines(), *PERSON.splitlines()])
def test_with_something_to_answer_from_no_rule_applies(text: str) -> None:
    assert applies(Question(text, TaskKind.GROUNDED, ("It was told in a text.",))) is None


@pytest.mark.parametrize("text", ["what " * 4_000, "my " * 200, "A" * 500 + "?", "is the " * 80])
def test_a_long_question_is_read_in_bounded_time(text: str) -> None:
    begun = time.process_time()
    applies(asked(text))
    assert time.process_time() - begun < 0.5
