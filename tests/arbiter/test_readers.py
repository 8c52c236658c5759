import time
from collections.abc import Sequence
from math import expm1, isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.arbiter.readers import MOST_CHARACTERS, READERS, read_all
from jisr.question import Question, TaskKind, question_of
from jisr.types import Message, Role

MOST_MS = 0.5
PASSAGE = (
    "The harbour of the old town was dug out in the year of the great storm. Its keeper, a man"
    " called Idris, counted every boat that came in, and wrote the names into a green book that"
    " still lies in the library."
)


def asked(text: str, *more: str) -> Question:
    """The question of a conversation whose last turn is the last text."""
    return question_of([Message(Role.USER, it) for it in (text, *more)])


def read(name: str, text: str) -> float:
    return read_all(asked(text))[name]


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("What is a bridge?", 0.0),
        ("ما الجسر؟", 1.0),
        ("12 + 30 = ?", 0.0),
        ("ما معنى كلمة abcd", 0.71),
        ("", 0.0),
    ],
)
def test_the_share_of_arabic_is_of_letters_only(text: str, share: float) -> None:
    assert read("arabic", text) == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Mona buys 3 pens and twelve books for 1,250.50 rials.", 3),
        ("اشترت منى ٣ أقلام وعشرين كتابا ونصف كيلو.", 3),
        ("Who built the bridge?", 0),
        ("بالألف", 1),  # with the letters that lean on a word
        ("وحيد في البيت", 0),
    ],
)
def test_figures_are_counted_in_digits_and_words(text: str, count: int) -> None:
    assert expm1(read("figures", text)) == pytest.approx(count)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("It is 12,500.75 far.", 5),
        ("It is 3.14159 wide.", 1),
        ("The years 1999 and 20", 4),
        ("٢٥٠ ريالا", 3),
        ("No number", 0),
        ("9" * 40, 12),
    ],
)
def test_the_longest_number_is_measured_before_the_comma(text: str, digits: int) -> None:
    assert read("largest_figure", text) == digits


@pytest.mark.parametrize(
    ("text", "count"),
    [("A third of 30 % of it", 2), ("ثلث المبلغ ونصفه، أي ٢٠٪", 3), ("All of it", 0)],
)
def test_parts_of_a_whole_are_counted(text: str, count: int) -> None:
    assert expm1(read("parts", text)) == pytest.approx(count)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Where is it?", 1),
        ("She had ten. She gave two away, then found one. How many are left?", 4),
        ("كان عندها عشرة، ثم أعطت اثنين. كم بقي؟", 3),
        ("It costs 3.50 a piece", 1),  # no end of a sentence
    ],
)
def test_steps_are_sentences_and_clauses(text: str, count: int) -> None:
    assert expm1(read("steps", text)) == pytest.approx(count)


@pytest.mark.parametrize("kind", TaskKind)
def test_a_kind_has_a_reader_that_says_yes_to_it_alone(kind: TaskKind) -> None:
    found = read_all(Question("?", kind))

    assert {name: found[name] for name in found if name.startswith("kind_")} == {
        f"kind_{other.value}": float(other is kind) for other in TaskKind
    }


def test_choices_are_counted_and_measured() -> None:
    found = read_all(asked("Which of these flies?\nA. stone\nB. swallow\nC. table"))

    assert found["choices"] == 3
    assert expm1(found["choice_length"]) == pytest.approx((5 + 7 + 5) / 3)
    assert read("choices", "What flies?") == read("choice_length", "What flies?") == 0


@pytest.mark.parametrize(
    ("text", "is_turned"),
    [
        ("Which of these is NOT a metal?", True),
        ("Which doesn't float?", True),
        ("أي مما يلي ليس معدنا؟", True),
        ("Tie a knot.", False),
        ("أي مما يلي معدن؟", False),
    ],
)
def test_a_question_can_be_turned_round(text: str, is_turned: bool) -> None:
    assert read("negation", text) == is_turned


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("What is the capital of Oman?", 0.0, 0.0),
        ("Who taught the painter Lina Varga-Holt at the Kestrel Academy in 1911?", 0.4, 0.8),
        ("Who wrote the song “The lanterns of June”?", 0.3, 0.8),
        ("متى نُشرت رواية «قناديل الميناء القديم» عام 1934؟", 0.4, 0.9),
        ("من كتب الرواية؟", 0.0, 0.0),
        ("", 0.0, 0.0),
    ],
)
def test_what_few_people_ask_has_long_names_titles_and_years(
    text: str, least: float, most: float
) -> None:
    assert least <= read("rarity", text) <= most


@pytest.mark.parametrize(
    ("name", "texts", "others"),
    [
        (
            "fresh",
            [
                "What is the weather like in Muscat?",
                "Who won the match yesterday?",
                "ما سعر الذهب اليوم؟",
                "ما أحدث إصدار من البرنامج؟",
            ],
            ["Who wrote the first dictionary?", "متى بُني السد العالي؟", "What is a day?"],
        ),
        (
            "own_things",
            [
                "When is my next dentist appointment?",
                "What did I promise to Samir?",
                "متى موعدي القادم؟",
                "هل عندي اجتماع غدا؟",
            ],
            ["What is a calendar?", "ما معنى الموعد؟", "My guess is that two is even. Is it?"],
        ),
        (
            "code",
            [
                "Write a Python script that sorts a list.",
                "Why does foo() return None?",
                "What is new in C++?",
                "اكتب دالة تعكس الجملة",
            ],
            ["Write a poem on rivers.", "اكتب قصيدة عن النهر", "Where do pythons live?"],
        ),
    ],
)
def test_yes_and_no(name: str, texts: Sequence[str], others: Sequence[str]) -> None:
    assert [read(name, text) for text in texts] == [1.0] * len(texts)
    assert [read(name, text) for text in others] == [0.0] * len(others)


def test_a_follow_up_is_told_by_its_turns() -> None:
    assert read_all(asked("Hello"))["follow_up"] == 0
    assert read_all(asked("Hello", "And then?"))["follow_up"] > 0


def test_what_is_asked_is_looked_for_in_the_text_that_is_given() -> None:
    there = read_all(asked(f"{PASSAGE}\n\nWho counted the boats in the harbour?"))
    missing = read_all(asked(f"{PASSAGE}\n\nWhich composer rewrote Viennese operas?"))

    assert there["evidence_words"] > 0.9
    assert missing["evidence_words"] == 0
    assert expm1(there["evidence_length"]) == pytest.approx(len(PASSAGE))
    assert read("evidence_length", "Who?") == read("evidence_words", "Who counted?") == 0


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_a_value_is_explained_in_one_line(reader: object) -> None:
    assert reader in READERS
    for value in (0.0, 0.5, 1.0, 3.2):
        line = next(it for it in READERS if it is reader).explain(value)
        assert line
        assert line.isascii()
        assert "\n" not in line


def test_names_are_of_one_reader_each() -> None:
    assert len({reader.name for reader in READERS}) == len(READERS)
    assert list(read_all(asked("Why?"))) == [reader.name for reader in READERS]


@given(st.text(max_size=300), st.sampled_from(TaskKind), st.lists(st.text(), max_size=2))
def test_any_text_has_features_that_are_numbers(
    text: str, kind: TaskKind, evidence: list[str]
) -> None:
    found = read_all(Question(text, kind, tuple(evidence)))

    assert all(isfinite(value) and value >= 0 for value in found.values())


def test_a_long_question_is_read_to_a_point() -> None:
    long = "What? " * MOST_CHARACTERS

    assert read_all(asked(long)) == read_all(asked(long[:MOST_CHARACTERS]))


def test_reading_takes_no_time_to_speak_of() -> None:
    question = asked(
        "A baker sells 30 loaves a day for 2 dollars each, and on Fridays half as many again."
        " How much does he take in a week of 7 days, if he gives 10 loaves away?"
    )
    times = []
    for _ in range(50):
        start = time.perf_counter()
        read_all(question)
        times.append((time.perf_counter() - start) * 1000)

    assert min(times) < MOST_MS
